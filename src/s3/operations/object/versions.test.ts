import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { stored } from '../../../store/blobs.fixture.ts'
import { openS3, type Reply, type S3Fixture } from '../../s3.fixture.ts'

/* What operations say of versions and delete markers, word by word. */

let s3: S3Fixture
/** The oldest of the key's two versions, the marker over them, and an id that was given and is gone. */
let ids: { old: string; marker: string; gone: string }

const versionOf = ({ headers }: Reply) => headers.get('x-amz-version-id') ?? ''

function setVersioning(content: string, headers: Record<string, string> = {}): Promise<Reply> {
  const body = content && `<VersioningConfiguration>${content}</VersioningConfiguration>`
  return s3.call('PUT', '/bucket?versioning', { body, headers })
}

beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  await setVersioning('<Status>Enabled</Status>')
  const old = versionOf(await s3.call('PUT', '/bucket/key', { body: 'old' }))
  const gone = versionOf(await s3.call('PUT', '/bucket/key', { body: 'gone' }))
  await s3.call('DELETE', `/bucket/key?versionId=${gone}`)
  await s3.call('PUT', '/bucket/key', { body: 'new' })
  const marker = versionOf(await s3.call('DELETE', '/bucket/key'))
  ids = { old, marker, gone }
})
afterEach(() => s3.close())

const malformed = 'A'.repeat(32)
const named = (text: string) =>
  text.replace(/MARKER|OLD|GONE|BAD/g, (name) =>
    name === 'BAD' ? malformed : name === 'MARKER' ? ids.marker : name === 'OLD' ? ids.old : ids.gone,
  )
const acl = { 'x-amz-acl': 'private' }
const attributes = { 'x-amz-object-attributes': 'ETag' }

test.each<[string, string, Record<string, string>, number, string, string[]]>([
  ['GET', '/bucket/key', {}, 404, 'NoSuchKey', ['deleted']],
  ['HEAD', '/bucket/key', {}, 404, '', ['deleted']],
  ['GET', '/bucket/key?acl', {}, 404, 'NoSuchKey', ['deleted']],
  ['GET', '/bucket/key?attributes', attributes, 404, 'NoSuchKey', ['deleted']],
  ['PUT', '/bucket/key?acl', acl, 405, 'MethodNotAllowed', ['deleted']],
  ['GET', '/bucket/key?versionId=MARKER', {}, 405, 'MethodNotAllowed', ['deleted', 'dated']],
  ['HEAD', '/bucket/key?versionId=MARKER', {}, 405, '', ['deleted', 'dated']],
  ['GET', '/bucket/key?acl&versionId=MARKER', {}, 405, 'MethodNotAllowed', ['deleted', 'dated']],
  ['GET', '/bucket/key?attributes&versionId=MARKER', attributes, 405, 'MethodNotAllowed', ['deleted', 'dated']],
  ['PUT', '/bucket/key?acl&versionId=MARKER', acl, 405, 'MethodNotAllowed', ['deleted', 'dated']],
])('%s %s of a delete marker is %s %s', async (method, target, headers, status, code, says) => {
  const reply = await s3.call(method, named(target), { headers })
  expect([reply.status, reply.code ?? '']).toEqual([status, code])
  expect([reply.headers.get('x-amz-delete-marker'), versionOf(reply)]).toEqual(['true', ids.marker])
  const isDated = says.includes('dated')
  expect(reply.headers.get('allow')).toBe(isDated ? 'DELETE' : null)
  expect(reply.headers.get('last-modified') === null).toBe(!isDated)
})

test('A marker that is read by its id is refused with method and type', async () => {
  const reply = await s3.call('GET', named('/bucket/key?versionId=MARKER'))
  expect(await reply.xml('Error')).toMatchObject({
    Message: 'The specified method is not allowed against this resource.',
    Method: 'GET',
    ResourceType: 'DeleteMarker',
  })
})

const source = 'x-amz-copy-source'
const copySourceMarker = 'The source of a copy request may not specifically refer to a delete marker by version id.'
test.each<[string, string, Record<string, string>, number, string, Record<string, string>]>([
  ['GET', '/bucket/key?versionId=GONE', {}, 404, 'NoSuchVersion', { Key: 'key', VersionId: 'GONE' }],
  ['GET', '/bucket/other?versionId=OLD', {}, 404, 'NoSuchVersion', { Key: 'other', VersionId: 'OLD' }],
  ['GET', '/bucket/key?versionId=null', {}, 404, 'NoSuchVersion', { Key: 'key', VersionId: 'null' }],
  ['GET', '/bucket/key?acl&versionId=GONE', {}, 404, 'NoSuchVersion', { Key: 'key', VersionId: 'GONE' }],
  ['PUT', '/bucket/key?acl&versionId=GONE', acl, 404, 'NoSuchVersion', { Key: 'key', VersionId: 'GONE' }],
  ['GET', '/bucket/key?versionId=BAD', {}, 400, 'InvalidArgument', { Message: 'Invalid version id specified' }],
  ['DELETE', '/bucket/key?versionId=BAD', {}, 400, 'InvalidArgument', { ArgumentName: 'versionId' }],
  ['GET', '/bucket/key?versionId=NULL', {}, 400, 'InvalidArgument', { ArgumentValue: 'NULL' }],
  ['GET', '/bucket/key?versionId=', {}, 400, 'InvalidArgument', { Message: 'Version id cannot be the empty string' }],
  ['PUT', '/bucket/c', { [source]: 'bucket/key' }, 404, 'NoSuchKey', { Key: 'key' }],
  [
    'PUT',
    '/bucket/c',
    { [source]: 'bucket/key?versionId=MARKER' },
    400,
    'InvalidRequest',
    { Message: copySourceMarker },
  ],
  ['PUT', '/bucket/c', { [source]: 'bucket/key?versionId=GONE' }, 404, 'NoSuchVersion', { Key: 'key' }],
  ['PUT', '/bucket/c', { [source]: 'bucket/key?versionId=BAD' }, 400, 'InvalidRequest', { Message: 'Invalid Request' }],
])('%s %s %j is %s %s', async (method, target, headers, status, code, details) => {
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, named(value)]))
  const reply = await s3.call(method, named(target), { headers: sent })
  expect([reply.status, reply.code]).toEqual([status, code])
  const expected = Object.fromEntries(Object.entries(details).map(([name, value]) => [name, named(value)]))
  expect(await reply.xml('Error')).toMatchObject(expected)
})

test.each<[string, number, string | undefined]>([
  ['<Status>enabled</Status>', 400, 'MalformedXML'],
  ['<Status>Disabled</Status>', 400, 'MalformedXML'],
  ['<Status></Status>', 400, 'MalformedXML'],
  ['<State>Suspended</State>', 400, 'MalformedXML'],
  ['<MfaDelete>Disabled</MfaDelete>', 400, 'IllegalVersioningConfigurationException'],
  [' ', 400, 'IllegalVersioningConfigurationException'],
  ['', 400, 'MissingRequestBodyError'],
  ['<Status>Suspended</Status><MfaDelete>Enabled</MfaDelete>', 403, 'AccessDenied'],
  ['<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>', 200, undefined],
])('PutBucketVersioning with %j is %s %s', async (content, status, code) => {
  const reply = await setVersioning(content)
  expect([reply.status, reply.code]).toEqual([status, code])
  const { text } = await s3.call('GET', '/bucket?versioning')
  expect(text.replace(/^.*\?>\n/, '')).toBe(
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>',
  )
})

test('A bucket that is not there is told before what is wrong with the document', async () => {
  const reply = await s3.call('PUT', '/nowhere?versioning', { body: '<VersioningConfiguration/>' })
  expect(reply.code).toBe('NoSuchBucket')
})

test('A marker that came since an upload began is a change of its key, and refuses a conditional completion', async () => {
  const begin = async () => {
    const created = await s3.call('POST', '/bucket/key?uploads')
    const { UploadId } = await created.xml('InitiateMultipartUploadResult')
    const part = await s3.call('PUT', `/bucket/key?partNumber=1&uploadId=${UploadId}`, { body: 'x' })
    const listed = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.get('etag')}</ETag></Part>`
    const body = `<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`
    const headers = { 'if-none-match': '*' }
    return () => s3.call('POST', `/bucket/key?uploadId=${UploadId}`, { body, headers })
  }
  const early = await begin()
  s3.ambient.turn(1000)
  await s3.call('DELETE', '/bucket/key')
  const late = await begin()
  expect((await early()).code).toBe('ConditionalRequestConflict')
  expect((await late()).status).toBe(200)
})

test('A version that is gone or never was is deleted again, and told with its id alone', async () => {
  for (const id of [ids.gone, 'null']) {
    const reply = await s3.call('DELETE', `/bucket/key?versionId=${id}`)
    expect([reply.status, versionOf(reply), reply.headers.get('x-amz-delete-marker')]).toEqual([204, id, null])
  }
})

test('An ACL of an old version is its own, and its date stays', async () => {
  await s3.call('PUT', named('/bucket/key?acl&versionId=OLD'), { headers: { 'x-amz-acl': 'public-read' } })
  const shown = await s3.call('GET', named('/bucket/key?acl&versionId=OLD'))
  expect([versionOf(shown), shown.text.includes('AllUsers')]).toEqual([ids.old, true])
  await s3.call('DELETE', named('/bucket/key?versionId=MARKER'))
  expect((await s3.call('GET', '/bucket/key?acl')).text).not.toContain('AllUsers')
  expect((await s3.call('GET', named('/bucket/key?versionId=OLD'))).text).toBe('old')
})

test('A conditional read of a version says which one it was', async () => {
  const { headers } = await s3.call('GET', named('/bucket/key?versionId=OLD'))
  const etag = { 'if-none-match': headers.get('etag') ?? '' }
  const reply = await s3.call('GET', named('/bucket/key?versionId=OLD'), { headers: etag })
  expect([reply.status, versionOf(reply)]).toEqual([304, ids.old])
})

test('A version is deleted for good, with its body; a marker hides bodies and gives none back', async () => {
  await s3.blobs.sweep()
  expect(await stored(s3.database)).toBe(2)
  await s3.call('DELETE', named('/bucket/key?versionId=OLD'))
  await s3.blobs.sweep()
  expect(await stored(s3.database)).toBe(1)
})
