import { enumeration, named, structure } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const VersioningConfiguration = structure({
  MFADelete: named('MfaDelete', enumeration(['Enabled', 'Disabled'])),
  Status: enumeration(['Enabled', 'Suspended']),
})

/**
 * Whether objects have versions. Once it was said there is no way back to a bucket where nobody said it. MFA Delete is for root
 * users with a device, of which there are none here: it stays off, and saying so changes nothing (evidence: s3-versioning).
 */
export const BucketVersioning = bucketConfiguration({
  name: 'versioning',
  subresource: 'versioning',
  root: 'VersioningConfiguration',
  shape: VersioningConfiguration,
  get: { name: 'GetBucketVersioning', action: 's3:GetBucketVersioning' },
  put: {
    name: 'PutBucketVersioning',
    action: 's3:PutBucketVersioning',
    headers: ['x-amz-mfa'],
    differs: 'x-amz-mfa answers 501 NotImplemented: nobody has a device',
  },
  absent: ({ versioning }) => ({ Status: versioning }),
  check({ Status, MFADelete }, { request }) {
    if (Status === undefined) throw s3Errors.IllegalVersioningConfigurationException()
    if (MFADelete === 'Enabled') throw s3Errors.AccessDenied('Mfa Authentication must be used for this request')
    if (Status === 'Suspended' && request.bucket.objectLock) {
      throw s3Errors.InvalidBucketState(
        'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.',
      )
    }
    if (Status === 'Suspended' && request.bucket.replicates) {
      throw s3Errors.InvalidBucketState(
        'A replication configuration is present on this bucket, so you cannot change the versioning state. ' +
          'To change the versioning state, first delete the replication configuration.',
      )
    }
    return { Status }
  },
  effect: (bucket, value) => ({ ...bucket, versioning: value?.Status ?? bucket.versioning }),
})
