import { createHash, randomBytes } from 'node:crypto'
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UpdateObjectEncryptionCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Journey, startJourney } from '../emulator.ts'

/** The AWS SDK for JavaScript v3 as a program uses it: every scheme there and back, in one piece, in parts, copied. */

let journey: Journey
let keyArn: string
const Bucket = 'javascript'

beforeAll(async () => {
  journey = await startJourney()
  keyArn = await journey.createKey()
  await journey.createBucket(Bucket)
})

afterAll(() => journey.stop())

function newCustomerKey() {
  const key = randomBytes(32)
  const SSECustomerKeyMD5 = createHash('md5').update(key).digest('base64')
  return { SSECustomerAlgorithm: 'AES256', SSECustomerKey: key.toString('base64'), SSECustomerKeyMD5 }
}

interface Scheme {
  write: Partial<PutObjectCommandInput>
  read: Partial<GetObjectCommandInput>
  source: object
  told: object
}

const customerKey = newCustomerKey()
const sseC: Scheme = {
  write: customerKey,
  read: customerKey,
  source: {
    CopySourceSSECustomerAlgorithm: customerKey.SSECustomerAlgorithm,
    CopySourceSSECustomerKey: customerKey.SSECustomerKey,
    CopySourceSSECustomerKeyMD5: customerKey.SSECustomerKeyMD5,
  },
  told: { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: customerKey.SSECustomerKeyMD5 },
}
const underKms = (ServerSideEncryption: 'aws:kms' | 'aws:kms:dsse'): Scheme => ({
  write: { ServerSideEncryption, SSEKMSKeyId: keyArn },
  read: {},
  source: {},
  told: { ServerSideEncryption, SSEKMSKeyId: keyArn },
})
const sseS3: Scheme = {
  write: { ServerSideEncryption: 'AES256' },
  read: {},
  source: {},
  told: { ServerSideEncryption: 'AES256' },
}

async function bytesOf(Key: string, more: Partial<GetObjectCommandInput> = {}): Promise<Buffer> {
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key, ...more }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

test('every scheme over TLS, where SSE-C is made to require it', async () => {
  const secure = await startJourney({ tls: true, requireTlsForSseC: true })
  try {
    await secure.createBucket(Bucket)
    const KMSKeyId = await secure.createKey()
    const schemes: Scheme['write'][] = [
      sseS3.write,
      sseC.write,
      { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KMSKeyId },
    ]
    for (const write of schemes) {
      await secure.s3.send(new PutObjectCommand({ Bucket, Key: 'tls', Body: 'over TLS', ...write }))
      const read = 'SSECustomerKey' in write ? customerKey : {}
      const { Body } = await secure.s3.send(new GetObjectCommand({ Bucket, Key: 'tls', ...read }))
      expect(await Body?.transformToString()).toBe('over TLS')
    }
  } finally {
    await secure.stop()
  }
})

describe.each<[string, () => Scheme]>([
  ['SSE-S3', () => sseS3],
  ['SSE-KMS', () => underKms('aws:kms')],
  ['DSSE-KMS', () => underKms('aws:kms:dsse')],
  ['SSE-C', () => sseC],
])('%s', (name, schemeOf) => {
  const body = randomBytes(100_000)

  test('PutObject, HeadObject and GetObject, whole and in a range', async () => {
    const { write, read, told } = schemeOf()
    const Key = `${name}/whole`
    expect(await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ...write }))).toMatchObject(told)
    const head = await journey.s3.send(new HeadObjectCommand({ Bucket, Key, ...read }))
    expect(head).toMatchObject({ ...told, ContentLength: body.length })
    expect((await bytesOf(Key, read)).equals(body)).toBe(true)
    const range = await bytesOf(Key, { ...read, Range: 'bytes=5-99' })
    expect(range.equals(body.subarray(5, 100))).toBe(true)
  })

  test('CopyObject, from here to nothing asked and back', async () => {
    const { write, read, source, told } = schemeOf()
    await journey.s3.send(new PutObjectCommand({ Bucket, Key: `${name}/source`, Body: body, ...write }))
    const out = { Bucket, Key: `${name}/plain`, CopySource: `${Bucket}/${name}/source`, ...source }
    expect((await journey.s3.send(new CopyObjectCommand(out))).ServerSideEncryption).toBeUndefined()
    const back = { Bucket, Key: `${name}/copied`, CopySource: `${Bucket}/${name}/plain`, ...write }
    expect(await journey.s3.send(new CopyObjectCommand(back))).toMatchObject(told)
    expect((await bytesOf(`${name}/copied`, read)).equals(body)).toBe(true)
  })

  test('lib-storage uploads in parts', async () => {
    const { write, read, told } = schemeOf()
    const large = randomBytes(11 << 20)
    const params = { Bucket, Key: `${name}/large`, Body: large, ...write }
    const done = await new Upload({ client: journey.s3, params, partSize: 5 << 20 }).done()
    expect(done.ETag).toMatch(/-3"$/)
    expect(await journey.s3.send(new HeadObjectCommand({ Bucket, Key: params.Key, ...read }))).toMatchObject(told)
    expect((await bytesOf(params.Key, read)).equals(large)).toBe(true)
    expect(await bytesOf(params.Key, { ...read, PartNumber: 3 })).toHaveLength(1 << 20)
  })

  test('UploadPart and UploadPartCopy make one object', async () => {
    const { write, read, source } = schemeOf()
    const first = randomBytes(5 << 20)
    await journey.s3.send(new PutObjectCommand({ Bucket, Key: `${name}/source`, Body: body, ...write }))
    const target = { Bucket, Key: `${name}/parts` }
    const { UploadId } = await journey.s3.send(
      new CreateMultipartUploadCommand({ ...target, ...write, ChecksumAlgorithm: 'CRC32' }),
    )
    const part = { ...target, UploadId, ...read }
    const one = await journey.s3.send(new UploadPartCommand({ ...part, PartNumber: 1, Body: first }))
    const copy = { ...part, PartNumber: 2, CopySource: `${Bucket}/${name}/source`, CopySourceRange: 'bytes=10-19' }
    const two = await journey.s3.send(new UploadPartCopyCommand({ ...copy, ...source }))
    const Parts = [
      { PartNumber: 1, ETag: one.ETag, ChecksumCRC32: one.ChecksumCRC32 },
      { PartNumber: 2, ETag: two.CopyPartResult?.ETag, ChecksumCRC32: two.CopyPartResult?.ChecksumCRC32 },
    ]
    const complete = { ...target, UploadId, MultipartUpload: { Parts }, ...read }
    await journey.s3.send(new CompleteMultipartUploadCommand(complete))
    const whole = Buffer.concat([first, body.subarray(10, 20)])
    expect((await bytesOf(target.Key, read)).equals(whole)).toBe(true)
  })

  test('presigned URLs up and down', async () => {
    const { write, read } = schemeOf()
    const Key = `${name}/presigned`
    const headers = encryptionHeaders({ ...write })
    const signing = { unhoistableHeaders: new Set(Object.keys(headers)) }
    const put = await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket, Key, ...write }), signing)
    expect((await fetch(put, { method: 'PUT', body, headers })).status).toBe(200)
    const get = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key, ...read }), signing)
    const answer = await fetch(get, { headers: encryptionHeaders({ ...read }) })
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true)
  })
})

test('a stream without a length is refused by the header that it comes with', async () => {
  const url = await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket, Key: 'stream' }))
  const body = new Blob(['of unknown length']).stream()
  const answer = await fetch(url, { method: 'PUT', body, duplex: 'half' } as RequestInit)
  expect(answer.status).toBe(501)
  expect(await answer.text()).toContain('<Code>NotImplemented</Code>')
  const head = new HeadObjectCommand({ Bucket, Key: 'stream' })
  await expect(journey.s3.send(head)).rejects.toMatchObject({ name: 'NotFound' })
})

const headerNames: Record<string, string> = {
  ServerSideEncryption: 'x-amz-server-side-encryption',
  SSEKMSKeyId: 'x-amz-server-side-encryption-aws-kms-key-id',
  SSECustomerAlgorithm: 'x-amz-server-side-encryption-customer-algorithm',
  SSECustomerKey: 'x-amz-server-side-encryption-customer-key',
  SSECustomerKeyMD5: 'x-amz-server-side-encryption-customer-key-md5',
}

/** What the holder of a presigned URL sends beside it. */
function encryptionHeaders(parameters: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [headerNames[name] ?? name, String(value)]),
  )
}

test('UpdateObjectEncryption brings an object from SSE-S3 under a KMS key', async () => {
  const object = { Bucket, Key: 'updated' }
  await journey.s3.send(new PutObjectCommand({ ...object, Body: 'stays', ...sseS3.write }))
  const ObjectEncryption = { SSEKMS: { KMSKeyArn: keyArn, BucketKeyEnabled: true } }
  await journey.s3.send(new UpdateObjectEncryptionCommand({ ...object, ObjectEncryption }))
  const told = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyArn, BucketKeyEnabled: true }
  expect(await journey.s3.send(new HeadObjectCommand(object))).toMatchObject(told)
  expect((await bytesOf('updated')).toString()).toBe('stays')
})
