import { randomBytes } from 'node:crypto'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bench, run } from './bench.ts'
import { asking, customerKey, kmsCall, opening, type SchemeName, schemes } from './schemes.ts'

/* Bodies of every scheme at the edges: of segments (256 KiB), of parts, and of nothing at all. */

let bench: Bench
const partBodies = [randomBytes(5 << 20), randomBytes(300_000)]
const whole = Buffer.concat(partBodies)
const uploads = new Map<SchemeName, string>()

beforeAll(async () => {
  bench = await Bench.open()
  for (const scheme of schemes) uploads.set(scheme, await upload(scheme))
})
afterAll(() => bench.table.stop())

async function upload(scheme: SchemeName): Promise<string> {
  const { Key, UploadId } = await bench.createUpload(scheme)
  const place = { Bucket: bench.bucket, Key, UploadId }
  const Parts: { PartNumber: number; ETag?: string }[] = []
  for (const [index, Body] of partBodies.entries()) {
    const PartNumber = index + 1
    const part = await bench.table.send(opening(scheme), (s3) => run(s3, 'UploadPart', { ...place, PartNumber, Body }))
    Parts.push({ PartNumber, ETag: part.headers.etag })
  }
  const MultipartUpload = { Parts }
  await bench.table.send({}, (s3) => run(s3, 'CompleteMultipartUpload', { ...place, MultipartUpload }))
  return Key
}

const customer = {
  SSECustomerAlgorithm: 'AES256',
  SSECustomerKey: customerKey.toString('base64'),
}

/** Bytes as they came, not as text. */
async function bytesOf(s3: S3Client, Key: string, scheme: SchemeName, further: object = {}): Promise<Buffer> {
  const own = scheme === 'SSE-C' ? customer : {}
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bench.bucket, Key, ...own, ...further }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

const segment = 256 << 10

describe.each(schemes)('under %s', (scheme) => {
  test.each([0, 1, segment - 1, segment, segment + 1, 2 * segment])('a body of %s bytes comes back', async (size) => {
    const { s3 } = bench.table.journey
    const Key = bench.newKey()
    const body = randomBytes(size)
    await bench.put(Key, asking(scheme, bench.keyArn), body)
    await bench.table.events()
    expect(Buffer.compare(await bytesOf(s3, Key, scheme), body)).toBe(0)
    expect(await bench.events(Key)).toEqual(kmsCall(scheme, 'Decrypt'))
    if (size === 0) return
    for (const Range of ['bytes=0-0', 'bytes=-1', `bytes=${size - 1}-`, `bytes=0-${size - 1}`]) {
      const [first = '', last = ''] = Range.slice('bytes='.length).split('-')
      const expected =
        first === '' ? body.subarray(-Number(last)) : body.subarray(+first, last === '' ? size : +last + 1)
      expect(Buffer.compare(await bytesOf(s3, Key, scheme, { Range }), expected)).toBe(0)
    }
  })

  test.each([1, 2])('part %s of an upload comes back by its number, for one Decrypt', async (PartNumber) => {
    const Key = uploads.get(scheme) ?? ''
    await bench.table.events()
    const part = await bytesOf(bench.table.journey.s3, Key, scheme, { PartNumber })
    expect(Buffer.compare(part, partBodies[PartNumber - 1] ?? Buffer.alloc(0))).toBe(0)
    expect(await bench.events(Key)).toEqual(kmsCall(scheme, 'Decrypt'))
  })

  test('a range across two parts comes back', async () => {
    const edge = partBodies[0]?.length ?? 0
    const Range = `bytes=${edge - segment - 1}-${edge + 10}`
    const got = await bytesOf(bench.table.journey.s3, uploads.get(scheme) ?? '', scheme, { Range })
    expect(Buffer.compare(got, whole.subarray(edge - segment - 1, edge + 11))).toBe(0)
  })

  test('HEAD and GET of a part tell its range and how many there are; of one too many, 416', async () => {
    const Key = uploads.get(scheme) ?? ''
    const place = { Bucket: bench.bucket, Key }
    for (const operation of ['HeadObject', 'GetObject'] as const) {
      const ask = (PartNumber: number) =>
        bench.table.send(opening(scheme), (s3) => run(s3, operation, { ...place, PartNumber }))
      expect(await ask(2)).toMatchObject({
        status: 206,
        headers: {
          'content-range': `bytes ${5 << 20}-${whole.length - 1}/${whole.length}`,
          'x-amz-mp-parts-count': '2',
        },
      })
      expect((await ask(3)).status).toBe(416)
    }
  })
})
