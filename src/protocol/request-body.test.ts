import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AwsError } from '../aws/errors.ts'
import { createChecksum } from '../crypto/checksums.ts'
import { authenticate } from './authenticate.ts'
import type { PayloadCoding } from './authentication.ts'
import type { HttpCall } from './http.ts'
import { readRequestBody } from './request-body.ts'
import { callOf, credentials } from './signing.fixture.ts'

/** A call with a body that arrives in pieces of `pieceLength` bytes. */
function callWith(body: Uint8Array | string, headers: Record<string, string> = {}, pieceLength = 65_536): HttpCall {
  const bytes = Buffer.from(body)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength)
  }
  return { ...callOf('PUT', '/b/k', headers), body: pieces() }
}

async function readAll(call: HttpCall, payload: PayloadCoding) {
  const body = readRequestBody(call, { payload })
  const pieces: Uint8Array[] = []
  for await (const piece of body.bytes) pieces.push(piece)
  return { bytes: Buffer.concat(pieces), trailers: { ...body.trailers }, length: body.length }
}

async function codeOf(call: HttpCall, payload: PayloadCoding): Promise<string> {
  try {
    await readAll(call, payload)
  } catch (error) {
    if (error instanceof AwsError) return error.code
    throw error
  }
  return 'none'
}

const now = Date.parse('2013-05-24T00:00:00Z')
const options = { credentials, now, region: 'us-east-1' }

/** The examples of AWS's two pages on chunked uploads: 65,536 and 1,024 letters a. */
function example(
  payload: string,
  signedHeaders: string,
  seed: string,
  extra: Record<string, string>,
): Record<string, string> {
  return {
    host: 's3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '66560',
    'x-amz-content-sha256': payload,
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,' +
      `SignedHeaders=${signedHeaders},Signature=${seed}`,
    ...extra,
  }
}

const frames = (first: string, second: string, last: string) =>
  `10000;chunk-signature=${first}\r\n${'a'.repeat(65_536)}\r\n400;chunk-signature=${second}\r\n${'a'.repeat(1024)}\r\n0;chunk-signature=${last}\r\n`

const signedBody = `${frames(
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
)}\r\n`
const signedHeaders = example(
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class',
  '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  { 'content-length': '66824' },
)

async function readExample(body: string, headers: Record<string, string>, pieceLength?: number) {
  const call = { ...callWith(body, headers, pieceLength), path: '/examplebucket/chunkObject.txt' }
  return readAll(call, authenticate(call, options).payload)
}

test("AWS's example of signed chunks is accepted, however the network cuts it", async () => {
  for (const pieceLength of [7, 1000, 65_536, 100_000]) {
    const { bytes, length } = await readExample(signedBody, signedHeaders, pieceLength)
    expect(bytes.equals(Buffer.alloc(66_560, 'a'))).toBe(true)
    expect(length).toBe(66_560)
  }
})

test('A byte or a signature changed in a signed chunk is refused', async () => {
  for (const changed of [
    signedBody.replace('\r\na', '\r\nb'),
    signedBody.replace('0055', '0056'),
    signedBody.replace('b6c6', 'b6c7'),
    signedBody.replace(/;chunk-signature=ad80\w+/, ''),
  ]) {
    await expect(readExample(changed, signedHeaders)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
      status: 403,
    })
  }
})

const trailerHeaders = example(
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer',
  '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  { 'x-amz-trailer': 'x-amz-checksum-crc32c' },
)
const trailerFrames = frames(
  'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
  '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
  '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
)
const trailerSignature = 'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n'

test("AWS's example of signed chunks with a signed trailer is accepted, in both of its line endings", async () => {
  for (const ending of ['\r\n', '\n\r\n']) {
    const body = `${trailerFrames}x-amz-checksum-crc32c:sOO8/Q==${ending}${trailerSignature}\r\n`
    expect((await readExample(body, trailerHeaders, 50)).trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' })
  }
})

test('A signed trailer that is changed, or not signed, is refused', async () => {
  const changed = `${trailerFrames}x-amz-checksum-crc32c:sOO8/Q=A\r\n${trailerSignature}\r\n`
  await expect(readExample(changed, trailerHeaders)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' })
  const unsigned = `${trailerFrames}x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n`
  await expect(readExample(unsigned, trailerHeaders)).rejects.toMatchObject({ code: 'MalformedTrailerError' })
})

const unsigned: PayloadCoding = { coding: 'aws-chunked', trailer: true }
const headersFor = (length: number) => ({
  'x-amz-decoded-content-length': String(length),
  'x-amz-trailer': 'x-amz-checksum-crc32',
})
const trailer = 'x-amz-checksum-crc32:AAAAAA==\r\n\r\n'

test('Any payload comes out of unsigned frames as it went in, with its trailer', async () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 8192, maxLength: 8300 }), { maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(
      chunks,
      fc.uint8Array({ minLength: 1, maxLength: 50 }),
      fc.integer({ min: 1, max: 9000 }),
      async (most, last, cut) => {
        const all = [...most, last]
        const payload = Buffer.concat(all)
        const framed = all.flatMap((chunk) => [
          Buffer.from(`${chunk.length.toString(16)}\r\n`),
          chunk,
          Buffer.from('\r\n'),
        ])
        const body = Buffer.concat([...framed, Buffer.from(`0\r\n${trailer}`)])
        const read = await readAll(callWith(body, headersFor(payload.length), cut), unsigned)
        expect(read.bytes.equals(payload)).toBe(true)
        expect(read.trailers).toEqual({ 'x-amz-checksum-crc32': 'AAAAAA==' })
      },
    ),
    { numRuns: 20 },
  )
})

test('Frames cut short anywhere are an error, never fewer bytes', async () => {
  const whole = `5\r\nhello\r\n0\r\n${trailer}`
  for (let length = 0; length < whole.length - 2; length += 1) {
    const code = await codeOf(callWith(whole.slice(0, length), headersFor(5), 3), unsigned)
    expect(['IncompleteBody', 'MalformedTrailerError']).toContain(code)
  }
})

test.each([
  ['a length that is not the one declared', `5\r\nhello\r\n0\r\n${trailer}`, 6, 'IncompleteBody'],
  ['more than declared', `5\r\nhello\r\n0\r\n${trailer}`, 4, 'IncompleteBody'],
  ['a size that is no number', `x\r\nhello\r\n0\r\n${trailer}`, 5, 'IncompleteBody'],
  ['a size beyond all numbers', `${'f'.repeat(14)}\r\nhello\r\n0\r\n${trailer}`, 5, 'IncompleteBody'],
  ['a chunk longer than its size', `4\r\nhello\r\n0\r\n${trailer}`, 5, 'IncompleteBody'],
  ['an endless first line', 'a'.repeat(100_000), 5, 'IncompleteBody'],
  ['a small chunk before the last', `2\r\nhe\r\n3\r\nllo\r\n0\r\n${trailer}`, 5, 'InvalidChunkSizeError'],
  ['no trailer', '5\r\nhello\r\n0\r\n\r\n', 5, 'MalformedTrailerError'],
  ['another trailer', '5\r\nhello\r\n0\r\nx-amz-checksum-sha1:AAAA\r\n\r\n', 5, 'MalformedTrailerError'],
  ['a trailer twice', `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n${trailer}`, 5, 'MalformedTrailerError'],
  [
    'an endless trailer',
    `5\r\nhello\r\n0\r\nx-amz-checksum-crc32:${'A'.repeat(100_000)}\r\n\r\n`,
    5,
    'MalformedTrailerError',
  ],
])('Frames with %s are refused', async (_case, body, length, code) => {
  expect(await codeOf(callWith(body, headersFor(length)), unsigned)).toBe(code)
})

test('Frames need x-amz-decoded-content-length, and a trailer that S3 knows', async () => {
  expect(await codeOf(callWith(''), unsigned)).toBe('MissingContentLength')
  const headers = { ...headersFor(0), 'x-amz-trailer': 'x-amz-meta-a' }
  expect(await codeOf(callWith('', headers), unsigned)).toBe('InvalidRequest')
})

test('A body whose SHA-256 differs is refused with both hashes', async () => {
  const digest = createHash('sha256').update('hello').digest('hex')
  expect((await readAll(callWith('hello'), { coding: 'sha256', digest })).bytes.toString()).toBe('hello')
  await expect(readAll(callWith('hallo'), { coding: 'sha256', digest })).rejects.toMatchObject({
    code: 'XAmzContentSHA256Mismatch',
    status: 400,
    details: {
      ClientComputedContentSHA256: digest,
      S3ComputedContentSHA256: createHash('sha256').update('hallo').digest('hex'),
    },
  })
})

test('A body shorter or longer than its Content-Length, or cut off, is incomplete', async () => {
  const plain: PayloadCoding = { coding: 'unsigned' }
  expect(await codeOf(callWith('hello', { 'content-length': '5' }), plain)).toBe('none')
  expect(await codeOf(callWith('hell', { 'content-length': '5' }), plain)).toBe('IncompleteBody')
  expect(await codeOf(callWith('hello!', { 'content-length': '5' }), plain)).toBe('IncompleteBody')
  async function* aborted(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('he')
    throw new Error('aborted')
  }
  expect(await codeOf({ ...callWith(''), body: aborted() }, plain)).toBe('IncompleteBody')
})

test('The crc32c of the example is the one AWS printed', () => {
  const checksum = createChecksum('CRC32C')
  checksum.update(Buffer.alloc(66_560, 'a'))
  expect(checksum.digest().toString('base64')).toBe('sOO8/Q==')
})
