import { expect, test } from '@jest/globals'
import { anonymousCaller, canonicalUserId, rootCaller, serviceCaller } from '../../aws/caller.ts'
import { allUsers, authenticatedUsers, type Grant, isPublic, logDelivery, type Permission } from '../records/acl.ts'
import { grantFor, grantsOf, keptAcl, logDeliveryService, permissionFor } from './acl-grants.ts'

const [owner, bucketOwner, other] = ['111111111111', '222222222222', '333333333333'].map(canonicalUserId) as [
  string,
  string,
  string,
]
const to = (id: string, permission: Permission): Grant => ({ grantee: { id }, permission })
const toGroup = (group: string, permission: Permission): Grant => ({ grantee: { group }, permission })
const ownersOwn = to(owner, 'FULL_CONTROL')

test.each([
  ['private', []],
  ['public-read', [toGroup(allUsers, 'READ')]],
  ['public-read-write', [toGroup(allUsers, 'READ'), toGroup(allUsers, 'WRITE')]],
  ['authenticated-read', [toGroup(authenticatedUsers, 'READ')]],
  ['aws-exec-read', [to('6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c', 'READ')]],
  ['bucket-owner-read', [to(bucketOwner, 'READ')]],
  ['bucket-owner-full-control', [to(bucketOwner, 'FULL_CONTROL')]],
  ['log-delivery-write', [toGroup(logDelivery, 'WRITE'), toGroup(logDelivery, 'READ_ACP')]],
] as const)('%s grants the owner FULL_CONTROL, and beside it %j', (canned, others) => {
  expect(grantsOf({ canned }, owner, bucketOwner)).toEqual([ownersOwn, ...others])
})

test.each(['bucket-owner-read', 'bucket-owner-full-control'] as const)(
  '%s adds nothing where the writer owns the bucket',
  (canned) => {
    expect(keptAcl(grantsOf({ canned }, owner, owner), owner)).toBeUndefined()
  },
)

test('Explicit grants are kept as they are given: the owner gets none by itself', () => {
  const grants = [to(other, 'READ')]
  expect(keptAcl(grantsOf({ grants }, owner, bucketOwner), owner)).toEqual(grants)
  expect(keptAcl([], owner)).toEqual([])
})

/* "Mapping of ACL permissions and access policy permissions", Amazon S3 User Guide. */
const table: Record<'bucket' | 'object', Record<Permission, string[]>> = {
  bucket: {
    READ: ['ListBucket', 'ListBucketVersions', 'ListBucketMultipartUploads'],
    WRITE: ['PutObject'],
    READ_ACP: ['GetBucketAcl'],
    WRITE_ACP: ['PutBucketAcl'],
    FULL_CONTROL: [],
  },
  object: {
    READ: ['GetObject', 'GetObjectVersion'],
    WRITE: [],
    READ_ACP: ['GetObjectAcl', 'GetObjectVersionAcl'],
    WRITE_ACP: ['PutObjectAcl', 'PutObjectVersionAcl'],
    FULL_CONTROL: [],
  },
}

const actions = Object.values(table).flatMap((permissions) => Object.values(permissions).flat())

test.each(
  Object.entries(table).flatMap(([of, permissions]) =>
    Object.entries(permissions).map(([permission, allowed]) => [permission, of, allowed] as const),
  ),
)('%s of the ACL of the %s gives %j', (permission, of, allowed) => {
  const given = actions.filter((action) => {
    const needed = permissionFor(`s3:${action}`)
    return needed?.of === of && needed.permission === permission
  })
  expect(given).toEqual(allowed)
})

test.each([
  's3:GetObjectTagging',
  's3:GetObjectAttributes',
  's3:DeleteObject',
  's3:GetBucketLocation',
  's3:GetBucketPolicy',
  's3:PutBucketOwnershipControls',
  'constructor',
])('No ACL gives %s', (action) => {
  expect(permissionFor(action)).toBeUndefined()
})

const account = rootCaller('333333333333')
const source = { arn: 'arn:aws:s3:::source', accountId: '333333333333' }
const delivery = serviceCaller(logDeliveryService, source)

test.each([
  [to(other, 'READ'), 'READ', account, true],
  [to(other, 'FULL_CONTROL'), 'WRITE_ACP', account, true],
  [to(other, 'READ'), 'WRITE', account, false],
  [to(owner, 'READ'), 'READ', account, false],
  [toGroup(allUsers, 'READ'), 'READ', anonymousCaller, true],
  [toGroup(allUsers, 'READ'), 'READ', account, true],
  [toGroup(authenticatedUsers, 'READ'), 'READ', anonymousCaller, false],
  [toGroup(authenticatedUsers, 'READ'), 'READ', account, true],
  [toGroup(logDelivery, 'READ'), 'READ', account, false],
  [toGroup(logDelivery, 'WRITE'), 'WRITE', delivery, true],
  [toGroup(logDelivery, 'WRITE'), 'WRITE', serviceCaller('s3.amazonaws.com', source), false],
  [toGroup(authenticatedUsers, 'READ'), 'READ', delivery, false],
  [to(canonicalUserId(''), 'READ'), 'READ', delivery, false],
  [to(canonicalUserId(''), 'READ'), 'READ', anonymousCaller, false],
] as const)('%j gives %s to %j: %p', (grant, permission, caller, isGiven) => {
  expect(grantFor([ownersOwn, grant], permission, caller)).toEqual(isGiven ? grant : undefined)
})

test('What is granted to all, or to all with an account, is public', () => {
  const grants = [toGroup(allUsers, 'READ_ACP'), toGroup(authenticatedUsers, 'READ'), toGroup(logDelivery, 'WRITE')]
  expect([...grants, to(other, 'FULL_CONTROL')].map(isPublic)).toEqual([true, true, false, false])
})
