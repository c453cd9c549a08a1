import type { Caller } from '../../aws/caller.ts'
import { ownerIn } from '../objects/ownership.ts'
import type { Need, S3Services, WeighedRequest } from '../operation.ts'
import { allUsers, authenticatedUsers, type Grant } from '../records/acl.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type AclPermission, grantFor, permissionFor } from './acl-grants.ts'
import { type AclInForce, bucketAclInForce, objectAclInForce } from './acl-in-force.ts'
import type { AskedOfAcl } from './told-ruling.ts'
import { keyOf, weighedObject } from './weighed-object.ts'

/*
 * What the ACL of what is touched says to a need, as one voice among those of policies (`decision.ts`):
 *
 *   s3:ListBucket …   a grant of the bucket's ACL
 *   s3:PutObject      a grant of the bucket's ACL, but not over what another account owns
 *   s3:GetObject …    a grant of the object's ACL; it alone counts where the object is not the bucket owner's
 *   a key that is missing has no ACL: who may list the bucket is let through, to be told
 *
 * Evidence: s3-acl-actions, s3-foreign-objects.
 */

type Stores = Pick<S3Services, 'configurations' | 'objects'>

export interface AclVoice {
  /** What allows it, half a sentence; undefined: nothing does. */
  invitation: string | undefined
  /** Whether everybody, or all with an account, are invited: then callers of the bucket's account need no policy of their own. */
  isToGroup: boolean
  /** Whether the object is another account's than the bucket: then no policy of the bucket allows anything with it. */
  isForeign: boolean
  /** The ACL that was asked, for who asks why. */
  asked?: AskedOfAcl
}

/** What is asked for. */
interface Question {
  request: WeighedRequest
  need: Need
  bucket: BucketRecord
  caller: Caller
}

/** Actions that no ACL gives, and that are the object owner's to allow all the same (evidence: s3-owners-own). */
const ownersActions = new Set(['s3:GetObjectAttributes', 's3:GetObjectVersionAttributes'])

/** @returns undefined where ACLs have no say: they are off, or it is no matter of theirs */
export function hearAcl(stores: Stores, question: Question): AclVoice | undefined {
  const { request, need, bucket } = question
  if (bucket.objectOwnership === 'BucketOwnerEnforced') return undefined
  const permission = permissionOf(request, need)
  if (permission?.of === 'bucket') return bucketVoice(stores, question, permission)
  if (permission || ownersActions.has(need.action)) return objectVoice(stores, question, permission)
  return undefined
}

function permissionOf({ operation }: WeighedRequest, { action }: Need): AclPermission | undefined {
  // READ of a bucket is enough for HeadBucket, which needs more where a policy allows it (evidence: s3-head-bucket).
  if (operation === 'HeadBucket') return { of: 'bucket', permission: 'READ' }
  // A write says what the ACL of its own object is to be: what stands at the key has no say in that.
  if (action === 's3:PutObjectAcl' && operation !== 'PutObjectAcl') return undefined
  return permissionFor(action)
}

function bucketVoice(stores: Stores, { need, bucket, caller }: Question, { permission }: AclPermission): AclVoice {
  const acl = bucketAclInForce(stores, bucket)
  const grant = grantFor(acl.grants, permission, caller)
  const isOverOthers = need.action === 's3:PutObject' && !mayReplace(stores, need, bucket, caller)
  const asked = askedOf('bucket', acl, permission, caller)
  return voiceOf(asked, isOverOthers ? undefined : grant, false)
}

/** WRITE is for new keys and one's own (evidence: s3-acl-write). */
function mayReplace({ objects }: Stores, need: Need, bucket: BucketRecord, { accountId }: Caller): boolean {
  const existing = objects.find(bucket.name, keyOf(need, bucket))
  return existing === undefined || ownerIn(bucket, existing.record.ownerAccountId) === accountId
}

function objectVoice(stores: Stores, question: Question, permission: AclPermission | undefined): AclVoice {
  const { bucket, caller } = question
  const record = weighedObject(stores, question)
  if (!record) return voiceOfMissing(bucketAclInForce(stores, bucket), caller)
  const acl = objectAclInForce(stores, bucket, record)
  const { ownerAccountId, grants } = acl
  const asked = askedOf('object', acl, permission?.permission, caller)
  const isForeign = ownerAccountId !== bucket.ownerAccountId
  const isOwner = caller.type !== 'Anonymous' && caller.accountId === ownerAccountId
  if (isOwner && isForeign && permission?.permission !== 'READ') {
    return { invitation: "the object is the caller's account's", isToGroup: false, isForeign, asked }
  }
  return voiceOf(asked, permission && grantFor(grants, permission.permission, caller), isForeign)
}

/** Who may list the bucket is told that a key is missing. */
function voiceOfMissing(acl: AclInForce, caller: Caller): AclVoice {
  return voiceOf(askedOf('bucket', acl, 'READ', caller), grantFor(acl.grants, 'READ', caller), false)
}

function askedOf(
  of: AclPermission['of'],
  { grants, kept }: AclInForce,
  permission: AskedOfAcl['permission'],
  caller: Caller,
): AskedOfAcl {
  return { of, permission, grants: kept, ignoresPublic: grants !== kept, caller }
}

function voiceOf(asked: AskedOfAcl, grant: Grant | undefined, isForeign: boolean): AclVoice {
  if (!grant) return { invitation: undefined, isToGroup: false, isForeign, asked }
  const isToGroup = 'group' in grant.grantee
  const invitation = `the ACL of the ${asked.of} grants ${grant.permission} to ${nameOf(grant)}`
  return { invitation, isToGroup, isForeign, asked }
}

function nameOf({ grantee }: Grant): string {
  if ('id' in grantee) return "the caller's account"
  if (grantee.group === allUsers) return 'everybody'
  return grantee.group === authenticatedUsers ? 'everybody who has an account' : grantee.group
}
