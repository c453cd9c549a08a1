import { createHash } from 'node:crypto'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Frames, type SignedRequest, sendSigned } from '../signed-request.ts'
import { Bench } from '../sse-table/bench.ts'
import { asking, opening, type SchemeName, schemes } from '../sse-table/schemes.ts'
import { element, type Headers, type Reply } from '../sse-table/table.ts'
import { type Algorithm, algorithms, checksumOf, headerOf } from './algorithms.ts'

/* Checksums of objects that are put in one request: in a header or a trailer, right or wrong, under every scheme. */

let bench: Bench
const body = Buffer.from('What is written here is checked.'.repeat(700))

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

function send(request: SignedRequest): Promise<Reply> {
  const { endpoint, ambient } = bench.table.journey
  return sendSigned(endpoint, request, ambient.now())
}

function put(Key: string, headers: Headers, frames?: Frames): Promise<Reply> {
  return send({ method: 'PUT', path: `/${bench.bucket}/${Key}`, headers, body, frames })
}

async function head(Key: string, scheme: SchemeName = 'none'): Promise<Headers> {
  const headers = { ...opening(scheme), 'x-amz-checksum-mode': 'ENABLED' }
  return (await send({ method: 'HEAD', path: `/${bench.bucket}/${Key}`, headers })).headers
}

async function expectRefused(reply: Reply, Key: string, code: string, message: string, status = 400): Promise<void> {
  expect([reply.status, element(reply, 'Code'), element(reply, 'Message')]).toEqual([status, code, message])
  expect((await bench.get(Key)).status).toBe(404)
}

const forms = {
  header: async (algorithm: Algorithm, value: string) => ({ headers: { [headerOf(algorithm)]: value } }),
  'unsigned trailer': async (algorithm: Algorithm, value: string) => ({
    frames: { signed: false, trailers: { [headerOf(algorithm)]: value } },
  }),
  'signed trailer': async (algorithm: Algorithm, value: string) => ({
    frames: { signed: true, trailers: { [headerOf(algorithm)]: value } },
  }),
}
type Form = keyof typeof forms

async function putWith(form: Form, Key: string, scheme: SchemeName, algorithm: Algorithm, value: string) {
  const { headers = {}, frames } = { headers: {}, frames: undefined, ...(await forms[form](algorithm, value)) }
  return put(Key, { ...asking(scheme, bench.keyArn), ...headers }, frames)
}

const rows = algorithms.flatMap((algorithm) =>
  schemes.flatMap((scheme) => (Object.keys(forms) as Form[]).map((form) => [algorithm, form, scheme] as const)),
)

describe.each(rows)('%s in a %s, under %s', (algorithm, form, scheme) => {
  test('is held against the plaintext, told and kept', async () => {
    const Key = bench.newKey()
    const value = await checksumOf(algorithm, body)
    const reply = await putWith(form, Key, scheme, algorithm, value)
    const told = { [headerOf(algorithm)]: value, 'x-amz-checksum-type': 'FULL_OBJECT' }
    expect(reply).toMatchObject({ status: 200, headers: told })
    expect(await head(Key, scheme)).toMatchObject(told)
  })

  test('that is wrong stores nothing', async () => {
    const Key = bench.newKey()
    const reply = await putWith(form, Key, scheme, algorithm, await checksumOf(algorithm, Buffer.from('other')))
    const message = `The ${algorithm} you specified did not match the calculated checksum.`
    await expectRefused(reply, Key, 'BadDigest', message)
  })
})

test.each(
  algorithms.flatMap((algorithm) => (['not base64!', 'AAA=', ''] as const).map((value) => [algorithm, value] as const)),
)('a header of %s with the value "%s" is refused by its name', async (algorithm, value) => {
  const Key = bench.newKey()
  const message = `Value for ${headerOf(algorithm)} header is invalid.`
  await expectRefused(await put(Key, { [headerOf(algorithm)]: value }), Key, 'InvalidRequest', message)
})

test('two checksums are one too many', async () => {
  const headers: Headers = {}
  for (const algorithm of ['CRC32', 'SHA256'] as const) {
    headers[headerOf(algorithm)] = await checksumOf(algorithm, body)
  }
  const Key = bench.newKey()
  const message = 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.'
  await expectRefused(await put(Key, headers), Key, 'InvalidRequest', message)
})

test.each(['xxhash32', 'crc16', 'sha3'])('a checksum of the unknown algorithm %s is refused', async (name) => {
  const Key = bench.newKey()
  const message = 'The algorithm type you specified in x-amz-checksum- header is invalid.'
  await expectRefused(await put(Key, { [`x-amz-checksum-${name}`]: 'AAAAAA==' }), Key, 'InvalidRequest', message)
})

test.each(schemes)('under %s CRC64NVME is computed where nothing was sent', async (scheme) => {
  const Key = bench.newKey()
  await put(Key, asking(scheme, bench.keyArn))
  expect(await head(Key, scheme)).toMatchObject({
    'x-amz-checksum-crc64nvme': await checksumOf('CRC64NVME', body),
    'x-amz-checksum-type': 'FULL_OBJECT',
  })
})

test('an algorithm that is named is that of the checksum, and comes with one', async () => {
  const named = { 'x-amz-sdk-checksum-algorithm': 'SHA256' }
  const alone = bench.newKey()
  const none =
    'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.'
  await expectRefused(await put(alone, named), alone, 'InvalidRequest', none)
  const beside = bench.newKey()
  const headers = { ...named, 'x-amz-checksum-sha1': await checksumOf('SHA1', body) }
  const another = 'Value for x-amz-sdk-checksum-algorithm header is invalid.'
  await expectRefused(await put(beside, headers), beside, 'InvalidRequest', another)
})

describe('Content-MD5', () => {
  test.each(schemes)('that is right is taken under %s', async (scheme) => {
    const Key = bench.newKey()
    const headers = { ...asking(scheme, bench.keyArn), 'content-md5': await checksumOf('MD5', body) }
    expect((await put(Key, headers)).status).toBe(200)
  })

  test.each(schemes)('that is wrong stores nothing under %s', async (scheme) => {
    const Key = bench.newKey()
    const other = Buffer.from('other')
    const headers = { ...asking(scheme, bench.keyArn), 'content-md5': await checksumOf('MD5', other) }
    const reply = await put(Key, headers)
    await expectRefused(reply, Key, 'BadDigest', 'The Content-MD5 you specified did not match what we received.')
    expect(element(reply, 'ExpectedDigest')).toBe(createHash('md5').update(other).digest('hex'))
    expect(element(reply, 'CalculatedDigest')).toBe(await checksumOf('MD5', body))
  })

  test.each(['not base64!', 'AAAA', ''])('of the value "%s" is refused', async (value) => {
    const Key = bench.newKey()
    const reply = await put(Key, { 'content-md5': value })
    await expectRefused(reply, Key, 'InvalidDigest', 'The Content-MD5 you specified was invalid.')
    expect(element(reply, 'Content-MD5')).toBe(value)
  })
})

test.each(schemes)('a ranged GET under %s tells no checksum, unless it covers the object', async (scheme) => {
  const Key = bench.newKey()
  await put(Key, { ...asking(scheme, bench.keyArn), 'x-amz-checksum-crc32': await checksumOf('CRC32', body) })
  const get = async (range?: string) => {
    const headers: Headers = { ...opening(scheme), 'x-amz-checksum-mode': 'ENABLED', ...(range && { range }) }
    const answer = await send({ method: 'GET', path: `/${bench.bucket}/${Key}`, headers })
    return [answer.status, answer.headers['x-amz-checksum-crc32'] !== undefined]
  }
  expect(await get()).toEqual([200, true])
  expect(await get('bytes=0-')).toEqual([206, true])
  expect(await get('bytes=1-')).toEqual([206, false])
})

test.each(schemes)('a copy to %s keeps the algorithm of its source', async (scheme) => {
  const [from, Key] = [bench.newKey(), bench.newKey()]
  const value = await checksumOf('SHA256', body)
  await put(from, { 'x-amz-checksum-sha256': value })
  const headers = { ...asking(scheme, bench.keyArn), 'x-amz-copy-source': `${bench.bucket}/${from}` }
  const copied = await send({ method: 'PUT', path: `/${bench.bucket}/${Key}`, headers })
  expect(element(copied, 'ChecksumSHA256')).toBe(value)
  expect(await head(Key, scheme)).toMatchObject({ 'x-amz-checksum-sha256': value })
})

const sdkAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const

test.each(sdkAlgorithms.flatMap((algorithm) => schemes.map((scheme) => [algorithm, scheme] as const)))(
  'the SDK’s own %s goes up and is held against what comes down, under %s',
  async (ChecksumAlgorithm, scheme) => {
    const place = { Bucket: bench.bucket, Key: bench.newKey() }
    const { status } = await bench.table.send(asking(scheme, bench.keyArn), (s3) =>
      s3.send(new PutObjectCommand({ ...place, Body: body, ChecksumAlgorithm })),
    )
    expect(status).toBe(200)
    const read = await bench.table.send(opening(scheme), (s3) => s3.send(new GetObjectCommand(place)))
    expect(read.headers[headerOf(ChecksumAlgorithm)]).toBe(await checksumOf(ChecksumAlgorithm, body))
    expect(read.text).toBe(body.toString())
  },
)
