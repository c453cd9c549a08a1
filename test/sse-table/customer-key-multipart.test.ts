import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bench, run } from './bench.ts'
import {
  anotherKey,
  customerAlgorithm,
  customerHeaders,
  customerKey,
  method,
  opening,
  schemes,
  told,
} from './schemes.ts'
import { element, encryptionHeaders } from './table.ts'

/* A multipart upload and the customer's key: each part with the key of the initiate, or without one. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

const needsKey =
  'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.'
const otherKey = 'The provided encryption parameters did not match the ones used originally.'

describe.each(['UploadPart', 'UploadPartCopy'] as const)('%s', (operation) => {
  test.each(schemes.filter((scheme) => scheme !== 'SSE-C'))(
    'refuses a customer key in an upload under %s',
    async (on) => {
      const headers = customerHeaders(customerKey)
      await bench.check({ operation, on, headers, status: 400, code: 'InvalidRequest', message: needsKey })
    },
  )

  test('needs the customer key of an upload under SSE-C', async () => {
    await bench.check({ operation, on: 'SSE-C', status: 400, code: 'InvalidRequest', message: needsKey })
  })

  test('refuses another key than the initiate’s', async () => {
    const headers = customerHeaders(anotherKey)
    const expected = { status: 400, code: 'InvalidRequest', message: otherKey }
    await bench.check({ operation, on: 'SSE-C', headers, ...expected })
  })

  test('refuses a malformed customer key in the words of a write', async () => {
    const headers = { ...customerHeaders(customerKey), [customerAlgorithm]: 'aes256' }
    const code = 'InvalidEncryptionAlgorithmError'
    await bench.check({ operation, on: 'SSE-C', headers, status: 400, code, argument: [method, 'aes256'] })
  })

  test.each(schemes)('refuses x-amz-server-side-encryption in an upload under %s', async (on) => {
    const headers = { ...opening(on), [method]: 'AES256' }
    await bench.check({ operation, on, headers, status: 400, code: 'InvalidArgument' })
  })
})

test.each(schemes)('UploadPartCopy copies a range from %s into an upload of any scheme', async (source) => {
  for (const on of schemes) {
    const { Key, UploadId } = await bench.createUpload(on)
    const CopySource = bench.copySource(source)
    const sourceKey = Object.entries(opening(source)).map(([name, value]) => [
      name.replace('x-amz-', 'x-amz-copy-source-'),
      value,
    ])
    const headers = { ...opening(on), ...Object.fromEntries(sourceKey) }
    const part = { Bucket: bench.bucket, Key, UploadId }
    const copied = await bench.table.send(headers, (s3) =>
      run(s3, 'UploadPartCopy', { ...part, CopySource, CopySourceRange: 'bytes=0-3' }),
    )
    const Parts = [{ PartNumber: 1, ETag: /<ETag>(.*?)<\/ETag>/.exec(copied.text)?.[1]?.replaceAll('&quot;', '"') }]
    const completed = await bench.table.send({}, (s3) =>
      run(s3, 'CompleteMultipartUpload', { ...part, MultipartUpload: { Parts } }),
    )
    expect([on, completed.status]).toEqual([on, 200])
    expect((await bench.get(Key, opening(on))).text).toBe('What')
  }
})

test('CompleteMultipartUpload takes no customer key, or the initiate’s, and refuses another', async () => {
  const operation = 'CompleteMultipartUpload'
  await bench.check({ operation, on: 'SSE-C', status: 200 })
  await bench.check({ operation, on: 'SSE-C', headers: customerHeaders(customerKey), status: 200 })
  const refused = { status: 400, code: 'InvalidRequest', message: otherKey }
  await bench.check({ operation, on: 'SSE-C', headers: customerHeaders(anotherKey), ...refused })
})

test.each(schemes)(
  'CompleteMultipartUpload sent again under %s is answered as before but for the checksum, and asks KMS nothing',
  async (scheme) => {
    const place = { Bucket: bench.bucket, ...(await bench.createUpload(scheme)) }
    const part = await bench.table.send(opening(scheme), (s3) => run(s3, 'UploadPart', place))
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.headers.etag }] }
    const complete = () =>
      bench.table.send({}, (s3) => run(s3, 'CompleteMultipartUpload', { ...place, MultipartUpload }))
    const first = await complete()
    await bench.table.events()
    const second = await complete()
    const withoutChecksum = first.text.replace(/<Checksum.*<\/ChecksumType>/, '')
    expect([second.status, second.text]).toEqual([200, withoutChecksum])
    expect(encryptionHeaders(second)).toEqual(told('CompleteMultipartUpload', scheme, bench.keyArn))
    expect(await bench.table.events()).toEqual([])
  },
)

test('an upload with a checksum algorithm needs its customer key to be completed and listed', async () => {
  for (const operation of ['CompleteMultipartUpload', 'ListParts'] as const) {
    const upload = await bench.createUpload('SSE-C', { 'x-amz-checksum-algorithm': 'SHA256' })
    const place = { Bucket: bench.bucket, ...upload }
    const part = await bench.table.send(customerHeaders(customerKey), (s3) =>
      run(s3, 'UploadPart', { ...place, ChecksumAlgorithm: 'SHA256' }),
    )
    const Part = { PartNumber: 1, ETag: part.headers.etag, ChecksumSHA256: part.headers['x-amz-checksum-sha256'] }
    const send = (headers: Record<string, string>) =>
      bench.table.send(headers, (s3) => run(s3, operation, { ...place, MultipartUpload: { Parts: [Part] } }))
    expect((await send({})).text).toContain(needsKey)
    expect((await send(customerHeaders(anotherKey))).text).toContain(otherKey)
    expect((await send(customerHeaders(customerKey))).status).toBe(200)
  }
})

test.each(schemes)('a completed upload under %s opens as an object of the scheme does', async (scheme) => {
  const upload = await bench.createUpload(scheme)
  const place = { Bucket: bench.bucket, ...upload }
  const part = await bench.table.send(opening(scheme), (s3) => run(s3, 'UploadPart', { ...place, Body: 'in one part' }))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.headers.etag }] }
  const completed = await bench.table.send({}, (s3) =>
    run(s3, 'CompleteMultipartUpload', { ...place, MultipartUpload }),
  )
  // The MD5 of the parts' ETags, whatever those are (verified on recorded uploads).
  const bytes = Buffer.from(part.headers.etag?.replaceAll('"', '') ?? '', 'hex')
  expect(element(completed, 'ETag')).toBe(`"${createHash('md5').update(bytes).digest('hex')}-1"`)
  const input = { Key: upload.Key, PartNumber: 1 }
  const encryption = told('GetObject', scheme, bench.keyArn)
  await bench.table.events()
  const read = await bench.table.send(opening(scheme), (s3) => run(s3, 'GetObject', { Bucket: bench.bucket, ...input }))
  expect(read.text).toBe('in one part')
  expect(read.headers).toMatchObject({ ...encryption, 'x-amz-mp-parts-count': '1' })
})
