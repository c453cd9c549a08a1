import { enumeration, flattened, required, structure } from '../documents/xml-shapes.ts'
import { notImplementedValue, s3Errors } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

/** Who owns the objects, and whether ACLs are on. A bucket without controls is as one of ObjectWriter (AWS, before April 2023). */
const OwnershipControlsRule = structure({
  ObjectOwnership: required(enumeration(['BucketOwnerPreferred', 'ObjectWriter', 'BucketOwnerEnforced'])),
})

export const OwnershipControls = structure({ Rules: required(flattened('Rule', OwnershipControlsRule)) })

export const BucketOwnershipControls = bucketConfiguration({
  name: 'ownershipControls',
  subresource: 'ownershipControls',
  root: 'OwnershipControls',
  shape: OwnershipControls,
  get: { name: 'GetBucketOwnershipControls', action: 's3:GetBucketOwnershipControls' },
  put: {
    name: 'PutBucketOwnershipControls',
    action: 's3:PutBucketOwnershipControls',
    differs: 'another ownership than the bucket has answers 501 NotImplemented',
  },
  absent({ name }) {
    throw s3Errors.OwnershipControlsNotFoundError(name)
  },
  effect: (bucket, value) => ({ ...bucket, objectOwnership: value?.Rules[0]?.ObjectOwnership ?? 'ObjectWriter' }),
  check(controls, { request }) {
    const [rule, another] = controls.Rules
    if (!rule || another) throw s3Errors.MalformedXML()
    const { ObjectOwnership } = rule
    if (ObjectOwnership !== request.bucket.objectOwnership) {
      throw notImplementedValue('OwnershipControls', 'ObjectOwnership', ObjectOwnership)
    }
    return controls
  },
})
