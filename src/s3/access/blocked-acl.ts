import { accessDenied } from '../access-denied.ts'
import { blockOf } from '../configurations/public-access-block.ts'
import type { BucketRequest, Need, S3Services } from '../operation.ts'
import { type Acl, isPublic } from '../records/acl.ts'

/**
 * Refuses a public ACL where BlockPublicAcls is on (evidence: s3-block-public-acls).
 * @param need the permission that the refusal names
 * @throws AwsError AccessDenied
 */
export function refuseBlockedAcl(
  services: Pick<S3Services, 'configurations'>,
  { bucket, authentication }: Pick<BucketRequest, 'bucket' | 'authentication'>,
  grants: Acl,
  need: Need,
): void {
  if (!grants.some(isPublic) || !blockOf(services, bucket.name).BlockPublicAcls) return
  const reason = 'because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.'
  throw accessDenied(authentication.caller, bucket.ownerAccountId, need, reason)
}
