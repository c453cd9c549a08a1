import { s3Errors } from '../../errors.ts'
import type { BucketOperation } from '../../operation.ts'

export const GetBucketOwnershipControls: BucketOperation = {
  name: 'GetBucketOwnershipControls',
  level: 'bucket',
  route: 'GET /{Bucket}?ownershipControls',
  trail: { readOnly: true },
  async handle({ settings }, { bucket: { name, objectOwnership } }) {
    const isUnset = objectOwnership === 'ObjectWriter' && settings.bucketDefaults === 'classic'
    if (isUnset) throw s3Errors.OwnershipControlsNotFoundError(name)
    return { xml: { root: 'OwnershipControls', content: { Rule: { ObjectOwnership: objectOwnership } } } }
  },
}
