import { canonicalUserId } from '../../aws/caller.ts'
import { enumeration, flattened, required, structure } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { isToOwner } from '../records/acl.ts'
import { BucketAcl } from './bucket-acl.ts'
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
  put: { name: 'PutBucketOwnershipControls', action: 's3:PutBucketOwnershipControls' },
  delete: { name: 'DeleteBucketOwnershipControls', action: 's3:PutBucketOwnershipControls' },
  absent({ name }) {
    throw s3Errors.OwnershipControlsNotFoundError(name)
  },
  effect: (bucket, value) => ({ ...bucket, objectOwnership: value?.Rules[0]?.ObjectOwnership ?? 'ObjectWriter' }),
  weighs: ({ Rules: [rule] }) => ({ values: { 's3:x-amz-object-ownership': rule?.ObjectOwnership } }),
  check(controls, { services, request: { bucket } }) {
    const [rule, another] = controls.Rules
    if (!rule || another) throw s3Errors.MalformedXML()
    const owner = canonicalUserId(bucket.ownerAccountId)
    const grantsToOthers = BucketAcl.find(services, bucket.name)?.some((grant) => !isToOwner(grant, owner))
    if (rule.ObjectOwnership === 'BucketOwnerEnforced' && grantsToOthers) {
      throw s3Errors.InvalidBucketAclWithObjectOwnership()
    }
    return controls
  },
})
