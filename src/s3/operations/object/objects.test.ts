import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { objectRecords } from '../../records/object-record.ts'
import { openS3, type Reply, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

const put = (key: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  s3.call('PUT', `/bucket/${key}`, { body, headers })
const get = (key: string, headers: Record<string, string> = {}) => s3.call('GET', `/bucket/${key}`, { headers })
const outcome = ({ status, code }: Reply) => [status, code]
const md5 = (text: string) => createHash('md5').update(text).digest()

function crc32Of(text: string): string {
  const digest = Buffer.alloc(4)
  digest.writeUInt32BE(crc32(text))
  return digest.toString('base64')
}

async function keys(): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of s3.database.entries(objectRecords)) found.push(key[1])
  return found
}

test('PutObject answers the MD5 as ETag and CRC64NVME by default; GetObject gives everything back', async () => {
  const stored = await put('key', 'hello', {
    'content-type': 'text/plain',
    'content-encoding': 'aws-chunked,gzip',
    'x-amz-meta-colour': 'blau',
  })
  expect([stored.status, stored.headers.get('etag')]).toEqual([200, `"${md5('hello').toString('hex')}"`])
  expect(stored.headers.get('x-amz-checksum-type')).toBe('FULL_OBJECT')
  expect(stored.headers.get('x-amz-checksum-crc64nvme')).toMatch(/^[\w+/]{11}=$/)
  const read = await get('key')
  expect([read.status, read.text]).toEqual([200, 'hello'])
  expect(Object.fromEntries(read.headers)).toMatchObject({
    'accept-ranges': 'bytes',
    'content-length': '5',
    'content-type': 'text/plain',
    'content-encoding': 'gzip',
    'x-amz-meta-colour': 'blau',
    etag: stored.headers.get('etag'),
  })
  expect(read.headers.has('x-amz-checksum-crc64nvme')).toBe(false)
})

test('An empty object has a body, and HeadObject has the headers of GetObject without it', async () => {
  await put('empty', new Uint8Array())
  const read = await get('empty')
  expect([read.status, read.text, read.headers.get('content-length')]).toEqual([200, '', '0'])
  const head = await s3.call('HEAD', '/bucket/empty')
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '0'])
  expect(head.headers.get('content-type')).toBe('binary/octet-stream')
})

test('A missing key is NoSuchKey, and deleting it is no error', async () => {
  const read = await get('nothing')
  expect(outcome(read)).toEqual([404, 'NoSuchKey'])
  expect(await read.xml('Error')).toMatchObject({ Key: 'nothing', Message: 'The specified key does not exist.' })
  expect((await s3.call('DELETE', '/bucket/nothing')).status).toBe(204)
})

test('Metadata beyond Latin-1 is answered encoded, and more than 2 KB of it is refused', async () => {
  await put('key', 'x', { 'x-amz-meta-name': 'caf\u00e9' })
  expect((await get('key')).headers.get('x-amz-meta-name')).toBe('=?UTF-8?Q?caf=C3=A9?=')
  const reply = await put('large', 'x', { 'x-amz-meta-a': 'y'.repeat(2048) })
  expect(outcome(reply)).toEqual([400, 'MetadataTooLarge'])
  expect(await keys()).toEqual(['key'])
})

test.each([
  ['an MD5 that is none', { 'content-md5': 'abc' }, 'InvalidDigest'],
  ['an MD5 of something else', { 'content-md5': md5('other').toString('base64') }, 'BadDigest'],
  ['a checksum that is none', { 'x-amz-checksum-crc32': 'abc' }, 'InvalidRequest'],
  ['a checksum of something else', { 'x-amz-checksum-crc32': crc32Of('other') }, 'BadDigest'],
  ['two checksums', { 'x-amz-checksum-crc32': crc32Of('hello'), 'x-amz-checksum-sha1': 'abc' }, 'InvalidRequest'],
  ['an unknown checksum', { 'x-amz-checksum-adler': 'abc' }, 'InvalidRequest'],
])('PutObject refuses %s and stores nothing', async (_, headers, code) => {
  await put('key', 'before')
  expect(outcome(await put('key', 'hello', headers))).toEqual([400, code])
  expect((await get('key')).text).toBe('before')
})

test('A checksum that was sent is the one kept, and told with checksum mode', async () => {
  const reply = await put('key', 'hello', {
    'x-amz-checksum-crc32': crc32Of('hello'),
    'x-amz-sdk-checksum-algorithm': 'CRC32',
  })
  expect(reply.headers.get('x-amz-checksum-crc32')).toBe(crc32Of('hello'))
  const mode = { 'x-amz-checksum-mode': 'ENABLED' }
  expect((await get('key', mode)).headers.get('x-amz-checksum-crc32')).toBe(crc32Of('hello'))
  expect((await get('key', { ...mode, range: 'bytes=0-1' })).headers.has('x-amz-checksum-crc32')).toBe(false)
  expect((await get('key', { ...mode, range: 'bytes=0-4' })).headers.has('x-amz-checksum-crc32')).toBe(true)
})

test('A range is 206 with its place, an unsatisfiable one 416 with the size', async () => {
  await put('key', '0123456789')
  const part = await get('key', { range: 'bytes=2-4' })
  expect([part.status, part.text, part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10'])
  const beyond = await get('key', { range: 'bytes=10-' })
  expect(outcome(beyond)).toEqual([416, 'InvalidRange'])
  expect(await beyond.xml('Error')).toMatchObject({ ActualObjectSize: '10', RangeRequested: 'bytes=10-' })
  const both = await s3.call('GET', '/bucket/key?partNumber=1', { headers: { range: 'bytes=0-1' } })
  expect(outcome(both)).toEqual([400, 'InvalidRequest'])
  expect(outcome(await s3.call('GET', '/bucket/key?partNumber=2'))).toEqual([416, 'InvalidPartNumber'])
})

test('A body of many segments is read by range across their edges', async () => {
  const text = Array.from({ length: 100_000 }, (_, index) => `${index}`.padStart(8, '.')).join('')
  await put('large', text)
  expect((await get('large')).text === text).toBe(true)
  expect((await get('large', { range: 'bytes=262140-262150' })).text).toBe(text.slice(262_140, 262_151))
  expect((await get('large', { range: 'bytes=-9' })).text).toBe(text.slice(-9))
})

test('Conditions of a read: ETags win over dates', async () => {
  const etag = (await put('key', 'hello')).headers.get('etag') ?? ''
  const past = new Date(s3.ambient.now() - 60_000).toUTCString()
  const future = new Date(s3.ambient.now() + 60_000).toUTCString()
  const status = async (headers: Record<string, string>) => (await get('key', headers)).status
  expect(await status({ 'if-match': etag })).toBe(200)
  expect(await status({ 'if-match': '"other"' })).toBe(412)
  expect(await status({ 'if-none-match': etag })).toBe(304)
  expect(await status({ 'if-none-match': '"other"' })).toBe(200)
  expect(await status({ 'if-modified-since': future })).toBe(200)
  expect(await status({ 'if-modified-since': new Date(s3.ambient.now()).toUTCString() })).toBe(304)
  expect(await status({ 'if-modified-since': past })).toBe(200)
  expect(await status({ 'if-unmodified-since': past })).toBe(412)
  const lastModified = (await get('key')).headers.get('last-modified') ?? ''
  const before = new Date(Date.parse(lastModified) - 1000).toUTCString()
  expect(await status({ 'if-modified-since': lastModified })).toBe(304)
  expect(await status({ 'if-modified-since': before })).toBe(200)
  expect(await status({ 'if-unmodified-since': lastModified })).toBe(200)
  expect(await status({ 'if-unmodified-since': before })).toBe(412)
  expect(await status({ 'if-match': etag, 'if-unmodified-since': past })).toBe(200)
  expect(await status({ 'if-none-match': etag, 'if-modified-since': past })).toBe(304)
  const failed = await get('key', { 'if-match': '"other"' })
  expect(await failed.xml('Error')).toMatchObject({ Condition: 'If-Match' })
})

test('Conditions of a write hold or the object stays as it was', async () => {
  expect(outcome(await put('key', 'new', { 'if-match': '"any"' }))).toEqual([404, 'NoSuchKey'])
  expect((await put('key', 'first', { 'if-none-match': '*' })).status).toBe(200)
  expect(outcome(await put('key', 'second', { 'if-none-match': '*' }))).toEqual([412, 'PreconditionFailed'])
  expect(outcome(await put('key', 'second', { 'if-match': '"other"' }))).toEqual([412, 'PreconditionFailed'])
  expect(outcome(await put('key', 'second', { 'if-match': '*' }))).toEqual([501, 'NotImplemented'])
  expect(outcome(await put('key', 'second', { 'if-none-match': '"x"' }))).toEqual([501, 'NotImplemented'])
  expect((await get('key')).text).toBe('first')
  const etag = (await get('key')).headers.get('etag') ?? ''
  expect((await put('key', 'second', { 'if-match': etag })).status).toBe(200)
})

test('Of many writers with If-None-Match one alone succeeds', async () => {
  const replies = await Promise.all(
    Array.from({ length: 8 }, (_, index) => put('key', `writer ${index}`, { 'if-none-match': '*' })),
  )
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(replies.filter(({ code }) => code === 'PreconditionFailed')).toHaveLength(7)
})

test('response-… parameters replace headers of the answer', async () => {
  await put('key', 'hello', { 'content-type': 'text/plain' })
  const reply = await s3.call('GET', '/bucket/key?response-content-type=text%2Fhtml&response-expires=never')
  expect([reply.headers.get('content-type'), reply.headers.get('expires')]).toEqual(['text/html', 'never'])
})

test('DeleteObject with If-Match deletes only the object that is meant', async () => {
  const etag = (await put('key', 'hello')).headers.get('etag') ?? ''
  const remove = (headers: Record<string, string>) => s3.call('DELETE', '/bucket/key', { headers })
  expect(outcome(await remove({ 'if-match': '"other"' }))).toEqual([412, 'PreconditionFailed'])
  expect(outcome(await remove({ 'x-amz-if-match-size': '5' }))).toEqual([501, 'NotImplemented'])
  expect((await remove({ 'if-match': etag })).status).toBe(204)
  expect(await keys()).toEqual([])
})

test('DeleteObjects answers for each key; Quiet tells of errors only; the body needs a digest', async () => {
  await put('a', '1')
  await put('b', '2')
  const remove = (body: string, headers: Record<string, string> = { 'content-md5': md5(body).toString('base64') }) =>
    s3.call('POST', '/bucket?delete', { body, headers })
  const two = '<Delete><Object><Key>a</Key></Object><Object><Key>gone</Key></Object></Delete>'
  expect(outcome(await remove(two, {}))).toEqual([400, 'InvalidRequest'])
  const reply = await remove(two)
  expect(await reply.xml('DeleteResult')).toMatchObject({ Deleted: [{ Key: 'a' }, { Key: 'gone' }] })
  const quiet = '<Delete><Quiet>true</Quiet><Object><Key>b</Key><ETag>"x"</ETag></Object></Delete>'
  const refused = await (await remove(quiet)).xml('DeleteResult')
  expect(refused).toMatchObject({ Error: { Key: 'b', Code: 'PreconditionFailed' } })
  expect(refused.Deleted).toBeUndefined()
  expect(await keys()).toEqual(['b'])
  const many = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1001)}</Delete>`
  expect(outcome(await remove(many))).toEqual([400, 'MalformedXML'])
  const misspelt = '<Delete><Object><Key>b</Key><Etag>"x"</Etag></Object></Delete>'
  expect(outcome(await remove(misspelt))).toEqual([400, 'MalformedXML'])
  expect(await keys()).toEqual(['b'])
})

test('A body longer than 5 GiB is refused by its Content-Length', async () => {
  const headers = { 'content-length': String(5 * 2 ** 30 + 1) }
  expect(outcome(await put('key', 'x', headers))).toEqual([400, 'EntityTooLarge'])
})

function trailing(text: string, trailer: string) {
  const headers = {
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': String(text.length),
    'x-amz-trailer': 'x-amz-checksum-crc32',
  }
  return put('key', `${text.length.toString(16)}\r\n${text}\r\n0\r\n${trailer}\r\n\r\n`, headers)
}

test('A checksum in the trailer is verified when the body has ended', async () => {
  expect((await trailing('hello', `x-amz-checksum-crc32:${crc32Of('hello')}`)).status).toBe(200)
  expect((await get('key')).headers.has('content-encoding')).toBe(false)
  const wrong = await trailing('other', `x-amz-checksum-crc32:${crc32Of('hello')}`)
  expect(outcome(wrong)).toEqual([400, 'BadDigest'])
  const invalid = await trailing('other', 'x-amz-checksum-crc32:abc')
  expect(outcome(invalid)).toEqual([400, 'InvalidRequest'])
  expect((await get('key')).text).toBe('hello')
})
