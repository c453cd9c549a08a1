import { once } from 'node:events'
import { request } from 'node:http'
import {
  GetBucketLoggingCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketLoggingCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from './emulator.ts'

/* Server access logs, as the User Guide sets them up: a target bucket, its policy for the log delivery service, and the source's logging. */

let journey: Journey
beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket('source')
  await journey.createBucket('logs')
  const Statement = {
    Sid: 'S3ServerAccessLogsPolicy',
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: ['s3:PutObject'],
    Resource: 'arn:aws:s3:::logs/access/*',
    Condition: {
      ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::source' },
      StringEquals: { 'aws:SourceAccount': accountId },
    },
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] })
  await journey.s3.send(new PutBucketPolicyCommand({ Bucket: 'logs', Policy }))
})
afterAll(() => journey.stop())

const LoggingEnabled = {
  TargetBucket: 'logs',
  TargetPrefix: 'access/',
  TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: 'EventTime' } },
} as const

test('What clients do with a bucket is read in the objects of its access log', async () => {
  const { s3 } = journey
  const BucketLoggingStatus = { LoggingEnabled }
  await s3.send(new PutBucketLoggingCommand({ Bucket: 'source', BucketLoggingStatus }))
  const told = await s3.send(new GetBucketLoggingCommand({ Bucket: 'source' }))
  expect(told.LoggingEnabled).toEqual(LoggingEnabled)
  const Body = Buffer.alloc(600_000, 'x')
  const put = await s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'a key', Body }))
  const got = await s3.send(new GetObjectCommand({ Bucket: 'source', Key: 'a key' }))
  expect(await got.Body?.transformToByteArray()).toHaveLength(600_000)
  await journey.settle()

  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  expect(Contents).toHaveLength(1)
  const Key = Contents[0]?.Key ?? ''
  const day = new Date(journey.ambient.now()).toISOString().slice(0, 10)
  const place = `access/${accountId}/us-east-1/source/${day.replaceAll('-', '/')}/${day}-00-00-00-`
  expect(Key.slice(0, -16)).toBe(place)
  expect((await s3.send(new HeadObjectCommand({ Bucket: 'logs', Key }))).ContentType).toBe('text/plain')
  const text = await (await s3.send(new GetObjectCommand({ Bucket: 'logs', Key }))).Body?.transformToString()
  const fields = (text ?? '').split('\n').map((line) => line.match(/\[[^\]]*\]|"[^"]*"|\S+/g) ?? [])
  const shown = fields.map((line) => [line[5], line[6], line[7], line[9], line[11], line[12]])
  expect(shown).toContainEqual([put.$metadata.requestId, 'REST.PUT.OBJECT', 'a%2520key', '200', '-', '600000'])
  expect(shown).toContainEqual([got.$metadata.requestId, 'REST.GET.OBJECT', 'a%2520key', '200', '600000', '600000'])
  expect(fields.every((line) => line.length === 0 || line.length === 27)).toBe(true)
})

test('Who leaves in the middle of a body is told of as one whose body was not whole, not as a fault', async () => {
  const url = await getSignedUrl(journey.s3, new PutObjectCommand({ Bucket: 'source', Key: 'half' }))
  const upload = request(url, { method: 'PUT', headers: { 'content-length': 5000 } })
  const left = once(upload, 'error')
  upload.write(Buffer.alloc(1000), () => upload.destroy())
  await left
  const lines = async () => {
    await journey.settle()
    const { Contents = [] } = await journey.s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
    const objects = Contents.map(({ Key }) => journey.s3.send(new GetObjectCommand({ Bucket: 'logs', Key })))
    const texts = (await Promise.all(objects)).map(({ Body }) => Body?.transformToString())
    return (await Promise.all(texts)).join('').split('\n')
  }
  const ofHalf = async () => (await lines()).find((line) => line.includes(' REST.PUT.OBJECT half '))
  let line = await ofHalf()
  while (line === undefined) line = await ofHalf()
  expect(line).toContain(' 400 IncompleteBody ')
})

test('Lines are there after the clock went on, in an object of the day they are of', async () => {
  const { s3 } = journey
  const before = await s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  await s3.send(new HeadObjectCommand({ Bucket: 'source', Key: 'a key' }))
  journey.turn(86_400_000)
  await journey.settle()
  const after = await s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  expect(after.KeyCount).toBe((before.KeyCount ?? 0) + 1)
})
