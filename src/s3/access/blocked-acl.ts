import type { Caller } from '../../aws/caller.ts'
import { blockOf } from '../configurations/public-access-block.ts'
import { s3Errors } from '../errors.ts'
import type { BucketRequest, Need, S3Services } from '../operation.ts'
import { type Acl, isPublic } from '../records/acl.ts'

/**
 * Refuses a public ACL where BlockPublicAcls is on: "Blocking public access to your Amazon S3 storage" in the User Guide.
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
  const { caller } = authentication
  // Other accounts are told nothing of the reason.
  if (caller.accountId !== bucket.ownerAccountId) throw s3Errors.AccessDenied()
  throw s3Errors.AccessDenied(sentence(caller, need))
}

function sentence({ arn }: Caller, { action, resource }: Need): string {
  return (
    `User: ${arn} is not authorized to perform: ${action} on resource: "${resource}" because public ACLs are prevented by ` +
    'the BlockPublicAcls setting in S3 Block Public Access.'
  )
}
