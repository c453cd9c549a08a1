import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openS3, type Reply, type S3Fixture } from '../s3.fixture.ts'

/* Parameters that say what of an object is meant, where they belong and where not. */

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'before' })
})
afterEach(() => s3.close())

const outcome = ({ status, code }: Reply) => [status, code]
const wellFormed = 'a'.repeat(32)
const noVersion = 'This operation does not accept a version-id.'

test.each([
  ['PUT', '/bucket/key?partNumber=1', 'partNumber', 'This operation does not accept partNumber without uploadId'],
  ['DELETE', '/bucket/key?partNumber=1', 'partNumber', 'This operation does not accept partNumber without uploadId'],
  ['PUT', '/bucket/key?versionId=x', 'versionId', noVersion],
  ['PUT', '/bucket/key?versionId=null', 'versionId', noVersion],
  ['POST', '/bucket/key?uploads&versionId=x', 'versionId', noVersion],
  ['GET', '/bucket/key?torrent&versionId=null', 'versionId', noVersion],
  ['GET', '/bucket/key?uploadId=x&versionId=null', 'versionId', noVersion],
  ['GET', '/bucket?location&versionId=x', 'versionId', noVersion],
  ['GET', '/bucket?versioning&versionId=x', 'versionId', noVersion],
  ['GET', '/bucket?website=x', 'website', 'The website parameter must not have a value'],
  ['PUT', '/bucket?website=1', 'website', 'The website parameter must not have a value'],
  ['GET', '/bucket/key?versionId=', 'versionId', 'Version id cannot be the empty string'],
  ['GET', '/nowhere/key?versionId=', 'versionId', 'Version id cannot be the empty string'],
])('%s %s is refused, and the object stays', async (method, target, ArgumentName, Message) => {
  const reply = await s3.call(method, target, method === 'PUT' ? { body: 'after' } : {})
  expect(reply.status).toBe(400)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', ArgumentName, Message })
  expect((await s3.call('GET', '/bucket/key')).text).toBe('before')
})

test('Of what selects a sub-resource the value is ignored', async () => {
  expect((await s3.call('GET', '/bucket?versioning=1')).status).toBe(200)
  expect((await s3.call('GET', '/bucket?cors=1')).code).toBe('NoSuchCORSConfiguration')
  expect((await s3.call('GET', '/bucket?website=')).code).toBe('NoSuchWebsiteConfiguration')
})

test('Parameters that no operation knows are ignored', async () => {
  expect((await s3.call('PUT', '/bucket/key?foo=1&x-id=PutObject&VersionId=x', { body: 'after' })).status).toBe(200)
  expect((await s3.call('GET', '/bucket/key?partNumber=1&versionId=null')).text).toBe('after')
})

describe('In a bucket that never had versioning', () => {
  const Message = 'Invalid version id specified'

  test.each([
    ['GET', '/bucket/key?'],
    ['DELETE', '/bucket/key?'],
    ['GET', '/bucket/key?acl&'],
  ])('%s %s of any version but null is InvalidArgument', async (method, target) => {
    for (const ArgumentValue of ['unknown', wellFormed, 'NULL']) {
      const reply = await s3.call(method, `${target}versionId=${ArgumentValue}`)
      expect(reply.status).toBe(400)
      expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', Message, ArgumentValue })
    }
    expect((await s3.call('GET', '/bucket/key?versionId=null')).text).toBe('before')
  })

  test('the null version can be deleted, and is named', async () => {
    const reply = await s3.call('DELETE', '/bucket/key?versionId=null')
    expect([reply.status, reply.headers.get('x-amz-version-id')]).toEqual([204, 'null'])
    expect((await s3.call('GET', '/bucket/key')).status).toBe(404)
  })

  test('DeleteObjects tells any other version as NoSuchVersion', async () => {
    const items = ['unknown', wellFormed].map((id) => `<Object><Key>key</Key><VersionId>${id}</VersionId></Object>`)
    const body = `<Delete>${items.join('')}</Delete>`
    const { createHash } = await import('node:crypto')
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    const reply = await s3.call('POST', '/bucket?delete', { body, headers })
    const told = { Key: 'key', Code: 'NoSuchVersion', Message: 'The specified version does not exist.' }
    expect((await reply.xml('DeleteResult')).Error).toMatchObject([told, told])
    expect((await s3.call('GET', '/bucket/key')).text).toBe('before')
  })
})

test('Versions are listed of a bucket, never of a key', async () => {
  const reply = await s3.call('GET', '/bucket/key?versions')
  expect(outcome(reply)).toEqual([400, 'InvalidRequest'])
  expect(reply.text).toContain('There is no such thing as the ?versions sub-resource for a key')
})

test('A conditional deletion goes with no version id', async () => {
  const headers = { 'if-match': '"x"' }
  const reply = await s3.call('DELETE', '/bucket/key?versionId=null', { headers })
  expect(outcome(reply)).toEqual([501, 'NotImplemented'])
  expect(reply.text).toContain('when a version ID is included in the request parameters.')
})

test.each(['/bucket/copy', '/bucket/copy?partNumber=1&uploadId='])(
  'A copy with a body is refused: PUT %s',
  async (to) => {
    const created = await (await s3.call('POST', '/bucket/copy?uploads')).xml('InitiateMultipartUploadResult')
    const target = to.replace(/uploadId=$/, `uploadId=${created.UploadId}`)
    const headers = { 'x-amz-copy-source': '/bucket/key' }
    expect(outcome(await s3.call('PUT', target, { headers, body: 'body' }))).toEqual([400, 'InvalidRequest'])
    expect((await s3.call('PUT', target, { headers })).status).toBe(200)
  },
)

test.each([
  [
    'without its checksum',
    { 'x-amz-sdk-checksum-algorithm': 'SHA256' },
    'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
  ],
  [
    'beside another’s',
    { 'x-amz-sdk-checksum-algorithm': 'SHA256', 'x-amz-checksum-crc32': 'AAAAAA==' },
    'Value for x-amz-sdk-checksum-algorithm header is invalid.',
  ],
])('x-amz-sdk-checksum-algorithm %s is refused', async (_, headers, words) => {
  const reply = await s3.call('PUT', '/bucket/key', { headers: { ...headers } as Record<string, string> })
  expect(outcome(reply)).toEqual([400, 'InvalidRequest'])
  expect(reply.text).toContain(words)
  expect((await s3.call('GET', '/bucket/key')).text).toBe('before')
})
