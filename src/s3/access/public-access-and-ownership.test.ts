import { afterEach, expect, test } from '@jest/globals'
import { canonicalUserId } from '../../aws/caller.ts'
import { allUsers } from '../records/acl.ts'
import { accountId, openS3, owner, type S3Fixture } from '../s3.fixture.ts'

/* What public access block and ownership controls make of ACLs. */

let s3: S3Fixture
afterEach(() => s3.close())

const enforced = 'BucketOwnerEnforced'

async function setOwnership(ObjectOwnership: string) {
  const body = `<OwnershipControls><Rule><ObjectOwnership>${ObjectOwnership}</ObjectOwnership></Rule></OwnershipControls>`
  return s3.call('PUT', '/bucket?ownershipControls', { body })
}

async function block(...flags: string[]) {
  const on = flags.map((flag) => `<${flag}>true</${flag}>`).join('')
  const body = `<PublicAccessBlockConfiguration>${on}</PublicAccessBlockConfiguration>`
  expect((await s3.call('PUT', '/bucket?publicAccessBlock', { body })).status).toBe(200)
}

async function open(mode: 'classic' | '2023' | 'current' = 'classic'): Promise<void> {
  s3 = await openS3(mode)
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
}

const acl = (value: string) => ({ headers: { 'x-amz-acl': value }, body: '' })
const ownerId = canonicalUserId(accountId)
const otherId = canonicalUserId('111111111111')

test.each(['public-read', 'public-read-write', 'authenticated-read'])(
  'BlockPublicAcls refuses %s, whatever it is put on, and says so',
  async (canned) => {
    await open()
    await block('BlockPublicAcls')
    const requests = [
      ['PUT', '/bucket?acl', 's3:PutBucketAcl', 'arn:aws:s3:::bucket'],
      ['PUT', '/bucket/key?acl', 's3:PutObjectAcl', 'arn:aws:s3:::bucket/key'],
      ['PUT', '/bucket/new', 's3:PutObjectAcl', 'arn:aws:s3:::bucket/new'],
      ['POST', '/bucket/new?uploads', 's3:PutObjectAcl', 'arn:aws:s3:::bucket/new'],
    ] as const
    for (const [method, target, action, resource] of requests) {
      const reply = await s3.call(method, target, acl(canned))
      expect(reply.status).toBe(403)
      expect(await reply.xml('Error')).toMatchObject({
        Code: 'AccessDenied',
        Message:
          `User: ${owner.arn} is not authorized to perform: ${action} on resource: "${resource}" because public ACLs ` +
          'are prevented by the BlockPublicAcls setting in S3 Block Public Access.',
      })
    }
    expect((await s3.call('GET', '/bucket/new')).code).toBe('NoSuchKey')
  },
)

test('BlockPublicAcls lets pass what is private, to an account, or for the delivery of logs', async () => {
  await open()
  await block('BlockPublicAcls')
  expect((await s3.call('PUT', '/bucket?acl', acl('log-delivery-write'))).status).toBe(200)
  expect((await s3.call('PUT', '/bucket/key', acl('bucket-owner-full-control'))).status).toBe(200)
  const headers = { 'x-amz-grant-read': `id=${otherId}` }
  expect((await s3.call('PUT', '/bucket/key?acl', { headers })).status).toBe(200)
})

test('IgnorePublicAcls takes public grants out of the ACL that counts, and gives them back when it goes', async () => {
  await open()
  await s3.call('PUT', '/bucket/key', acl('public-read'))
  await block('IgnorePublicAcls')
  expect((await s3.call('GET', '/bucket/key?acl')).text).not.toContain(allUsers)
  expect((await s3.call('PUT', '/bucket?acl', acl('public-read'))).status).toBe(200)
  expect((await s3.call('GET', '/bucket?acl')).text).not.toContain(allUsers)
  await s3.call('DELETE', '/bucket?publicAccessBlock')
  expect((await s3.call('GET', '/bucket/key?acl')).text).toContain(allUsers)
  expect((await s3.call('GET', '/bucket?acl')).text).toContain(allUsers)
})

test('Flags that are left out are off', async () => {
  await open('current')
  await block('IgnorePublicAcls')
  const shown = await (await s3.call('GET', '/bucket?publicAccessBlock')).xml('PublicAccessBlockConfiguration')
  expect(shown).toEqual({
    BlockPublicAcls: 'false',
    IgnorePublicAcls: 'true',
    BlockPublicPolicy: 'false',
    RestrictPublicBuckets: 'false',
  })
})

test.each([
  ['publicAccessBlock', 'NoSuchPublicAccessBlockConfiguration'],
  ['ownershipControls', 'OwnershipControlsNotFoundError'],
])('DELETE ?%s takes it away, as often as it is asked', async (subresource, code) => {
  await open('current')
  for (const _ of [1, 2]) {
    expect((await s3.call('DELETE', `/bucket?${subresource}`)).status).toBe(204)
    expect(await s3.call('GET', `/bucket?${subresource}`)).toMatchObject({ status: 404, code })
  }
})

test.each(['2023', 'current'] as const)('A bucket of %s is opened by both of its settings', async (mode) => {
  await open(mode)
  expect((await s3.call('PUT', '/bucket/key', acl('public-read'))).code).toBe('AccessControlListNotSupported')
  expect((await setOwnership('ObjectWriter')).status).toBe(200)
  expect((await s3.call('PUT', '/bucket/key', acl('public-read'))).code).toBe('AccessDenied')
  await s3.call('DELETE', '/bucket?publicAccessBlock')
  expect((await s3.call('PUT', '/bucket/key', acl('public-read'))).status).toBe(200)
})

test('A bucket of today whose ACLs are on is not made public', async () => {
  s3 = await openS3('current')
  const headers = { 'x-amz-object-ownership': 'ObjectWriter', 'x-amz-acl': 'public-read' }
  const reply = await s3.call('PUT', '/bucket', { headers })
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidBucketAclWithBlockPublicAccessError',
    Message: 'Bucket cannot have public ACLs set with BlockPublicAccess enabled',
  })
})

test.each([
  ['private', true],
  ['bucket-owner-read', true],
  ['bucket-owner-full-control', true],
  ['public-read', false],
  ['authenticated-read', false],
  ['aws-exec-read', false],
])('Where ACLs are off a write may ask for %s: %p', async (canned, isTaken) => {
  await open('current')
  const reply = await s3.call('PUT', '/bucket/key', acl(canned))
  expect([reply.status, reply.code]).toEqual(isTaken ? [200, undefined] : [400, 'AccessControlListNotSupported'])
})

test.each([
  [{ 'x-amz-grant-full-control': `id=${ownerId}` }, true],
  [{ 'x-amz-grant-full-control': `id=${otherId}` }, false],
  [{ 'x-amz-grant-read': `id=${ownerId}` }, false],
])('Where ACLs are off a write may grant %j: %p', async (headers, isTaken) => {
  await open('current')
  const reply = await s3.call('PUT', '/bucket/key', { headers })
  expect([reply.status, reply.code]).toEqual(isTaken ? [200, undefined] : [400, 'AccessControlListNotSupported'])
})

test('ACLs are not switched off while the bucket’s grants to others; its objects’ come back with them', async () => {
  await open()
  await s3.call('PUT', '/bucket/key', acl('public-read'))
  await s3.call('PUT', '/bucket?acl', acl('public-read'))
  const reply = await setOwnership(enforced)
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidBucketAclWithObjectOwnership',
    Message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  })
  await s3.call('PUT', '/bucket?acl', acl('private'))
  expect((await setOwnership(enforced)).status).toBe(200)
  expect((await s3.call('GET', '/bucket/key?acl')).text).not.toContain(allUsers)
  await s3.call('DELETE', '/bucket?ownershipControls')
  expect((await s3.call('GET', '/bucket/key?acl')).text).toContain(allUsers)
})
