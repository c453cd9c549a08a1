import { document, structure } from '../documents/xml-shapes.ts'
import { notImplementedElement } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const BucketLoggingStatus = structure({ LoggingEnabled: document() })

/** Where access logs go. There is no Delete: an empty document switches them off. */
export const BucketLogging = bucketConfiguration({
  name: 'logging',
  subresource: 'logging',
  root: 'BucketLoggingStatus',
  shape: BucketLoggingStatus,
  get: { name: 'GetBucketLogging', action: 's3:GetBucketLogging' },
  put: {
    name: 'PutBucketLogging',
    action: 's3:PutBucketLogging',
    differs: 'LoggingEnabled answers 501 NotImplemented',
  },
  absent: () => ({}),
  check({ LoggingEnabled }) {
    if (LoggingEnabled !== undefined) throw notImplementedElement('BucketLoggingStatus', 'LoggingEnabled')
    return undefined
  },
})
