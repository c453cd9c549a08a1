import { canonicalUserId } from '../../aws/caller.ts'
import { BucketAcl } from '../configurations/bucket-acl.ts'
import { blockOf } from '../configurations/public-access-block.ts'
import { ownerIn } from '../objects/ownership.ts'
import type { S3Services } from '../operation.ts'
import { type Acl, isPublic } from '../records/acl.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ObjectRecord } from '../records/object-record.ts'
import { privateAcl } from './acl-grants.ts'

/*
 * The ACL that counts, and that is shown:
 *
 *   kept, or private ─▶ BucketOwnerEnforced: the bucket's owner alone ─▶ IgnorePublicAcls: without grants to everybody
 *
 * What is kept stays as it was, and counts again when the setting goes.
 */

type Services = Pick<S3Services, 'configurations'>

/** An ACL and the account that it is of. */
export interface AclInForce {
  ownerAccountId: string
  /** Of that account. */
  owner: string
  grants: Acl
  /** As it is kept: with the grants that IgnorePublicAcls takes out. */
  kept: Acl
}

export function bucketAclInForce(services: Services, bucket: BucketRecord): AclInForce {
  return inForce(services, bucket, bucket.ownerAccountId, BucketAcl.find(services, bucket.name))
}

export function objectAclInForce(
  services: Services,
  bucket: BucketRecord,
  { ownerAccountId, acl }: Pick<ObjectRecord, 'ownerAccountId' | 'acl'>,
): AclInForce {
  return inForce(services, bucket, ownerIn(bucket, ownerAccountId), acl)
}

function inForce(services: Services, bucket: BucketRecord, ownerAccountId: string, kept: Acl | undefined): AclInForce {
  const owner = canonicalUserId(ownerAccountId)
  if (kept === undefined || bucket.objectOwnership === 'BucketOwnerEnforced') {
    const grants = privateAcl(owner)
    return { ownerAccountId, owner, grants, kept: grants }
  }
  const ignoresPublic = kept.some(isPublic) && blockOf(services, bucket).IgnorePublicAcls
  return { ownerAccountId, owner, grants: ignoresPublic ? kept.filter((grant) => !isPublic(grant)) : kept, kept }
}
