/*
 * An access control list, as it is kept:
 *
 *   absent                            the owner has FULL_CONTROL and nobody else anything: it costs nothing
 *   [{ grantee, permission }, …]      exactly these, in the order in which they were given
 *
 * Source: "Access control list (ACL) overview" in the Amazon S3 User Guide.
 */

export const permissions = ['FULL_CONTROL', 'WRITE', 'WRITE_ACP', 'READ', 'READ_ACP'] as const

/** What a grant gives; FULL_CONTROL is all of the others. */
export type Permission = (typeof permissions)[number]

/** An account by its canonical user id, or a group of S3's by its URI. */
export type Grantee = { readonly id: string } | { readonly group: string }

export interface Grant {
  readonly grantee: Grantee
  readonly permission: Permission
}

export type Acl = readonly Grant[]

export const cannedAcls = [
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
  'log-delivery-write',
] as const

/** An ACL by its name. */
export type CannedAcl = (typeof cannedAcls)[number]

/** What a write asks for, before it is known who will own what it makes. */
export type AskedAcl = { readonly canned: CannedAcl } | { readonly grants: Acl }

export const allUsers = 'http://acs.amazonaws.com/groups/global/AllUsers'
export const authenticatedUsers = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers'
export const logDelivery = 'http://acs.amazonaws.com/groups/s3/LogDelivery'

/** Whether a grant is to everybody: to all, or to all who have an account ("The meaning of public" in the User Guide). */
export function isPublic({ grantee }: Grant): boolean {
  return 'group' in grantee && (grantee.group === allUsers || grantee.group === authenticatedUsers)
}

/** @param owner canonical user id */
export function isToOwner({ grantee }: Grant, owner: string): boolean {
  return 'id' in grantee && grantee.id === owner
}
