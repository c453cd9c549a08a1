import { createHmac } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from '../emulator.ts'

/** `http://BUCKET.localhost:PORT/KEY`: every name under localhost is this machine, whatever the resolver says. */

let journey: Journey
let s3: S3Client
let keyArn: string
const Bucket = 'by-host'

const agent = new Agent({
  lookup: (_, options, found) =>
    options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
})

beforeAll(async () => {
  journey = await startJourney()
  keyArn = await journey.createKey()
  await journey.createBucket(Bucket)
  const endpoint = `http://localhost:${journey.port}`
  s3 = new S3Client({ ...journey.configuration, endpoint, requestHandler: { httpAgent: agent } })
})

afterAll(async () => {
  agent.destroy()
  await journey.stop()
})

interface Answer {
  status: number | undefined
  headers: IncomingMessage['headers']
  text: string
}

/** A request of its own to a URL whose host only this test can find. */
function send(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body?: string | Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (answer) => {
      text(answer).then(
        (content) => resolve({ status: answer.statusCode, headers: answer.headers, text: content }),
        reject,
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const hostUrl = (path: string) => `http://${Bucket}.localhost:${journey.port}${path}`

test('the SDK puts the bucket into the host, and reads the same object as by path', async () => {
  const sealed = { Bucket, Key: 'a//../b', ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: keyArn }
  await s3.send(new PutObjectCommand({ ...sealed, Body: 'by host' }))
  const byPath = await journey.s3.send(new GetObjectCommand({ Bucket, Key: 'a//../b' }))
  expect(await byPath.Body?.transformToString()).toBe('by host')
  const calls = await journey.kmsCallsDuring(async () => {
    const byHost = await s3.send(new GetObjectCommand({ Bucket, Key: 'a//../b' }))
    expect(await byHost.Body?.transformToString()).toBe('by host')
  })
  expect(calls).toMatchObject([
    { requestParameters: { encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/a//../b` } } },
  ])
})

test('CompleteMultipartUpload tells the place in the style it was asked in', async () => {
  const object = { Bucket, Key: 'parts' }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object))
  const { ETag } = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: 'x' }))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  const { Location } = await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload }))
  expect(Location).toBe(hostUrl('/parts'))
})

test('presigned URLs with the bucket in the host', async () => {
  const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'presigned' }))
  expect(new URL(put).hostname).toBe(`${Bucket}.localhost`)
  expect(await send('PUT', put, { 'content-length': '9' }, 'presigned')).toMatchObject({ status: 200 })
  const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'presigned' }))
  expect(await send('GET', get)).toMatchObject({ status: 200, text: 'presigned' })
})

/** SigV2 signs the bucket in front of the path, wherever it stands. */
function signedV2(method: string, path: string, headers: Record<string, string> = {}): Record<string, string> {
  const date = new Date(journey.ambient.now()).toUTCString()
  const stringToSign = `${method}\n\n${headers['content-type'] ?? ''}\n${date}\n/${Bucket}${path}`
  const signature = createHmac('sha1', 'test').update(stringToSign).digest('base64')
  return { ...headers, date, authorization: `AWS test:${signature}` }
}

test('SigV2 in the header and in the query, with the bucket in the host', async () => {
  const put = signedV2('PUT', '/v2', { 'content-type': 'text/plain', 'content-length': '2' })
  expect(await send('PUT', hostUrl('/v2'), put, 'v2')).toMatchObject({ status: 200 })
  expect(await send('GET', hostUrl('/v2'), signedV2('GET', '/v2'))).toMatchObject({ status: 200, text: 'v2' })
  const list = await send('GET', hostUrl('/'), signedV2('GET', '/'))
  expect(list.text).toContain('<Key>v2</Key>')
  const Expires = Math.floor(journey.ambient.now() / 1000) + 3600
  const Signature = createHmac('sha1', 'test').update(`GET\n\n\n${Expires}\n/${Bucket}/v2`).digest('base64')
  const query = new URLSearchParams({ AWSAccessKeyId: 'test', Expires: String(Expires), Signature })
  expect(await send('GET', hostUrl(`/v2?${query}`))).toMatchObject({ status: 200, text: 'v2' })
  expect(await send('GET', hostUrl('/v2'), signedV2('GET', '/other'))).toMatchObject({ status: 403 })
})

test('a form posted to the bucket’s host', async () => {
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key: 'posted' })
  expect(new URL(url).hostname).toBe(`${Bucket}.localhost`)
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  data.append('file', new Blob(['posted']), 'a')
  const form = new Response(data)
  const headers = { 'content-type': form.headers.get('content-type') ?? '' }
  const posted = await send('POST', url, headers, Buffer.from(await form.arrayBuffer()))
  expect([posted.status, posted.headers.location]).toEqual([204, hostUrl('/posted')])
})
