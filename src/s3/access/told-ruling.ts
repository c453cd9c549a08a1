import { type Ruling, type Told, tell } from '../../access/ruling.ts'
import { type Acl, allUsers, authenticatedUsers, type Grant, isPublic, type Permission } from '../records/acl.ts'
import { type AclPermission, type Asker, gives, isGrantee } from './acl-grants.ts'

/** An ACL as it was asked, by references: it is told grant by grant once somebody asks why. */
export interface AskedOfAcl {
  of: AclPermission['of']
  /** Undefined: no permission of an ACL gives the action. */
  permission: Permission | undefined
  /** All that are kept, those that IgnorePublicAcls takes out among them. */
  grants: Acl
  ignoresPublic: boolean
  caller: Asker
}

/** A ruling of S3. */
export interface S3Ruling extends Ruling {
  acl?: AskedOfAcl
  /** What flags of the public access block did to the request, each in a sentence. */
  blocks: readonly string[]
}

/** A grant, and how it stood to the request. */
export interface WeighedAclGrant {
  of: 'bucket' | 'object'
  permission: Permission
  grantee: string
  outcome: 'applies' | 'other permission' | 'other grantee' | 'ignored'
}

export type ToldS3Ruling = Omit<Told<S3Ruling>, 'acl' | 'blocks'> & {
  aclGrants?: readonly WeighedAclGrant[]
  blocks?: readonly string[]
}

/** Tells a ruling with each grant of the ACL that was asked, and each flag that had an effect. */
export function tellS3({ acl, blocks, ...ruling }: S3Ruling): ToldS3Ruling {
  return {
    ...tell(ruling),
    ...(acl && { aclGrants: acl.grants.map((grant) => weighedGrant(grant, acl)) }),
    ...(blocks.length > 0 && { blocks }),
  }
}

function weighedGrant(grant: Grant, { of, permission, ignoresPublic, caller }: AskedOfAcl): WeighedAclGrant {
  const told = { of, permission: grant.permission, grantee: granteeOf(grant) }
  if (ignoresPublic && isPublic(grant)) return { ...told, outcome: 'ignored' }
  if (!isGrantee(grant, caller)) return { ...told, outcome: 'other grantee' }
  return { ...told, outcome: permission && gives(grant, permission) ? 'applies' : 'other permission' }
}

function granteeOf({ grantee }: Grant): string {
  if ('id' in grantee) return `the account ${grantee.id}`
  if (grantee.group === allUsers) return 'everybody'
  return grantee.group === authenticatedUsers ? 'everybody who has an account' : grantee.group
}
