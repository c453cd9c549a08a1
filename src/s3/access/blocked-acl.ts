import { accessDenied } from '../access-denied.ts'
import { blockOf } from '../configurations/public-access-block.ts'
import type { BucketRequest, Need, S3Services } from '../operation.ts'
import { type Acl, allUsers, authenticatedUsers, isPublic } from '../records/acl.ts'
import type { BucketRecord } from '../records/buckets.ts'

type Services = Pick<S3Services, 'configurations'>

/** Why a public ACL is refused, in AWS's words (evidence: s3-block-public-acls). */
export const blockedBecause =
  'because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.'

/** Whether a bucket has ACLs and takes no public ones. */
export function isBlocked(services: Services, bucket: BucketRecord): boolean {
  return bucket.objectOwnership !== 'BucketOwnerEnforced' && blockOf(services, bucket).BlockPublicAcls === true
}

const publicCanned = new Set(['public-read', 'public-read-write', 'authenticated-read'])

/** Whether headers ask for an ACL that lets in everybody; whether they ask for one at all is read where it is put. */
export function asksForPublicAcl(headers: Readonly<Record<string, string>>): boolean {
  if (publicCanned.has(headers['x-amz-acl'] ?? '')) return true
  const grants = Object.keys(headers).filter((name) => name.startsWith('x-amz-grant-'))
  return grants.some((name) => [allUsers, authenticatedUsers].some((group) => headers[name]?.includes(group)))
}

/**
 * Refuses a public ACL where BlockPublicAcls is on.
 * @param need the permission that the refusal names
 * @throws AwsError AccessDenied
 */
export function refuseBlockedAcl(
  services: Services,
  { bucket, authentication }: Pick<BucketRequest, 'bucket' | 'authentication'>,
  grants: Acl,
  need: Need,
): void {
  if (!grants.some(isPublic) || !isBlocked(services, bucket)) return
  throw accessDenied(authentication.caller, bucket.ownerAccountId, need, blockedBecause)
}
