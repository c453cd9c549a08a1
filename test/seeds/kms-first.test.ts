import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from '../emulator.ts'
import { sendingHeader } from './scheme.ts'

let journey: Journey
const Bucket = 'first-version'
const aws = { ServerSideEncryption: 'aws:kms' } as const

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'classic' })
  await journey.createBucket(Bucket)
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'plain' }))
})

afterAll(() => journey.stop())

test('F1 an object put with aws:kms is confirmed as such', async () => {
  const answer = await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'f1', Body: 'f1', ...aws }))
  expect(answer.ServerSideEncryption).toBe('aws:kms')
})

test('F2 F3 F5 four requests accept the header and nine return it', async () => {
  const upload = { Bucket, Key: 'f2' }
  const CopySource = `${Bucket}/plain`
  const put = await journey.s3.send(new PutObjectCommand({ ...upload, Body: 'put', ...aws }))
  const copy = await journey.s3.send(new CopyObjectCommand({ ...upload, CopySource, ...aws }))
  const created = await journey.s3.send(new CreateMultipartUploadCommand({ ...upload, ...aws }))
  const part = { ...upload, UploadId: created.UploadId }
  const first = await journey.s3.send(new UploadPartCommand({ ...part, PartNumber: 1, Body: Buffer.alloc(5 << 20) }))
  const second = await journey.s3.send(new UploadPartCopyCommand({ ...part, PartNumber: 2, CopySource }))
  const Parts = [
    { PartNumber: 1, ETag: first.ETag },
    { PartNumber: 2, ETag: second.CopyPartResult?.ETag },
  ]
  const completed = await journey.s3.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }))
  const got = await journey.s3.send(new GetObjectCommand(upload))
  await got.Body?.transformToByteArray()
  const head = await journey.s3.send(new HeadObjectCommand(upload))
  for (const answer of [put, copy, created, first, second, completed, got, head]) {
    expect(answer.ServerSideEncryption).toBe('aws:kms')
  }
  const posted = await post('f5')
  expect(posted.headers.get('x-amz-server-side-encryption')).toBe('aws:kms')
})

async function post(Key: string): Promise<Response> {
  const Fields = { 'x-amz-server-side-encryption': 'aws:kms' }
  const { url, fields } = await createPresignedPost(journey.s3, { Bucket, Key, Fields })
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob(['posted']))
  return fetch(url, { method: 'POST', body: form })
}

test('F4 a copy without the header is not encrypted', async () => {
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'x', ...aws }))
  const copy = await journey.s3.send(new CopyObjectCommand({ Bucket, Key: 'f4', CopySource: `${Bucket}/source` }))
  expect(copy.ServerSideEncryption).toBeUndefined()
  const head = await journey.s3.send(new HeadObjectCommand({ Bucket, Key: 'f4' }))
  expect(head.ServerSideEncryption).toBeUndefined()
})

test('F6 an encryption header on GET and HEAD of an SSE-KMS object gets 400', async () => {
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'f6', Body: 'f6', ...aws }))
  const client = sendingHeader(journey.as('test', 'test').s3, 'x-amz-server-side-encryption', 'aws:kms')
  const object = { Bucket, Key: 'f6' }
  expect(await failureOf(client.send(new GetObjectCommand(object)))).toMatchObject({ status: 400 })
  expect(await failureOf(client.send(new HeadObjectCommand(object)))).toMatchObject({ status: 400 })
})
