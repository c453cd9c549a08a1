import { isPublic as isPublicPolicy } from '../bucket-policy/public-policy.ts'
import { checkBucketPolicy } from '../bucket-policy/validation.ts'
import { findBucketPolicy } from '../configurations/bucket-policy.ts'
import { blockOf } from '../configurations/public-access-block.ts'
import type { S3Services } from '../operation.ts'
import { isPublic as isPublicGrant } from '../records/acl.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { bucketAclInForce } from './acl-in-force.ts'

/**
 * Whether a bucket lets everybody in, by its policy or by its ACL, after what the public access block takes away ("The meaning of
 * public" in the User Guide).
 */
export function isPublicBucket(services: Pick<S3Services, 'configurations'>, bucket: BucketRecord): boolean {
  if (bucketAclInForce(services, bucket).grants.some(isPublicGrant)) return true
  const policy = findBucketPolicy(services, bucket)
  if (policy === undefined || blockOf(services, bucket).RestrictPublicBuckets) return false
  return isPublicPolicy(checkBucketPolicy(policy, bucket.name).policy)
}
