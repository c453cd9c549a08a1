import { type Caller, canonicalUserId } from '../../aws/caller.ts'
import {
  type Acl,
  type AskedAcl,
  allUsers,
  authenticatedUsers,
  type CannedAcl,
  type Grant,
  logDelivery,
  type Permission,
} from '../records/acl.ts'

/*
 * What ACLs say, as plain functions of grants:
 *
 *   canned or explicit ─▶ grantsOf ─▶ grants ─▶ grantFor(grants, permission, caller) ─▶ the grant that allows, or none
 *                                               permissionFor('s3:GetObject')  = READ of the object
 *
 * Evidence: s3-canned-acls, s3-acl-actions.
 */

/** Who delivered EC2 bundles: Amazon EC2 itself, which aws-exec-read lets read. */
const amazonEc2 = '6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c'

const toGroup = (group: string, permission: Permission): Grant => ({ grantee: { group }, permission })
const toAccount = (id: string, permission: Permission): Grant => ({ grantee: { id }, permission })

/** What each canned ACL grants beside the owner's FULL_CONTROL. */
const besideOwner: Record<CannedAcl, (bucketOwner: string) => Acl> = {
  private: () => [],
  'public-read': () => [toGroup(allUsers, 'READ')],
  'public-read-write': () => [toGroup(allUsers, 'READ'), toGroup(allUsers, 'WRITE')],
  'authenticated-read': () => [toGroup(authenticatedUsers, 'READ')],
  'aws-exec-read': () => [toAccount(amazonEc2, 'READ')],
  'bucket-owner-read': (bucketOwner) => [toAccount(bucketOwner, 'READ')],
  'bucket-owner-full-control': (bucketOwner) => [toAccount(bucketOwner, 'FULL_CONTROL')],
  'log-delivery-write': () => [toGroup(logDelivery, 'WRITE'), toGroup(logDelivery, 'READ_ACP')],
}

/** The owner has FULL_CONTROL, and nobody else anything. @param owner canonical user id */
export function privateAcl(owner: string): Acl {
  return [toAccount(owner, 'FULL_CONTROL')]
}

/**
 * The grants of what was asked for: of a canned ACL the owner's comes first, of explicit grants they are all there are.
 * @param owner canonical user id of who owns the bucket or the object
 * @param bucketOwner canonical user id of the bucket's owner
 */
export function grantsOf(asked: AskedAcl, owner: string, bucketOwner: string): Acl {
  if ('grants' in asked) return asked.grants
  const others = besideOwner[asked.canned](bucketOwner)
  return [...privateAcl(owner), ...others.filter(({ grantee }) => !('id' in grantee && grantee.id === owner))]
}

/** As an ACL is kept: the private one is none. @param owner canonical user id */
export function keptAcl(grants: Acl, owner: string): Acl | undefined {
  const [only, another] = grants
  const isPrivate = !another && only?.permission === 'FULL_CONTROL' && 'id' in only.grantee && only.grantee.id === owner
  return isPrivate ? undefined : grants
}

/** Which ACL an action is allowed by, and which of its permissions. */
export interface AclPermission {
  of: 'bucket' | 'object'
  permission: Permission
}

const byAction: Readonly<Record<string, AclPermission>> = {
  's3:ListBucket': { of: 'bucket', permission: 'READ' },
  's3:ListBucketVersions': { of: 'bucket', permission: 'READ' },
  's3:ListBucketMultipartUploads': { of: 'bucket', permission: 'READ' },
  's3:PutObject': { of: 'bucket', permission: 'WRITE' },
  's3:GetBucketAcl': { of: 'bucket', permission: 'READ_ACP' },
  's3:PutBucketAcl': { of: 'bucket', permission: 'WRITE_ACP' },
  's3:GetObject': { of: 'object', permission: 'READ' },
  's3:GetObjectVersion': { of: 'object', permission: 'READ' },
  's3:GetObjectAcl': { of: 'object', permission: 'READ_ACP' },
  's3:GetObjectVersionAcl': { of: 'object', permission: 'READ_ACP' },
  's3:PutObjectAcl': { of: 'object', permission: 'WRITE_ACP' },
  's3:PutObjectVersionAcl': { of: 'object', permission: 'WRITE_ACP' },
}

/**
 * What an ACL must give for an action.
 * @param action as IAM has it: `s3:GetObject`
 * @returns undefined for all that no ACL can give
 */
export function permissionFor(action: string): AclPermission | undefined {
  return Object.hasOwn(byAction, action) ? byAction[action] : undefined
}

/**
 * The grant that gives a caller a permission. Grantees are accounts: what is granted to one is its principals' only as far as
 * their own policies allow, which is the ruling's to weigh. So a grant to a group comes first: the owner's own stands before it in
 * every canned ACL, and gives less to the owner's users.
 * @returns undefined where none does
 */
export function grantFor(grants: Acl, permission: Permission, caller: Asker): Grant | undefined {
  const found = grants.filter((grant) => gives(grant, permission) && isGrantee(grant, caller))
  return found.find(({ grantee }) => 'group' in grantee) ?? found[0]
}

export function gives({ permission: given }: Grant, permission: Permission): boolean {
  return given === permission || given === 'FULL_CONTROL'
}

/** The service that delivers access logs: the one member of the log delivery group (evidence: s3-service-principals). */
export const logDeliveryService = 'logging.s3.amazonaws.com'

export type Asker = Pick<Caller, 'type' | 'accountId' | 'principalId'>

export function isGrantee({ grantee }: Grant, { type, accountId, principalId }: Asker): boolean {
  if (type === 'AWSService') {
    if ('id' in grantee) return false
    return grantee.group === allUsers || (grantee.group === logDelivery && principalId === logDeliveryService)
  }
  const isAnonymous = type === 'Anonymous'
  if ('id' in grantee) return !isAnonymous && grantee.id === canonicalUserId(accountId)
  return grantee.group === allUsers || (grantee.group === authenticatedUsers && !isAnonymous)
}
