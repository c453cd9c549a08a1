import { afterEach, expect, test } from '@jest/globals'
import { canonicalUserId, serviceCaller, userCaller } from '../../aws/caller.ts'
import { allUsers } from '../records/acl.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'
import { documentOf } from './identities.fixture.ts'

let s3: S3Fixture
afterEach(() => s3.close())

const targets = ['/bucket?acl', '/bucket/key?acl']

async function openWithObject(mode: 'classic' | 'current' = 'classic'): Promise<void> {
  s3 = await openS3(mode)
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
}

const owner = canonicalUserId(accountId)
const other = canonicalUserId('111111111111')
const schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
const grantee = (type: string, content: string) => `<Grantee ${schema} xsi:type="${type}">${content}</Grantee>`
const grant = (grantee: string, permission: string) => `<Grant>${grantee}<Permission>${permission}</Permission></Grant>`
const toAccount = (id: string, permission: string) => grant(grantee('CanonicalUser', `<ID>${id}</ID>`), permission)
const toGroup = (uri: string, permission: string) => grant(grantee('Group', `<URI>${uri}</URI>`), permission)
const policy = (grants: string, id = owner) =>
  `<AccessControlPolicy><Owner><ID>${id}</ID></Owner><AccessControlList>${grants}</AccessControlList></AccessControlPolicy>`

/** The document as GET shows it, without declaration, namespace and the names that owners and grantees had until 2025. */
async function shown(target: string): Promise<string> {
  const { text } = await s3.call('GET', target)
  return text
    .slice(text.indexOf('?>') + 3)
    .replace(' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', '')
    .replace(/<DisplayName>.*?<\/DisplayName>/g, '')
}

const ownersOwn = toAccount(owner, 'FULL_CONTROL')
const readByAll = toGroup(allUsers, 'READ')

test.each(targets)('%s: an ACL by name, by headers or by a document is shown as its grants', async (target) => {
  await openWithObject()
  expect(await shown(target)).toBe(policy(ownersOwn))
  const puts: [{ headers?: Record<string, string>; body?: string }, string][] = [
    [{ headers: { 'x-amz-acl': 'public-read' } }, ownersOwn + readByAll],
    [
      { headers: { 'x-amz-grant-read': `id="${other}", uri=${allUsers}`, 'x-amz-grant-write-acp': `id=${owner}` } },
      toAccount(other, 'READ') + readByAll + toAccount(owner, 'WRITE_ACP'),
    ],
    [{ body: policy(toAccount(other, 'READ_ACP') + readByAll) }, toAccount(other, 'READ_ACP') + readByAll],
    [{ body: policy('') }, ''],
    [{ headers: { 'x-amz-acl': 'private' } }, ownersOwn],
  ]
  for (const [asked, grants] of puts) {
    const { status, text } = await s3.call('PUT', target, asked)
    expect([status, text, await shown(target)]).toEqual([200, '', policy(grants)])
  }
})

test.each(targets)('%s: what GET shows can be put', async (target) => {
  await openWithObject()
  await s3.call('PUT', target, { headers: { 'x-amz-acl': 'authenticated-read' } })
  const body = (await s3.call('GET', target)).text
  await s3.call('PUT', target, { headers: { 'x-amz-acl': 'private' } })
  expect((await s3.call('PUT', target, { body })).status).toBe(200)
  expect((await s3.call('GET', target)).text).toBe(body)
})

const schemaFault = 'The XML you provided was not well-formed or did not validate against our published schema'
const read = (value: string) => ({ headers: { 'x-amz-grant-read': value } })
const withBody = (body: string) => ({ body })

test.each([
  ['nothing', {}, 400, 'MissingSecurityHeader', 'Your request was missing a required header'],
  [
    'a name and grants',
    { headers: { 'x-amz-acl': 'private', 'x-amz-grant-read': `id=${other}` } },
    400,
    'InvalidRequest',
    'Specifying both Canned ACLs and Header Grants is not allowed',
  ],
  [
    'a header and a document',
    { headers: { 'x-amz-acl': 'private' }, body: policy('') },
    400,
    'UnexpectedContent',
    'This request does not support content',
  ],
  ['a name that is none', { headers: { 'x-amz-acl': 'everybody' } }, 400, 'InvalidArgument', ''],
  ['an id that is none', read('id="x"'), 400, 'InvalidArgument', 'Invalid id'],
  [
    'a group that is none',
    read('uri="http://acs.amazonaws.com/groups/x"'),
    400,
    'InvalidArgument',
    'Invalid group uri',
  ],
  ['no grantee', read(other), 400, 'InvalidArgument', 'Argument format not recognized'],
  ['a grantee and nothing', read(`id=${other},`), 400, 'InvalidArgument', 'Argument format not recognized'],
  [
    'an address',
    read('emailAddress="a@example.com"'),
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
  ],
  [
    'an address spelled otherwise',
    read('emailaddress=a@example.com'),
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
  ],
  ['a document of nothing', withBody('<AccessControlPolicy/>'), 400, 'MalformedACLError', schemaFault],
  [
    'a document without a list',
    withBody(`<AccessControlPolicy><Owner><ID>${owner}</ID></Owner></AccessControlPolicy>`),
    400,
    'MalformedACLError',
    schemaFault,
  ],
  ['a permission that is none', withBody(policy(toAccount(other, 'OWN'))), 400, 'MalformedACLError', schemaFault],
  [
    'a kind of grantee that is none',
    withBody(policy(grant(grantee('Person', `<ID>${other}</ID>`), 'READ'))),
    400,
    'MalformedACLError',
    schemaFault,
  ],
  [
    'a grantee of no kind',
    withBody(policy(grant(`<Grantee><ID>${other}</ID></Grantee>`, 'READ'))),
    400,
    'MalformedACLError',
    schemaFault,
  ],
  ['101 grants', withBody(policy(toAccount(other, 'READ').repeat(101))), 400, 'MalformedACLError', schemaFault],
  ['an id that is none in a document', withBody(policy(toAccount('x', 'READ'))), 400, 'InvalidArgument', 'Invalid id'],
  ['a group that is none there', withBody(policy(toGroup('x', 'READ'))), 400, 'InvalidArgument', 'Invalid group uri'],
  ['an owner that is none', withBody(policy('', 'x')), 400, 'InvalidArgument', 'Invalid id'],
  ['another owner', withBody(policy('', other)), 403, 'AccessDenied', 'Access Denied'],
] as const)('PUT ?acl that asks for %s is refused in S3’s words', async (_what, asked, status, code, message) => {
  await openWithObject()
  for (const target of targets) {
    const before = await shown(target)
    const reply = await s3.call('PUT', target, asked)
    expect([reply.status, reply.code]).toEqual([status, code])
    expect(reply.text).toContain(`<Message>${message}</Message>`)
    expect(await shown(target)).toBe(before)
  }
})

test.each([
  [read('id="x"'), 'id', 'x'],
  [read('uri=x'), 'uri', 'x'],
  [read('x'), 'x-amz-grant-read', 'x'],
  [{ headers: { 'x-amz-acl': 'x' } }, 'x-amz-acl', 'x'],
  [withBody(policy(toAccount('x', 'READ'))), 'CanonicalUser/ID', 'x'],
  [withBody(policy(toGroup('x', 'READ'))), 'Group/URI', 'x'],
])('The error to %j names the argument %s', async (asked, ArgumentName, ArgumentValue) => {
  await openWithObject()
  const reply = await s3.call('PUT', '/bucket?acl', asked)
  expect(await reply.xml('Error')).toMatchObject({ ArgumentName, ArgumentValue })
})

test.each(targets)('PUT %s is not supported where ACLs are off, private neither', async (target) => {
  await openWithObject('current')
  const reply = await s3.call('PUT', target, { headers: { 'x-amz-acl': 'private' } })
  expect([reply.status, reply.code]).toEqual([400, 'AccessControlListNotSupported'])
})

test('log-delivery-write is for buckets alone', async () => {
  await openWithObject()
  const headers = { 'x-amz-acl': 'log-delivery-write' }
  expect((await s3.call('PUT', '/bucket?acl', { headers })).status).toBe(200)
  expect((await s3.call('PUT', '/bucket/key?acl', { headers })).code).toBe('InvalidArgument')
})

test('The ACL of an object that is not there cannot be put', async () => {
  await openWithObject()
  const reply = await s3.call('PUT', '/bucket/none?acl', { headers: { 'x-amz-acl': 'private' } })
  expect([reply.status, reply.code]).toEqual([404, 'NoSuchKey'])
})

test('Putting an ACL changes neither the object’s date nor its content', async () => {
  await openWithObject()
  const before = await s3.call('GET', '/bucket/key')
  s3.ambient.turn(60_000)
  await s3.call('PUT', '/bucket/key?acl', { headers: { 'x-amz-acl': 'public-read' } })
  const after = await s3.call('GET', '/bucket/key')
  const told = ({ headers, text }: typeof before) => [headers.get('last-modified'), headers.get('etag'), text]
  expect(told(after)).toEqual(told(before))
})

const publicRead = { 'x-amz-acl': 'public-read' }

test('A write that says so gives the object its ACL, and the next that does not makes it private again', async () => {
  await openWithObject()
  const headers = { 'x-amz-grant-full-control': `id=${other}` }
  await s3.call('PUT', '/bucket/key', { body: 'x', headers })
  expect(await shown('/bucket/key?acl')).toBe(policy(toAccount(other, 'FULL_CONTROL')))
  await s3.call('PUT', '/bucket/key', { body: 'x' })
  expect(await shown('/bucket/key?acl')).toBe(policy(ownersOwn))
})

test('A copy has the ACL that it asks for, never its source’s; an object never its bucket’s', async () => {
  await openWithObject()
  await s3.call('PUT', '/bucket?acl', { headers: publicRead })
  await s3.call('PUT', '/bucket/key?acl', { headers: publicRead })
  const source = { 'x-amz-copy-source': '/bucket/key' }
  await s3.call('PUT', '/bucket/copy', { headers: source })
  expect(await shown('/bucket/copy?acl')).toBe(policy(ownersOwn))
  await s3.call('PUT', '/bucket/copy', { headers: { ...source, ...publicRead } })
  expect(await shown('/bucket/copy?acl')).toBe(policy(ownersOwn + readByAll))
})

test('What a service of AWS delivers is the bucket owner’s, with whom it may share it', async () => {
  await openWithObject()
  const caller = serviceCaller('logging.s3.amazonaws.com', { arn: 'arn:aws:s3:::bucket', accountId })
  const Resource = 'arn:aws:s3:::bucket/*'
  const allowed = { Effect: 'Allow', Principal: { Service: caller.principalId }, Action: 's3:PutObject*', Resource }
  await s3.call('PUT', '/bucket?policy', { body: documentOf([allowed]) })
  expect((await s3.call('PUT', '/bucket/log', { caller, body: 'x' })).status).toBe(200)
  expect(await shown('/bucket/log?acl')).toBe(policy(ownersOwn))
})

test('An upload has the ACL that was asked for when it was created', async () => {
  await openWithObject()
  const created = await s3.call('POST', '/bucket/large?uploads', { headers: publicRead })
  const { UploadId } = await created.xml('InitiateMultipartUploadResult')
  const part = await s3.call('PUT', `/bucket/large?partNumber=1&uploadId=${UploadId}`, { body: 'x' })
  const list = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.get('etag')}</ETag></Part>`
  const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`
  await s3.call('POST', `/bucket/large?uploadId=${UploadId}`, { body })
  expect(await shown('/bucket/large?acl')).toBe(policy(ownersOwn + readByAll))
})

test.each([
  ['PUT', '/bucket/key'],
  ['POST', '/bucket/key?uploads'],
])('%s %s with a faulty ACL is refused', async (method, target) => {
  await openWithObject()
  const refused = async (headers: Record<string, string>) => (await s3.call(method, target, { headers })).code
  expect(await refused({ 'x-amz-acl': 'everybody' })).toBe('InvalidArgument')
  expect(await refused({ 'x-amz-grant-read': 'id=x' })).toBe('InvalidArgument')
  expect(await refused({ 'x-amz-acl': 'private', 'x-amz-grant-read': `id=${other}` })).toBe('InvalidRequest')
})

test('A bucket is made with the ACL that it asks for; made again, it has that of its newest making', async () => {
  s3 = await openS3('classic')
  await s3.call('PUT', '/bucket', { headers: publicRead })
  expect(await shown('/bucket?acl')).toBe(policy(ownersOwn + readByAll))
  await s3.call('PUT', '/bucket')
  expect(await shown('/bucket?acl')).toBe(policy(ownersOwn))
})

test('A bucket that goes takes its ACL with it', async () => {
  s3 = await openS3('classic')
  await s3.call('PUT', '/bucket', { headers: publicRead })
  await s3.call('DELETE', '/bucket')
  const caller = userCaller('111111111111', 'other')
  await s3.call('PUT', '/bucket', { caller })
  const { text } = await s3.call('GET', '/bucket?acl', { caller })
  expect(text).not.toContain(allUsers)
  expect(text).toContain(other)
})
