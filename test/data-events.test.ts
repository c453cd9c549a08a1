import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketTaggingCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type TrailFlags, trail } from '../src/cli/trail.ts'
import type { TrailRecord } from '../src/trail/event.ts'
import { accountId, type Journey, region, startJourney } from './emulator.ts'

/* Data events through SDK v3: --trail-data-events. */

let journey: Journey
beforeAll(async () => {
  journey = await startJourney({ trailDataEvents: true })
})
afterAll(() => journey.stop())

/** The data events about a bucket, oldest first. */
async function dataEventsOf(bucket: string): Promise<TrailRecord[]> {
  const answer = await fetch(`${journey.endpoint}/_s3kms/trail?limit=1000`)
  const { records } = (await answer.json()) as { records: TrailRecord[] }
  return records.filter(({ requestParameters }) => requestParameters?.bucketName === bucket).reverse()
}

test('Each operation on an object has its record, LookupEvents has the others', async () => {
  const Bucket = await journey.createBucket('recorded')
  const send = journey.s3.send.bind(journey.s3)
  const put = await send(new PutObjectCommand({ Bucket, Key: 'a b', Body: 'four', ServerSideEncryption: 'AES256' }))
  await send(new HeadObjectCommand({ Bucket, Key: 'a b' }))
  const got = await send(new GetObjectCommand({ Bucket, Key: 'a b', Range: 'bytes=0-1' }))
  expect(await got.Body?.transformToString()).toBe('fo')
  await send(new ListObjectsV2Command({ Bucket, Prefix: 'a' }))
  const { UploadId } = await send(new CreateMultipartUploadCommand({ Bucket, Key: 'm' }))
  const { ETag } = await send(new UploadPartCommand({ Bucket, Key: 'm', UploadId, PartNumber: 1, Body: 'part' }))
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  await send(new CompleteMultipartUploadCommand({ Bucket, Key: 'm', UploadId, MultipartUpload }))
  await send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [] } }))
  await send(new DeleteObjectCommand({ Bucket, Key: 'm' }))
  await expect(send(new GetObjectCommand({ Bucket, Key: 'm' }))).rejects.toThrow('The specified key does not exist.')

  const records = await dataEventsOf(Bucket)
  expect(records.map(({ eventName, readOnly, errorCode }) => [eventName, readOnly, errorCode])).toEqual([
    ['PutObject', false, undefined],
    ['HeadObject', true, undefined],
    ['GetObject', true, undefined],
    ['ListObjects', true, undefined],
    ['CreateMultipartUpload', false, undefined],
    ['UploadPart', false, undefined],
    ['CompleteMultipartUpload', false, undefined],
    ['DeleteObject', false, undefined],
    ['GetObject', true, 'NoSuchKey'],
  ])
  expect(records[0]).toEqual({
    eventVersion: '1.11',
    userIdentity: expect.objectContaining({ type: 'IAMUser', userName: 'test', accessKeyId: 'test' }),
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    eventSource: 's3.amazonaws.com',
    eventName: 'PutObject',
    awsRegion: region,
    sourceIPAddress: '127.0.0.1',
    userAgent: expect.stringMatching(/^\[aws-sdk-js.*\]$/),
    requestParameters: {
      bucketName: Bucket,
      Host: new URL(journey.endpoint).host,
      key: 'a b',
      'x-amz-server-side-encryption': 'AES256',
    },
    responseElements: { 'x-amz-server-side-encryption': 'AES256' },
    additionalEventData: {
      SignatureVersion: 'SigV4',
      bytesTransferredIn: 4,
      SSEApplied: 'SSE_S3',
      AuthenticationMethod: 'AuthHeader',
      'x-amz-id-2': put.$metadata.extendedRequestId,
      bytesTransferredOut: 0,
      objectSize: 4,
      startTime: expect.any(Number),
      endTime: expect.any(Number),
      turnAroundTime: expect.any(Number),
      httpStatusCode: 200,
    },
    requestID: put.$metadata.requestId,
    eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    readOnly: false,
    resources: [
      { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${Bucket}/a b` },
      { accountId, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${Bucket}` },
    ],
    eventType: 'AwsApiCall',
    managementEvent: false,
    recipientAccountId: accountId,
    eventCategory: 'Data',
  })
  expect(records[2]?.additionalEventData).toMatchObject({ bytesTransferredOut: 2, objectSize: 4, httpStatusCode: 206 })
  const known = (await journey.records()).filter(({ requestParameters }) => requestParameters?.bucketName === Bucket)
  expect(known.map(({ eventName }) => eventName)).toEqual(['CreateBucket', 'PutBucketTagging'])
})

test('A customer’s key is never recorded, and of a presigned URL nothing that signs', async () => {
  const Bucket = await journey.createBucket('secrets')
  const SSECustomerKey = Buffer.alloc(32, 7).toString('base64')
  const sealed = { SSECustomerAlgorithm: 'AES256', SSECustomerKey }
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...sealed }))
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'open', Body: 'x' }))
  const url = await getSignedUrl(journey.s3, new GetObjectCommand({ Bucket, Key: 'open' }))
  expect((await fetch(url)).status).toBe(200)
  const [put, , get] = await dataEventsOf(Bucket)
  expect(put?.additionalEventData?.SSEApplied).toBe('SSE_C')
  expect(put?.requestParameters).toEqual({
    bucketName: Bucket,
    Host: expect.any(String),
    key: 'k',
    'x-amz-server-side-encryption-customer-algorithm': 'AES256',
  })
  expect(Object.keys(get?.requestParameters ?? {}).sort()).toEqual([
    'Host',
    'X-Amz-Algorithm',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'bucketName',
    'key',
  ])
  expect(get?.additionalEventData?.AuthenticationMethod).toBe('QueryString')
})

test('A request that is refused for who it is has a record, one that is not authenticated has none', async () => {
  const Bucket = await journey.createBucket('refused')
  const anonymous = await fetch(`${journey.endpoint}/${Bucket}/k`)
  expect(anonymous.status).toBe(403)
  const wrong = { authorization: 'AWS4-HMAC-SHA256 Credential=x' }
  expect((await fetch(`${journey.endpoint}/${Bucket}/k`, { headers: wrong })).status).toBeGreaterThan(399)
  const records = await dataEventsOf(Bucket)
  expect(records).toHaveLength(1)
  expect(records[0]).toMatchObject({
    eventName: 'GetObject',
    errorCode: 'AccessDenied',
    errorMessage: 'Access Denied',
    userIdentity: { accountId: 'ANONYMOUS_PRINCIPAL' },
    responseElements: null,
    additionalEventData: { bytesTransferredIn: 0, httpStatusCode: 403 },
  })
})

test('Pages go on with older events, and what is no page is refused', async () => {
  const all: string[] = []
  let after = ''
  do {
    const answer = await fetch(`${journey.endpoint}/_s3kms/trail?limit=4${after}`)
    const page = (await answer.json()) as { records: TrailRecord[]; next?: string }
    all.push(...page.records.map(({ eventID }) => eventID))
    after = page.next === undefined ? '' : `&after=${page.next}`
  } while (after !== '')
  const whole = await fetch(`${journey.endpoint}/_s3kms/trail?limit=1000`)
  const { records } = (await whole.json()) as { records: TrailRecord[] }
  expect(all).toEqual(records.map(({ eventID }) => eventID))
  expect((await fetch(`${journey.endpoint}/_s3kms/trail?after=x`)).status).toBe(422)
})

test('The command line shows data events where it is asked to', async () => {
  const Bucket = await journey.createBucket('shown')
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  await expect(journey.s3.send(new GetObjectCommand({ Bucket, Key: 'none' }))).rejects.toThrow('not exist')
  const shown = async (flags: TrailFlags) => {
    const lines: string[] = []
    const streams = { write: (text: string) => lines.push(text), now: () => journey.ambient.now() }
    await trail({ endpoint: journey.endpoint, region, json: true, ...flags }, {}, streams)
    return lines.map((line): TrailRecord => JSON.parse(line)).map(({ eventName }) => eventName)
  }
  expect(await shown({ dataEvents: true, limit: 2 })).toEqual(['PutObject', 'GetObject'])
  expect(await shown({ dataEvents: true, errors: true, event: 'getobject', limit: 1 })).toEqual(['GetObject'])
  expect(await shown({ limit: 1 })).toEqual(['CreateBucket'])
})

test('What is older than the retention goes', async () => {
  journey.turn(91 * 86_400_000)
  await journey.settle()
  const answer = await fetch(`${journey.endpoint}/_s3kms/trail`)
  expect(await answer.json()).toEqual({ records: [] })
})
