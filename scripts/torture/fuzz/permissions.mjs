import { mutateText } from './mutations.mjs'
import { requestOf } from './s3.mjs'

/*
 * A bucket whose rules change all the time (policy, ACLs, ownership, public access block), and callers who depend on them: a user, a
 * role's session, the account itself.
 */

const rules = [
  'PutBucketPolicy',
  'PutBucketPolicy',
  'DeleteBucketPolicy',
  'GetBucketPolicy',
  'GetBucketPolicyStatus',
  'PutBucketAcl',
  'PutBucketAcl',
  'GetBucketAcl',
  'PutObjectAcl',
  'PutObjectAcl',
  'GetObjectAcl',
  'PutBucketOwnershipControls',
  'GetBucketOwnershipControls',
  'DeleteBucketOwnershipControls',
  'PutPublicAccessBlock',
  'GetPublicAccessBlock',
  'DeletePublicAccessBlock',
  'PutBucketRequestPayment',
]
const uses = [
  'GetObject',
  'PutObject',
  'HeadObject',
  'CopyObject',
  'DeleteObject',
  'DeleteObjects',
  'ListObjectsV2',
  'ListObjects',
  'ListObjectVersions',
  'GetObjectAttributes',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'GetObjectTagging',
  'PutObjectTagging',
]

export function permissionRequest(chance, world) {
  const isRule = chance.oneIn(3)
  const ruled = { ...world, bucket: chance.oneIn(30) ? mutateText(chance, world.ruledBucket) : world.ruledBucket }
  const signer = isRule && !chance.oneIn(3) ? undefined : chance.pick(world.signers)
  return requestOf(chance, ruled, chance.pick(isRule ? rules : uses), signer)
}
