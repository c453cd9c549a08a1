import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, owner, type Reply, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

const smallest = 5 << 20
const large = Buffer.alloc(smallest, 'a')
const small = Buffer.from('the end')
const outcome = ({ status, code }: Reply) => [status, code]
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest()

type Listed = { number: number; etag: string; checksum?: string }

async function create(key: string, headers: Record<string, string> = {}): Promise<string> {
  const reply = await s3.call('POST', `/bucket/${key}?uploads`, { headers })
  const { UploadId } = await reply.xml('InitiateMultipartUploadResult')
  return String(UploadId)
}

function upload(key: string, id: string, number: number, body: Uint8Array, headers: Record<string, string> = {}) {
  return s3.call('PUT', `/bucket/${key}?partNumber=${number}&uploadId=${id}`, { body, headers })
}

const completed = (reply: Reply) => reply.xml('CompleteMultipartUploadResult')

async function part(key: string, id: string, number: number, body: Uint8Array, headers = {}): Promise<Listed> {
  const reply = await upload(key, id, number, body, headers)
  expect(reply.status).toBe(200)
  return { number, etag: reply.headers.get('etag') ?? '' }
}

function complete(key: string, id: string, parts: Listed[], headers: Record<string, string> = {}) {
  const listed = parts.map(
    ({ number, etag, checksum = '' }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${checksum}</Part>`,
  )
  const body = `<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`
  return s3.call('POST', `/bucket/${key}?uploadId=${id}`, { body, headers })
}

function crc32Of(bytes: Uint8Array): Buffer {
  const digest = Buffer.alloc(4)
  digest.writeUInt32BE(crc32(bytes))
  return digest
}

test('An upload of two parts becomes one object, read whole, by range and by part', async () => {
  const id = await create('key', { 'x-amz-meta-a': 'b', 'content-type': 'text/plain' })
  const parts = [await part('key', id, 2, large), await part('key', id, 5, small)]
  const completed = await complete('key', id, parts)
  const etag = createHash('md5')
    .update(Buffer.concat([md5(large), md5(small)]))
    .digest('hex')
  expect(await completed.xml('CompleteMultipartUploadResult')).toMatchObject({
    Location: 'https://127.0.0.1/bucket/key',
    Bucket: 'bucket',
    Key: 'key',
    ETag: `"${etag}-2"`,
    ChecksumType: 'FULL_OBJECT',
  })
  const read = await s3.call('GET', '/bucket/key')
  expect(read.text === large.toString() + small.toString()).toBe(true)
  expect(read.headers.get('x-amz-meta-a')).toBe('b')
  const across = await s3.call('GET', '/bucket/key', { headers: { range: `bytes=${smallest - 2}-${smallest + 2}` } })
  expect(across.text).toBe('aathe')
  const second = await s3.call('GET', '/bucket/key?partNumber=5')
  expect([second.status, second.text, second.headers.get('x-amz-mp-parts-count')]).toEqual([206, 'the end', '2'])
})

test('Completing again with the same list is answered as the first time; the upload itself is gone', async () => {
  const id = await create('key')
  const parts = [await part('key', id, 1, small)]
  const { ChecksumCRC64NVME, ChecksumType, ...first } = await completed(await complete('key', id, parts))
  expect([ChecksumCRC64NVME, ChecksumType]).toEqual([expect.any(String), 'FULL_OBJECT'])
  expect(await completed(await complete('key', id, parts))).toEqual(first)
  expect(outcome(await complete('key', id, [{ number: 1, etag: 'other' }]))).toEqual([404, 'NoSuchUpload'])
  expect(outcome(await upload('key', id, 2, small))).toEqual([404, 'NoSuchUpload'])
})

test('A part uploaded twice is the later one, and what is not listed is dropped', async () => {
  const id = await create('key')
  const before = await part('key', id, 1, Buffer.from('before'))
  const after = await part('key', id, 1, small)
  await part('key', id, 3, Buffer.from('left out'))
  expect(outcome(await complete('key', id, [before]))).toEqual([400, 'InvalidPart'])
  expect((await complete('key', id, [after])).status).toBe(200)
  expect((await s3.call('GET', '/bucket/key')).text).toBe('the end')
})

test('Complete refuses a list that does not fit, and the upload stays', async () => {
  const id = await create('key')
  const [one, two] = [await part('key', id, 1, small), await part('key', id, 2, small)]
  expect(outcome(await complete('key', id, [two, one]))).toEqual([400, 'InvalidPartOrder'])
  expect(outcome(await complete('key', id, [one, one]))).toEqual([400, 'InvalidPartOrder'])
  expect(outcome(await complete('key', id, [{ number: 7, etag: one.etag }]))).toEqual([400, 'InvalidPart'])
  expect(outcome(await complete('key', id, [{ ...one, number: 0 }]))).toEqual([400, 'InvalidArgument'])
  expect(outcome(await complete('key', id, []))).toEqual([400, 'MalformedXML'])
  const tooSmall = await complete('key', id, [one, two])
  expect(outcome(tooSmall)).toEqual([400, 'EntityTooSmall'])
  expect(await tooSmall.xml('Error')).toMatchObject({ ProposedSize: '7', MinSizeAllowed: '5242880', PartNumber: '1' })
  const size = await complete('key', id, [two], { 'x-amz-mp-object-size': '8' })
  expect(await size.xml('Error')).toMatchObject({
    Code: 'InvalidRequest',
    Message: "The provided 'x-amz-mp-object-size' header value 8 does not match what was computed: 7",
  })
  expect((await s3.call('GET', '/bucket/key')).status).toBe(404)
  expect((await complete('key', id, [two])).status).toBe(200)
})

test('A part number is between 1 and 10000, and an unknown upload is NoSuchUpload', async () => {
  const id = await create('key')
  expect(outcome(await upload('key', id, 0, small))).toEqual([400, 'InvalidArgument'])
  expect(outcome(await upload('key', id, 10_001, small))).toEqual([400, 'InvalidArgument'])
  expect(outcome(await upload('key', 'unknown', 1, small))).toEqual([404, 'NoSuchUpload'])
  expect(outcome(await upload('other', id, 1, small))).toEqual([404, 'NoSuchUpload'])
})

test('A composite checksum is the checksum of the parts’ checksums, and each must be listed', async () => {
  const id = await create('key', { 'x-amz-checksum-algorithm': 'CRC32' })
  const wrong = await upload('key', id, 1, small, { 'x-amz-checksum-sha1': createHash('sha1').digest('base64') })
  expect(wrong.text).toContain(
    'Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: sha1',
  )
  const digest = crc32Of(small)
  const listed = await part('key', id, 1, small, { 'x-amz-checksum-crc32': digest.toString('base64') })
  const missing = await complete('key', id, [listed])
  expect(missing.text).toContain('It was missing for part 1 in the request.')
  const checksum = `<ChecksumCRC32>${digest.toString('base64')}</ChecksumCRC32>`
  const otherwise = await complete('key', id, [{ ...listed, checksum }], { 'x-amz-checksum-type': 'FULL_OBJECT' })
  expect(outcome(otherwise)).toEqual([400, 'InvalidRequest'])
  const completed = await complete('key', id, [{ ...listed, checksum }])
  expect(await completed.xml('CompleteMultipartUploadResult')).toMatchObject({
    ChecksumCRC32: `${crc32Of(digest).toString('base64')}-1`,
    ChecksumType: 'COMPOSITE',
  })
})

test('A full-object checksum is that of the joined parts', async () => {
  const headers = { 'x-amz-checksum-algorithm': 'CRC32', 'x-amz-checksum-type': 'FULL_OBJECT' }
  const id = await create('key', headers)
  const parts = [await part('key', id, 1, large), await part('key', id, 2, small)]
  const wrong = await complete('key', id, parts, { 'x-amz-checksum-crc32': crc32Of(small).toString('base64') })
  expect(wrong.text).toContain('The crc32 you specified did not match the calculated checksum.')
  const whole = crc32Of(Buffer.concat([large, small])).toString('base64')
  const completed = await complete('key', id, parts, { 'x-amz-checksum-crc32': whole })
  expect(await completed.xml('CompleteMultipartUploadResult')).toMatchObject({ ChecksumCRC32: whole })
})

test.each([
  [{ 'x-amz-checksum-algorithm': 'adler' }, 'Checksum algorithm provided is unsupported.'],
  [{ 'x-amz-checksum-type': 'COMPOSITE' }, 'can only be used with the x-amz-checksum-algorithm header.'],
  [
    { 'x-amz-checksum-type': 'COMPOSITE', 'x-amz-checksum-algorithm': 'CRC64NVME' },
    'The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.',
  ],
  [
    { 'x-amz-checksum-type': 'FULL_OBJECT', 'x-amz-checksum-algorithm': 'SHA256' },
    'The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.',
  ],
])('CreateMultipartUpload refuses %j', async (headers, words) => {
  const reply = await s3.call('POST', '/bucket/key?uploads', { headers })
  expect(outcome(reply)).toEqual([400, 'InvalidRequest'])
  expect(reply.text).toContain(words)
})

test('A conditional Complete is a conflict when the key changed since Create', async () => {
  await s3.call('PUT', '/bucket/key', { body: 'before' })
  const id = await create('key')
  const parts = [await part('key', id, 1, small)]
  expect(outcome(await complete('key', id, parts, { 'if-none-match': '*' }))).toEqual([412, 'PreconditionFailed'])
  s3.ambient.turn(1000)
  const now = await s3.call('PUT', '/bucket/key', { body: 'meanwhile' })
  const changed = await complete('key', id, parts, { 'if-match': now.headers.get('etag') ?? '' })
  expect(outcome(changed)).toEqual([409, 'ConditionalRequestConflict'])
  await s3.call('DELETE', '/bucket/key')
  const deleted = await complete('key', id, parts, { 'if-none-match': '*' })
  expect(outcome(deleted)).toEqual([409, 'ConditionalRequestConflict'])
  expect((await complete('key', id, parts)).status).toBe(200)
})

test('Complete weighs its condition and its list once more when KMS has answered', async () => {
  const from = { clientAddress: '127.0.0.1', userAgent: 'test', secure: false, requestId: 'request' }
  const output = await s3.kms.invoke('CreateKey', {}, { caller: owner, region: 'us-east-1', ...from })
  const { KeyMetadata } = output as { KeyMetadata: { KeyId: string } }
  const underKms = {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': KeyMetadata.KeyId,
  }
  const completeDuring = async (headers: Record<string, string>, change: (id: string) => Promise<Reply>) => {
    const id = await create('key', underKms)
    const parts = [await part('key', id, 1, small)]
    const { completing } = await s3.whileKeyIsHeld(KeyMetadata.KeyId, async () => {
      const completing = complete('key', id, parts, headers)
      expect((await change(id)).status).toBeLessThan(300)
      return { completing }
    })
    return outcome(await completing)
  }
  const write = () => s3.call('PUT', '/bucket/key', { body: 'meanwhile' })
  expect(await completeDuring({ 'if-none-match': '*' }, write)).toEqual([412, 'PreconditionFailed'])
  expect((await s3.call('GET', '/bucket/key')).text).toBe('meanwhile')
  const etag = createHash('md5').update('meanwhile').digest('hex')
  const remove = () => s3.call('DELETE', '/bucket/key')
  expect(await completeDuring({ 'if-match': etag }, remove)).toEqual([404, 'NoSuchKey'])
  const abort = (id: string) => s3.call('DELETE', `/bucket/key?uploadId=${id}`)
  expect(await completeDuring({}, abort)).toEqual([404, 'NoSuchUpload'])
  expect((await s3.call('GET', '/bucket/key')).code).toBe('NoSuchKey')
})

test.each([
  ['max-parts=-1', 'max-parts', 'Argument max-parts must be an integer between 0 and 2147483647'],
  ['part-number-marker=x', 'part-number-marker', 'Provided part-number-marker not an integer or within integer range'],
])('ListParts with %s is refused', async (query, ArgumentName, Message) => {
  const id = await create('key')
  const reply = await s3.call('GET', `/bucket/key?uploadId=${id}&${query}`)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', ArgumentName, Message })
})

test.each([
  ['max-uploads=-1', 'max-uploads', 'Argument max-uploads must be an integer between 0 and 2147483647'],
  ['max-uploads=-', 'max-uploads', 'Provided max-uploads not an integer or within integer range'],
])('ListMultipartUploads with %s is refused', async (query, ArgumentName, Message) => {
  const reply = await s3.call('GET', `/bucket?uploads&${query}`)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidArgument', ArgumentName, Message })
})

test('Abort ends the upload with its parts', async () => {
  const id = await create('key')
  await part('key', id, 1, small)
  const abort = () => s3.call('DELETE', `/bucket/key?uploadId=${id}`)
  expect((await abort()).status).toBe(204)
  expect(outcome(await abort())).toEqual([404, 'NoSuchUpload'])
})

test('ListParts pages through the parts', async () => {
  const id = await create('key')
  for (const number of [1, 2, 9]) await part('key', id, number, small)
  const first = await s3.call('GET', `/bucket/key?uploadId=${id}&max-parts=2`)
  expect(await first.xml('ListPartsResult')).toMatchObject({
    Part: [{ PartNumber: '1', Size: '7' }, { PartNumber: '2' }],
    IsTruncated: 'true',
    NextPartNumberMarker: '2',
    Initiator: { ID: 'arn:aws:iam::000000000000:user/test', DisplayName: 'test' },
  })
  const rest = await s3.call('GET', `/bucket/key?uploadId=${id}&part-number-marker=2`)
  expect(await rest.xml('ListPartsResult')).toMatchObject({ Part: { PartNumber: '9' }, IsTruncated: 'false' })
})

test('ListMultipartUploads lists by key and age, rolls up prefixes and pages', async () => {
  const first = await create('a/1')
  s3.ambient.turn(1)
  const second = await create('a/1')
  await create('b/1')
  await create('c')
  const list = async (query: string) =>
    (await s3.call('GET', `/bucket?uploads${query}`)).xml('ListMultipartUploadsResult')
  expect(await list('&max-uploads=1')).toMatchObject({
    Upload: { Key: 'a/1', UploadId: first },
    IsTruncated: 'true',
    NextKeyMarker: 'a/1',
    NextUploadIdMarker: first,
  })
  expect(await list(`&max-uploads=1&key-marker=a/1&upload-id-marker=${first}`)).toMatchObject({
    Upload: { UploadId: second },
  })
  expect(await list('&delimiter=/')).toMatchObject({
    Upload: { Key: 'c' },
    CommonPrefixes: [{ Prefix: 'a/' }, { Prefix: 'b/' }],
  })
  expect(await list('&delimiter=/&key-marker=a/')).toMatchObject({ CommonPrefixes: { Prefix: 'b/' } })
  expect(await list('&prefix=b')).toMatchObject({ Upload: { Key: 'b/1' }, IsTruncated: 'false', Prefix: 'b' })
  const all = await list('')
  expect([all.KeyMarker, all.UploadIdMarker, all.NextKeyMarker, all.Prefix]).toEqual(['', '', 'c', undefined])
  expect(all.NextUploadIdMarker).toMatch(/^[0-9a-f]{96}$/)
  expect(await list('&prefix=x')).toMatchObject({ NextKeyMarker: '', NextUploadIdMarker: '', Prefix: 'x' })
  const invalid = await s3.call('GET', '/bucket?uploads&key-marker=a&upload-id-marker=b')
  expect(invalid.text).toContain('Invalid uploadId marker')
})

test('Of two Completes at once both answer the one object', async () => {
  const id = await create('key')
  const parts = [await part('key', id, 1, small)]
  const [one, two] = await Promise.all([complete('key', id, parts), complete('key', id, parts)])
  expect([one.status, two.status]).toEqual([200, 200])
  expect((await completed(one)).ETag).toBe((await completed(two)).ETag)
  expect((await s3.call('GET', '/bucket/key')).text).toBe('the end')
})

test('Location encodes the key as a form does', async () => {
  const id = await create('d/s%20p')
  const parts = [await part('d/s%20p', id, 1, small)]
  expect((await completed(await complete('d/s%20p', id, parts))).Location).toBe('https://127.0.0.1/bucket/d%2Fs+p')
})
