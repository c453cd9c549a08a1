import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sendSigned } from '../signed-request.ts'
import { Bench } from '../sse-table/bench.ts'
import { asking, kmsCall, opening, type SchemeName, schemes } from '../sse-table/schemes.ts'
import { element, type Headers, type Reply } from '../sse-table/table.ts'
import { type Algorithm, algorithms, checksumOf, digestOf, headerOf } from './algorithms.ts'

/* Checksums of multipart uploads: of the parts' checksums (COMPOSITE) or of the whole (FULL_OBJECT), under every scheme. */

let bench: Bench
const parts = [randomBytes(5 << 20), randomBytes(3000)]
const whole = Buffer.concat(parts)

type Type = 'COMPOSITE' | 'FULL_OBJECT'
const fullObject: Algorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME']
const composite = algorithms.filter((algorithm) => algorithm !== 'CRC64NVME')

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

interface Upload {
  Key: string
  UploadId: string
  scheme: SchemeName
}

function send(
  method: string,
  { Key }: { Key: string },
  query: Record<string, string>,
  headers: Headers,
  body?: Buffer,
) {
  const { endpoint, ambient } = bench.table.journey
  return sendSigned(endpoint, { method, path: `/${bench.bucket}/${Key}`, query, headers, body }, ambient.now())
}

async function create(scheme: SchemeName, headers: Headers): Promise<Upload & { reply: Reply }> {
  const Key = bench.newKey()
  const reply = await send('POST', { Key }, { uploads: '' }, { ...asking(scheme, bench.keyArn), ...headers })
  return { Key, scheme, UploadId: element(reply, 'UploadId') ?? '', reply }
}

function putPart(upload: Upload, number: number, body: Buffer, headers: Headers = {}): Promise<Reply> {
  const query = { partNumber: String(number), uploadId: upload.UploadId }
  return send('PUT', upload, query, { ...opening(upload.scheme), ...headers }, body)
}

interface Listed {
  ETag: string
  /** By member name. */
  [name: string]: string
}

function complete(upload: Upload, listed: readonly Listed[], headers: Headers = {}): Promise<Reply> {
  const elements = listed.map((part, index) => {
    const members = Object.entries(part).map(([name, value]) => `<${name}>${value}</${name}>`)
    return `<Part><PartNumber>${index + 1}</PartNumber>${members.join('')}</Part>`
  })
  const document = `<CompleteMultipartUpload>${elements.join('')}</CompleteMultipartUpload>`
  const query = { uploadId: upload.UploadId }
  return send('POST', upload, query, { ...opening(upload.scheme), ...headers }, Buffer.from(document))
}

async function expectedValue(algorithm: Algorithm, type: Type): Promise<string> {
  if (type === 'FULL_OBJECT') return checksumOf(algorithm, whole)
  const digests = await Promise.all(parts.map((part) => digestOf(algorithm, part)))
  return `${await checksumOf(algorithm, Buffer.concat(digests))}-${parts.length}`
}

async function head({ Key, scheme }: Upload, query: Record<string, string> = {}): Promise<Headers> {
  return (await send('HEAD', { Key }, query, { ...opening(scheme), 'x-amz-checksum-mode': 'ENABLED' })).headers
}

/** Uploads both parts; resolves to what Complete lists of them. */
async function putParts(upload: Upload, algorithm: Algorithm): Promise<Listed[]> {
  const listed: Listed[] = []
  for (const [index, part] of parts.entries()) {
    const value = await checksumOf(algorithm, part)
    const reply = await putPart(upload, index + 1, part, { [headerOf(algorithm)]: value })
    expect(reply).toMatchObject({ status: 200, headers: { [headerOf(algorithm)]: value } })
    listed.push({ ETag: reply.headers.etag ?? '', [`Checksum${algorithm}`]: value })
  }
  return listed
}

/** ListParts tells the parts' checksums; where they are sealed under a KMS key that costs one Decrypt. */
async function expectListed(upload: Upload, algorithm: Algorithm, listed: readonly Listed[]): Promise<void> {
  await bench.table.events()
  const { text } = await send('GET', upload, { uploadId: upload.UploadId }, opening(upload.scheme))
  for (const part of listed) expect(text).toContain(`<Checksum${algorithm}>${part[`Checksum${algorithm}`]}<`)
  expect(await bench.events(upload.Key)).toEqual(kmsCall(upload.scheme, 'Decrypt'))
}

async function roundTrip(algorithm: Algorithm, type: Type, scheme: SchemeName): Promise<void> {
  const headers = { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type }
  const upload = await create(scheme, headers)
  expect(upload.reply).toMatchObject({ status: 200, headers })
  const listed = await putParts(upload, algorithm)
  await expectListed(upload, algorithm, listed)
  const value = await expectedValue(algorithm, type)
  const completed = await complete(upload, listed, { [headerOf(algorithm)]: value })
  expect([completed.status, element(completed, `Checksum${algorithm}`), element(completed, 'ChecksumType')]).toEqual([
    200,
    value,
    type,
  ])
  const told = { [headerOf(algorithm)]: value, 'x-amz-checksum-type': type }
  expect(await head(upload)).toMatchObject(told)
  const attributes = await send(
    'GET',
    upload,
    { attributes: '' },
    {
      ...opening(scheme),
      'x-amz-object-attributes': 'Checksum,ObjectParts',
    },
  )
  expect(element(attributes, 'ChecksumType')).toBe(type)
  expect(element(attributes, `Checksum${algorithm}`)).toBe(value.replace(/-\d+$/, ''))
  if (type === 'FULL_OBJECT') return
  const part = await head(upload, { partNumber: '2' })
  expect(part[headerOf(algorithm)]).toBe(listed[1]?.[`Checksum${algorithm}`])
}

test.each([
  ...composite.map((algorithm) => [algorithm, 'COMPOSITE'] as const),
  ...fullObject.map((algorithm) => [algorithm, 'FULL_OBJECT'] as const),
])('%s %s', async (algorithm, type) => {
  await roundTrip(algorithm, type, 'SSE-KMS')
})

test.each(
  schemes.flatMap((scheme) => [[scheme, 'COMPOSITE', 'SHA256'] as const, [scheme, 'FULL_OBJECT', 'CRC32C'] as const]),
)('under %s, %s %s', async (scheme, type, algorithm) => {
  await roundTrip(algorithm, type, scheme)
})

const otherSchemes = schemes.filter((scheme) => scheme !== 'SSE-C')

async function completeUnasked(scheme: SchemeName): Promise<{ upload: Upload; completed: Reply }> {
  const upload = await create(scheme, {})
  const listed: Listed[] = []
  for (const [index, part] of parts.entries()) {
    listed.push({ ETag: (await putPart(upload, index + 1, part)).headers.etag ?? '' })
  }
  const completed = await complete(upload, listed)
  expect(completed.status).toBe(200)
  return { upload, completed }
}

test('under SSE-C an upload without an algorithm ends with no checksum', async () => {
  const { upload, completed } = await completeUnasked('SSE-C')
  expect(completed.text).not.toContain('Checksum')
  expect(Object.keys(await head(upload)).filter((name) => name.startsWith('x-amz-checksum'))).toEqual([])
})

test.each(otherSchemes)('under %s an upload without an algorithm ends with CRC64NVME of the whole', async (scheme) => {
  const { upload, completed } = await completeUnasked(scheme)
  // Recorded: under a KMS key the answer tells no checksum, though GET does later.
  const isSealed = scheme.includes('KMS')
  expect(completed.text.includes('Checksum')).toBe(!isSealed)
  await bench.table.events()
  expect(await head(upload)).toMatchObject({
    'x-amz-checksum-crc64nvme': await checksumOf('CRC64NVME', whole),
    'x-amz-checksum-type': 'FULL_OBJECT',
  })
  expect(await bench.events(upload.Key)).toEqual(kmsCall(scheme, 'Decrypt'))
})

test.each([
  ['CRC32', 'COMPOSITE'],
  ['CRC32C', 'COMPOSITE'],
  ['SHA1', 'COMPOSITE'],
  ['SHA256', 'COMPOSITE'],
  ['SHA512', 'COMPOSITE'],
  ['MD5', 'COMPOSITE'],
  ['XXHASH64', 'COMPOSITE'],
  ['XXHASH3', 'COMPOSITE'],
  ['XXHASH128', 'COMPOSITE'],
  ['CRC64NVME', 'FULL_OBJECT'],
])('the type of %s is %s where none is named', async (algorithm, type) => {
  const { reply } = await create('none', { 'x-amz-checksum-algorithm': algorithm })
  expect(reply.headers['x-amz-checksum-type']).toBe(type)
})

describe('CreateMultipartUpload refuses', () => {
  test.each([
    [
      'an unknown algorithm',
      { 'x-amz-checksum-algorithm': 'CRC16' },
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128]',
    ],
    [
      'a type without an algorithm',
      { 'x-amz-checksum-type': 'COMPOSITE' },
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    ],
    [
      'COMPOSITE of CRC64NVME',
      { 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE' },
      'The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.',
    ],
    [
      'FULL_OBJECT of SHA256',
      { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-type': 'FULL_OBJECT' },
      'The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.',
    ],
    [
      'FULL_OBJECT of XXHASH3',
      { 'x-amz-checksum-algorithm': 'XXHASH3', 'x-amz-checksum-type': 'FULL_OBJECT' },
      'The FULL_OBJECT checksum type cannot be used with the xxhash3 checksum algorithm.',
    ],
    [
      'FULL_OBJECT of SHA1',
      { 'x-amz-checksum-algorithm': 'SHA1', 'x-amz-checksum-type': 'FULL_OBJECT' },
      'The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.',
    ],
  ])('%s, before KMS is asked', async (_, headers: Headers, message) => {
    await bench.table.events()
    const { reply } = await create('SSE-KMS', headers)
    expect(refusalOf(reply)).toEqual([400, 'InvalidRequest', message])
    expect(await bench.table.events()).toEqual([])
  })
})

function refusalOf(reply: Reply) {
  return [reply.status, element(reply, 'Code'), element(reply, 'Message')]
}

describe.each(schemes)('under %s', (scheme) => {
  const underSha256 = { 'x-amz-checksum-algorithm': 'SHA256' }
  const small = Buffer.from('a small part')

  test('UploadPart refuses another algorithm and a wrong value', async () => {
    const upload = await create(scheme, underSha256)
    const other = await putPart(upload, 1, small, { 'x-amz-checksum-crc32': await checksumOf('CRC32', small) })
    const mismatch = 'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32'
    expect(refusalOf(other)).toEqual([400, 'InvalidRequest', mismatch])
    const wrong = await putPart(upload, 1, small, { 'x-amz-checksum-sha256': await checksumOf('SHA256', whole) })
    const differs = 'The SHA256 you specified did not match the calculated checksum.'
    expect(refusalOf(wrong)).toEqual([400, 'BadDigest', differs])
    const listed = await send('GET', upload, { uploadId: upload.UploadId }, opening(scheme))
    expect([listed.status, listed.text.includes('<Part>')]).toEqual([200, false])
  })

  async function begun(headers: Headers): Promise<{ upload: Upload; ETag: string; value: string }> {
    const upload = await create(scheme, headers)
    const value = await checksumOf('SHA256', small)
    const sent: Headers = headers === underSha256 ? { 'x-amz-checksum-sha256': value } : {}
    const ETag = (await putPart(upload, 1, small, sent)).headers.etag ?? ''
    return { upload, ETag, value }
  }

  test('CompleteMultipartUpload needs the parts’ checksums, and the right ones', async () => {
    const { upload, ETag, value } = await begun(underSha256)
    const missing =
      'The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.'
    expect(refusalOf(await complete(upload, [{ ETag }]))).toEqual([400, 'InvalidRequest', missing])
    const wrong = await complete(upload, [{ ETag, ChecksumSHA256: await checksumOf('SHA256', whole) }])
    expect([wrong.status, element(wrong, 'Code')]).toEqual([400, 'InvalidPart'])
    const other = await complete(upload, [{ ETag, ChecksumCRC32: 'AAAAAA==' }])
    const message = 'The crc32 you specified for part 1 did not match what we received.'
    expect(refusalOf(other)).toEqual([400, 'BadDigest', message])
    expect((await complete(upload, [{ ETag, ChecksumSHA256: value }])).status).toBe(200)
  })

  test('CompleteMultipartUpload refuses another type, a wrong checksum and a wrong size of the whole', async () => {
    const { upload, ETag, value } = await begun(underSha256)
    const listed = [{ ETag, ChecksumSHA256: value }]
    const type = await complete(upload, listed, { 'x-amz-checksum-type': 'FULL_OBJECT' })
    const otherType =
      'The upload was created using the COMPOSITE checksum mode. The complete request must use the same checksum mode.'
    expect(refusalOf(type)).toEqual([400, 'InvalidRequest', otherType])
    const checksum = await complete(upload, listed, { 'x-amz-checksum-sha256': await checksumOf('SHA256', whole) })
    const differs = 'The sha256 you specified did not match the calculated checksum.'
    expect(refusalOf(checksum)).toEqual([400, 'BadDigest', differs])
    const size = await complete(upload, listed, { 'x-amz-mp-object-size': '5' })
    const words = `The provided 'x-amz-mp-object-size' header value 5 does not match what was computed: ${small.length}`
    expect(refusalOf(size)).toEqual([400, 'InvalidRequest', words])
    const right = { 'x-amz-checksum-type': 'COMPOSITE', 'x-amz-mp-object-size': String(small.length) }
    expect((await complete(upload, listed, right)).status).toBe(200)
  })

  test('CompleteMultipartUpload of an upload without an algorithm refuses COMPOSITE', async () => {
    const { upload, ETag } = await begun({})
    const refused = await complete(upload, [{ ETag }], { 'x-amz-checksum-type': 'COMPOSITE' })
    const message =
      'The upload was created using the null checksum mode. The complete request must use the same checksum mode.'
    expect(refusalOf(refused)).toEqual([400, 'InvalidRequest', message])
  })
})
