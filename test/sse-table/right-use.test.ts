import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Bench, body, type Row } from './bench.ts'
import {
  asking,
  bucketKeyHeader,
  hasMd5Etag,
  kmsCall,
  type OperationName,
  opening,
  type SchemeName,
  schemes,
  told,
} from './schemes.ts'

/* Every operation under every scheme, used rightly: which headers come back, which do not, and what KMS is asked. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

type RowOf = (scheme: SchemeName) => Omit<Row, 'operation'>

function rows(operation: OperationName, rowOf: RowOf): [name: string, row: () => Row][] {
  return schemes.map((scheme) => [
    `${operation} under ${scheme}`,
    () => ({ operation, encryption: told(operation, scheme, bench.keyArn), ...rowOf(scheme) }),
  ])
}

const made = (scheme: SchemeName) => ({ status: 200, headers: asking(scheme, bench.keyArn) })
const used = (scheme: SchemeName) => ({ status: 200, on: scheme, headers: opening(scheme) })

test.each([
  ...rows('PutObject', (scheme) => ({ ...made(scheme), kms: kmsCall(scheme, 'GenerateDataKey') })),
  ...rows('PostObject', (scheme) => ({ ...made(scheme), status: 204, kms: kmsCall(scheme, 'GenerateDataKey') })),
  ...rows('CopyObject', (scheme) => ({ ...made(scheme), kms: kmsCall(scheme, 'GenerateDataKey') })),
  ...rows('CreateMultipartUpload', (scheme) => ({ ...made(scheme), kms: kmsCall(scheme, 'GenerateDataKey') })),
  ...rows('UploadPart', (scheme) => ({ ...used(scheme), kms: kmsCall(scheme, 'Decrypt') })),
  ...rows('UploadPartCopy', (scheme) => ({ ...used(scheme), kms: kmsCall(scheme, 'Decrypt') })),
  // Without the customer's key, as recorded.
  ...rows('CompleteMultipartUpload', (on) => ({ status: 200, on, kms: kmsCall(on, 'Decrypt') })),
  ...rows('ListParts', (on) => ({ status: 200, on })),
  ...rows('GetObject', (scheme) => ({ ...used(scheme), kms: kmsCall(scheme, 'Decrypt') })),
  ...rows('HeadObject', used),
  ...rows('GetObjectAttributes', used),
  // Deleting an SSE-C object needs no key.
  ...rows('DeleteObject', (on) => ({ status: 204, on })),
])('%s', async (_, row) => {
  await bench.check(row())
})

test.each(schemes)(
  'an object under %s reads back as it was written, whole, in a range, by part and as a checksum',
  async (scheme) => {
    const read = { operation: 'GetObject', ...used(scheme), kms: kmsCall(scheme, 'Decrypt') } as const
    const encryption = told('GetObject', scheme, bench.keyArn)
    expect((await bench.check({ ...read, encryption })).text).toBe(body)
    const ranged = await bench.check({ ...read, encryption, status: 206, input: { Range: 'bytes=5-6' } })
    expect([ranged.text, ranged.headers['content-range']]).toEqual(['is', `bytes 5-6/${Buffer.byteLength(body)}`])
    const part = await bench.check({ ...read, encryption, status: 206, input: { PartNumber: 1 } })
    expect(part.text).toBe(body)
    const checksum = { ...read, operation: 'HeadObject', input: { ChecksumMode: 'ENABLED' } } as const
    const headers = (await bench.check({ ...checksum, encryption })).headers
    expect([headers['x-amz-checksum-crc32'], headers['x-amz-checksum-type']]).toEqual([crc32Of(body), 'FULL_OBJECT'])
    const attributes = { ...read, operation: 'GetObjectAttributes', input: { ObjectAttributes: ['Checksum'] } } as const
    expect((await bench.check(attributes)).text).toContain(`<ChecksumCRC32>${crc32Of(body)}</ChecksumCRC32>`)
  },
)

test.each(schemes)('304, 412 and 416 under %s ask KMS nothing and say nothing of encryption', async (on) => {
  const ETag = (await bench.get(on, opening(on))).headers.etag
  const reading = { on, headers: opening(on) }
  for (const operation of ['GetObject', 'HeadObject'] as const) {
    await bench.check({ ...reading, operation, input: { IfNoneMatch: ETag }, status: 304 })
    await bench.check({ ...reading, operation, input: { IfMatch: '"other"' }, status: 412 })
    await bench.check({ ...reading, operation, input: { Range: 'bytes=900-' }, status: 416 })
    await bench.check({ ...reading, operation, input: { PartNumber: 2 }, status: 416 })
  }
})

test.each(['PutObject', 'CopyObject'] as const)(
  '%s whose condition does not hold asks KMS nothing',
  async (operation) => {
    const headers = asking('SSE-KMS', bench.keyArn)
    for (const condition of [{ IfNoneMatch: '*' }, { IfMatch: '"other"' }]) {
      const input = { Key: 'SSE-KMS', ...condition }
      await bench.check({ operation, headers, input, status: 412, code: 'PreconditionFailed' })
    }
  },
)

test.each(schemes)(
  'the ETag under %s is the MD5 of the body only where no KMS or customer key is at work',
  async (scheme) => {
    const md5 = `"${createHash('md5').update(body).digest('hex')}"`
    const etags: (string | undefined)[] = []
    for (const _ of [1, 2]) etags.push((await bench.put(bench.newKey(), asking(scheme, bench.keyArn))).headers.etag)
    if (hasMd5Etag(scheme)) return expect(etags).toEqual([md5, md5])
    expect(new Set([...etags, md5]).size).toBe(3)
    for (const etag of etags) expect(etag).toMatch(/^"[0-9a-f]{32}"$/)
  },
)

test('the bucket key header says true or is not there', async () => {
  const headers = { ...asking('SSE-KMS', bench.keyArn), [bucketKeyHeader]: 'false' }
  const encryption = told('PutObject', 'SSE-KMS', bench.keyArn)
  await bench.check({
    operation: 'PutObject',
    headers,
    status: 200,
    encryption,
    kms: ['GenerateDataKey object'],
  })
})

function crc32Of(text: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64')
}
