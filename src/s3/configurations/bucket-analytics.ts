import { enumeration, required, string, structure } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { ConfigurationFilter, checkFilter } from './configuration-filter.ts'
import { isBucketArn } from './destination-bucket.ts'
import { checkIdByName, identifiedConfiguration } from './identified-configuration.ts'

const S3BucketDestination = structure({
  Format: required(enumeration(['CSV'])),
  BucketAccountId: string(),
  Bucket: required(string()),
  Prefix: string(),
})

const DataExport = structure({
  OutputSchemaVersion: required(enumeration(['V_1'])),
  Destination: required(structure({ S3BucketDestination: required(S3BucketDestination) })),
})

export const AnalyticsConfiguration = structure({
  Id: required(string()),
  Filter: ConfigurationFilter,
  StorageClassAnalysis: required(structure({ DataExport })),
})

/** Storage class analysis: kept and told, but nothing here is analysed. */
export const BucketAnalytics = identifiedConfiguration({
  subresource: 'analytics',
  root: 'AnalyticsConfiguration',
  shape: AnalyticsConfiguration,
  get: { name: 'GetBucketAnalyticsConfiguration', action: 's3:GetAnalyticsConfiguration' },
  put: {
    name: 'PutBucketAnalyticsConfiguration',
    action: 's3:PutAnalyticsConfiguration',
    differs: 'no analysis is made or exported',
  },
  delete: { name: 'DeleteBucketAnalyticsConfiguration', action: 's3:PutAnalyticsConfiguration' },
  list: {
    name: 'ListBucketAnalyticsConfigurations',
    action: 's3:GetAnalyticsConfiguration',
    root: 'ListBucketAnalyticsConfigurationsResult',
  },
  checkId: checkIdByName,
  check(value) {
    const { Filter, StorageClassAnalysis } = value
    checkFilter(Filter, s3Errors.InvalidAnd)
    if (Filter?.Prefix === '') throw s3Errors.InvalidPrefix()
    const destination = StorageClassAnalysis.DataExport?.Destination.S3BucketDestination
    if (destination && !isBucketArn(destination.Bucket)) throw s3Errors.InvalidDestination()
    return value
  },
})
