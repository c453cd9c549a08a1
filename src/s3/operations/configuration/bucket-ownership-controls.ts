import { s3Errors } from '../../errors.ts'
import type { S3Operation } from '../../operation.ts'

export const GetBucketOwnershipControls: S3Operation = {
  name: 'GetBucketOwnershipControls',
  route: 'GET /{Bucket}?ownershipControls',
  trail: { readOnly: true },
  async handle({ buckets, settings }, { bucket }) {
    const { objectOwnership } = buckets.get(bucket)
    const isUnset = objectOwnership === 'ObjectWriter' && settings.bucketDefaults === 'classic'
    if (isUnset) throw s3Errors.OwnershipControlsNotFoundError(bucket)
    return { xml: { root: 'OwnershipControls', content: { Rule: { ObjectOwnership: objectOwnership } } } }
  },
}
