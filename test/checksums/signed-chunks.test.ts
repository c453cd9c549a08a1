import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Frames, sendSigned } from '../signed-request.ts'
import { Bench } from '../sse-table/bench.ts'
import { asking, opening, type SchemeName, schemes } from '../sse-table/schemes.ts'
import { element, type Headers } from '../sse-table/table.ts'
import { checksumOf } from './algorithms.ts'

/* Bodies in signed frames: what is changed on the way stores nothing, as an object or as a part. */

let bench: Bench
const body = randomBytes(20_000)
let trailers: Record<string, string>

beforeAll(async () => {
  bench = await Bench.open()
  trailers = { 'x-amz-checksum-crc32c': await checksumOf('CRC32C', body) }
})
afterAll(() => bench.table.stop())

function put(Key: string, scheme: SchemeName, frames: Frames, query?: Record<string, string>, headers: Headers = {}) {
  const { endpoint, ambient } = bench.table.journey
  const asked = query ? opening(scheme) : asking(scheme, bench.keyArn)
  const request = {
    method: 'PUT',
    path: `/${bench.bucket}/${Key}`,
    query,
    headers: { ...asked, ...headers },
    body,
    frames,
  }
  return sendSigned(endpoint, request, ambient.now())
}

const changes: [name: string, change: (framed: Buffer) => Buffer][] = [
  ['a flipped byte in the first chunk', (framed) => flipped(framed, 500)],
  ['a flipped byte in the last chunk', (framed) => flipped(framed, framed.lastIndexOf('\r\n0;') - 10)],
  ['a wrong signature of the first chunk', (framed) => withHexChanged(framed, framed.indexOf('chunk-signature=') + 16)],
  [
    'a wrong signature of the last chunk',
    (framed) => withHexChanged(framed, framed.lastIndexOf('chunk-signature=') + 16),
  ],
  ['two chunks exchanged', exchanged],
]

function flipped(framed: Buffer, at: number): Buffer {
  const changed = Buffer.from(framed)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

function withHexChanged(framed: Buffer, at: number): Buffer {
  const changed = Buffer.from(framed)
  changed[at] = changed[at] === 0x30 ? 0x31 : 0x30
  return changed
}

/** The first two frames have the same length. */
function exchanged(framed: Buffer): Buffer {
  const length = framed.indexOf('\r\n') + 2 + 8192 + 2
  return Buffer.concat([framed.subarray(length, 2 * length), framed.subarray(0, length), framed.subarray(2 * length)])
}

const withTrailer = (): Frames => ({ signed: true, trailers })
const without = (): Frames => ({ signed: true })

describe.each([
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', without],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', withTrailer],
] as const)('%s', (_, frames) => {
  test.each(schemes)('stores what it frames, under %s', async (scheme) => {
    const Key = bench.newKey()
    expect((await put(Key, scheme, frames())).status).toBe(200)
    const { endpoint, ambient } = bench.table.journey
    const path = `/${bench.bucket}/${Key}`
    const read = await sendSigned(endpoint, { method: 'GET', path, headers: opening(scheme) }, ambient.now())
    expect([read.headers['content-length'], read.headers['content-encoding']]).toEqual(['20000', undefined])
  })

  test.each(changes.flatMap(([name, change]) => schemes.map((scheme) => [name, scheme, change] as const)))(
    '%s stores nothing, under %s',
    async (_, scheme, change) => {
      const Key = bench.newKey()
      const refused = await put(Key, scheme, { ...frames(), change })
      expect([refused.status, element(refused, 'Code')]).toEqual([403, 'SignatureDoesNotMatch'])
      expect((await bench.get(Key, opening(scheme))).status).toBe(404)
    },
  )

  test.each(changes)('%s makes no part', async (_, change) => {
    const { Key, UploadId } = await bench.createUpload('SSE-KMS')
    const query = { partNumber: '1', uploadId: UploadId }
    const refused = await put(Key, 'SSE-KMS', { ...frames(), change }, query)
    expect(element(refused, 'Code')).toBe('SignatureDoesNotMatch')
    const { endpoint, ambient } = bench.table.journey
    const path = `/${bench.bucket}/${Key}`
    const listed = await sendSigned(endpoint, { method: 'GET', path, query: { uploadId: UploadId } }, ambient.now())
    expect([listed.status, listed.text.includes('<Part>')]).toEqual([200, false])
  })

  test('what stood at the key before is still there', async () => {
    const Key = bench.newKey()
    await bench.put(Key, {}, 'before')
    await put(Key, 'SSE-KMS', { ...frames(), change: (framed) => flipped(framed, 500) })
    expect((await bench.get(Key)).text).toBe('before')
  })

  test('frames that end too early are incomplete', async () => {
    const Key = bench.newKey()
    const change = (framed: Buffer) => framed.subarray(0, framed.lastIndexOf('\r\n0;'))
    const refused = await put(Key, 'SSE-S3', { ...frames(), change })
    expect([refused.status, element(refused, 'Code')]).toEqual([400, 'IncompleteBody'])
    expect((await bench.get(Key)).status).toBe(404)
  })

  test('chunks below 8 KiB that are not the last are refused', async () => {
    const refused = await put(bench.newKey(), 'SSE-S3', { ...frames(), chunkSize: 5000 })
    expect([refused.status, element(refused, 'Code'), element(refused, 'Message')]).toEqual([
      400,
      'InvalidChunkSizeError',
      'Only the last chunk is allowed to have a size less than 8192 bytes',
    ])
  })
})

describe('the trailer', () => {
  const words = {
    MalformedTrailerError:
      'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    SignatureDoesNotMatch:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  }

  test.each<[string, (framed: Buffer) => Buffer, number, keyof typeof words]>([
    [
      'a changed value',
      (framed: Buffer) => withHexChanged(framed, framed.indexOf('crc32c:') + 7),
      403,
      'SignatureDoesNotMatch',
    ],
    [
      'a wrong signature',
      (framed: Buffer) => withHexChanged(framed, framed.indexOf('trailer-signature:') + 18),
      403,
      'SignatureDoesNotMatch',
    ],
    ['no trailer', (framed: Buffer) => cut(framed, 'x-amz-checksum'), 400, 'MalformedTrailerError'],
    ['no signature', (framed: Buffer) => cut(framed, 'x-amz-trailer'), 400, 'MalformedTrailerError'],
    ['another name', (framed: Buffer) => renamed(framed), 400, 'MalformedTrailerError'],
  ])('with %s stores nothing', async (_, change, status, code) => {
    const Key = bench.newKey()
    const refused = await put(Key, 'SSE-KMS', { ...withTrailer(), change })
    expect([refused.status, element(refused, 'Code')]).toEqual([status, code])
    expect(element(refused, 'Message')).toBe(words[code])
    expect((await bench.get(Key)).status).toBe(404)
  })

  test('that S3 does not know is refused before the body is read', async () => {
    const refused = await put(bench.newKey(), 'none', { signed: false, trailers: { 'x-amz-meta-late': 'a' } })
    expect([refused.status, element(refused, 'Code'), element(refused, 'Message')]).toEqual([
      400,
      'InvalidRequest',
      'The value specified in the x-amz-trailer header is not supported',
    ])
  })

  test('beside a checksum in a header is one too many', async () => {
    const headers = { 'x-amz-checksum-crc32': await checksumOf('CRC32', body) }
    const refused = await put(bench.newKey(), 'none', withTrailer(), undefined, headers)
    expect([refused.status, element(refused, 'Code')]).toEqual([400, 'InvalidRequest'])
  })
})

function cut(framed: Buffer, from: string): Buffer {
  return Buffer.concat([framed.subarray(0, framed.indexOf(from)), Buffer.from('\r\n')])
}

function renamed(framed: Buffer): Buffer {
  const changed = Buffer.from(framed)
  changed.write('d', framed.indexOf('crc32c:') + 5)
  return changed
}
