import { afterEach, expect, test } from '@jest/globals'
import { canonicalUserId } from '../../aws/caller.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
afterEach(() => s3.close())

const targets = ['/bucket?acl', '/bucket/key?acl']

async function openWithObject(mode: 'classic' | 'current'): Promise<void> {
  s3 = await openS3(mode)
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
}

const owner = canonicalUserId(accountId)
const grant = (id: string, permission: string) =>
  `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>${id}</ID></Grantee>` +
  `<Permission>${permission}</Permission></Grant>`
const policy = (grants: string, id = owner) =>
  `<AccessControlPolicy><Owner><ID>${id}</ID></Owner><AccessControlList>${grants}</AccessControlList></AccessControlPolicy>`

test.each(targets)('PUT %s that asks for the ACL that is there is done', async (target) => {
  await openWithObject('classic')
  const answers = [
    await s3.call('PUT', target, { headers: { 'x-amz-acl': 'private' } }),
    await s3.call('PUT', target, { body: policy(grant(owner, 'FULL_CONTROL')) }),
    await s3.call('PUT', target, { body: (await s3.call('GET', target)).text }),
  ]
  expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(() => [200, '']))
})

test.each(targets)('PUT %s that asks for another is refused by its name, or as S3 does', async (target) => {
  await openWithObject('classic')
  const sent = async (headers: Record<string, string>, body?: string) => {
    const { code, text } = await s3.call('PUT', target, { headers, body })
    return [code, /<Message>(.*?)<\/Message>/.exec(text)?.[1]]
  }
  const grants = 'AccessControlPolicy with grants beside FULL_CONTROL of the owner is not implemented by this emulator'
  expect(await sent({ 'x-amz-acl': 'public-read' })).toEqual([
    'NotImplemented',
    'The header x-amz-acl: public-read is not implemented by this emulator',
  ])
  expect(await sent({}, policy(grant(owner, 'READ')))).toEqual(['NotImplemented', grants])
  expect(await sent({}, policy(''))).toEqual(['NotImplemented', grants])
  expect(await sent({})).toEqual(['MissingSecurityHeader', 'Your request was missing a required header'])
  expect((await sent({ 'x-amz-acl': 'private' }, policy('')))[0]).toBe('UnexpectedContent')
  expect((await sent({}, policy(grant(owner, 'OWN'))))[0]).toBe('MalformedACLError')
  expect((await sent({}, '<AccessControlPolicy/>'))[0]).toBe('MalformedACLError')
  expect((await sent({}, policy('', 'x')))[0]).toBe('AccessDenied')
})

test.each(targets)('PUT %s is not supported where ACLs are off, private neither', async (target) => {
  await openWithObject('current')
  const reply = await s3.call('PUT', target, { headers: { 'x-amz-acl': 'private' } })
  expect([reply.status, reply.code]).toEqual([400, 'AccessControlListNotSupported'])
})

test('The ACL of an object that is not there cannot be put', async () => {
  await openWithObject('classic')
  const reply = await s3.call('PUT', '/bucket/none?acl', { headers: { 'x-amz-acl': 'private' } })
  expect([reply.status, reply.code]).toEqual([404, 'NoSuchKey'])
})
