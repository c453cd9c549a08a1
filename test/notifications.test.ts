import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  type Event,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, type Journey, region, startJourney } from './emulator.ts'
import { type Receiver, startReceiver } from './receiver.ts'

/* Notifications through SDK v3, received by a server of the test's own. */

let journey: Journey
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
  journey = await startJourney({ notifyUrl: `${receiver.url}/events` })
})
afterAll(async () => {
  await journey.stop()
  await receiver.stop()
})

const queue = `arn:aws:sqs:${region}:${accountId}:uploads`
const topic = `arn:aws:sns:${region}:${accountId}:uploads`
const lambda = `arn:aws:lambda:${region}:${accountId}:function:uploads`
const hour = 3_600_000
const created: Event[] = ['s3:ObjectCreated:*']

async function configure(Bucket: string, NotificationConfiguration: NotificationConfiguration) {
  await journey.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
}

/** What the receiver got about a bucket, but for test events. */
async function receivedOf(bucket: string) {
  await journey.settle()
  return receiver.received.filter(({ body }) => body.includes(bucket) && !body.includes('s3:TestEvent'))
}

test('A configuration is answered as it was put, with the ids that S3 gives and names of filters capitalised; an empty one clears', async () => {
  const Bucket = await journey.createBucket('kept')
  const get = () => journey.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))
  const { $metadata: _, ...fresh } = await get()
  expect(fresh).toEqual({})
  await configure(Bucket, {
    QueueConfigurations: [
      {
        QueueArn: queue,
        Events: ['s3:ObjectCreated:Put', 's3:ObjectRemoved:*'],
        Filter: {
          Key: {
            FilterRules: [
              { Name: 'prefix', Value: 'images/' },
              { Name: 'suffix', Value: '' },
            ],
          },
        },
      },
    ],
    LambdaFunctionConfigurations: [{ Id: 'mine', LambdaFunctionArn: lambda, Events: ['s3:ObjectTagging:*'] }],
    EventBridgeConfiguration: {},
  })
  const { $metadata: __, ...set } = await get()
  expect(set).toEqual({
    QueueConfigurations: [
      {
        Id: expect.stringMatching(/^[A-Za-z0-9+/]{48}$/),
        QueueArn: queue,
        Events: ['s3:ObjectCreated:Put', 's3:ObjectRemoved:*'],
        Filter: {
          Key: {
            FilterRules: [
              { Name: 'Prefix', Value: 'images/' },
              { Name: 'Suffix', Value: '' },
            ],
          },
        },
      },
    ],
    LambdaFunctionConfigurations: [{ Id: 'mine', LambdaFunctionArn: lambda, Events: ['s3:ObjectTagging:*'] }],
    EventBridgeConfiguration: {},
  })
  await configure(Bucket, {})
  const { $metadata: ___, ...cleared } = await get()
  expect(cleared).toEqual({})
})

test('A queue gets a record of AWS’s form of each object that is created, in order', async () => {
  const Bucket = await journey.createBucket('created')
  await configure(Bucket, { QueueConfigurations: [{ Id: 'all', QueueArn: queue, Events: created }] })
  const put = await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a b@(1)/ü.txt', Body: 'nine char' }))
  await journey.s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/a%20b%40(1)/%C3%BC.txt` }))
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }))
  const { ETag } = await journey.s3.send(
    new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'part' }),
  )
  const parts = { MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }
  await journey.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, ...parts }))

  const { url, fields } = await createPresignedPost(journey.s3, { Bucket, Key: 'form' })
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', new Blob(['by form']))
  expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204)

  const records = (await receivedOf(Bucket)).map(({ body }) => JSON.parse(body).Records[0])
  expect(records.map(({ eventName }) => eventName)).toEqual([
    'ObjectCreated:Put',
    'ObjectCreated:Copy',
    'ObjectCreated:CompleteMultipartUpload',
    'ObjectCreated:Post',
  ])
  expect(records[0]).toEqual({
    eventVersion: '2.5',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: expect.stringMatching(/^AWS:AIDA[A-Z2-7]{17}$/) },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': put.$metadata.requestId,
      'x-amz-id-2': put.$metadata.extendedRequestId,
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'all',
      bucket: {
        name: Bucket,
        ownerIdentity: { principalId: expect.stringMatching(/^A[A-Z2-7]{13}$/) },
        arn: `arn:aws:s3:::${Bucket}`,
      },
      object: {
        key: 'a+b%40%281%29/%C3%BC.txt',
        size: 9,
        eTag: put.ETag?.replaceAll('"', ''),
        sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
      },
    },
  })
  const sequencers = records.map(({ s3 }) => s3.object.sequencer)
  expect(sequencers).toEqual([...sequencers].sort())
})

test('A topic gets SNS’s notification, a function the records, the event bus an event; queues and topics a test event', async () => {
  const Bucket = await journey.createBucket('shapes')
  await configure(Bucket, {
    TopicConfigurations: [{ TopicArn: topic, Events: created }],
    LambdaFunctionConfigurations: [{ LambdaFunctionArn: lambda, Events: ['s3:ObjectAcl:Put'] }],
    EventBridgeConfiguration: {},
  })
  await journey.settle()
  const tests = receiver.received.filter(({ body }) => body.includes('s3:TestEvent') && body.includes(Bucket))
  expect(tests.map(({ headers }) => headers['x-s3kms-destination'])).toEqual([topic])
  expect(JSON.parse(JSON.parse(tests[0]?.body ?? '').Message)).toEqual({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: expect.any(String),
    Bucket,
    RequestId: expect.any(String),
    HostId: expect.any(String),
  })
  const put = await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'a b', Body: 'x' }))
  await journey.s3.send(new PutObjectAclCommand({ Bucket, Key: 'a b', ACL: 'public-read' }))
  await journey.s3.send(new PutObjectAclCommand({ Bucket, Key: 'a b', ACL: 'public-read' }))

  const got = await receivedOf(Bucket)
  const ofTopic = got.filter(({ headers }) => headers['x-amz-sns-topic-arn'] === topic)
  expect(ofTopic.map(({ body }) => JSON.parse(body))).toEqual([
    {
      Type: 'Notification',
      MessageId: ofTopic[0]?.headers['x-amz-sns-message-id'],
      TopicArn: topic,
      Subject: 'Amazon S3 Notification',
      Message: expect.stringContaining('"eventName":"ObjectCreated:Put"'),
      Timestamp: expect.any(String),
    },
  ])
  const ofFunction = got.filter(({ headers }) => headers['x-s3kms-destination'] === lambda)
  expect(ofFunction.map(({ body }) => JSON.parse(body).Records[0].s3.object)).toEqual([
    { key: 'a+b', eTag: put.ETag?.replaceAll('"', '') },
  ])
  const ofBus = got.filter(({ headers }) => String(headers['x-s3kms-destination']).includes(':event-bus/'))
  expect(ofBus.map(({ body }) => JSON.parse(body)['detail-type'])).toEqual(['Object Created', 'Object ACL Updated'])
  expect(JSON.parse(ofBus[0]?.body ?? '')).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: accountId,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region,
    resources: [`arn:aws:s3:::${Bucket}`],
    detail: {
      version: '0',
      'event-version': '1.1',
      bucket: { name: Bucket },
      object: { key: 'a b', size: 1, etag: put.ETag?.replaceAll('"', ''), sequencer: expect.any(String) },
      'request-id': put.$metadata.requestId,
      requester: accountId,
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  })
})

test('Deletions, delete markers and tags are told of the version that they are about; what was not there is not told', async () => {
  const Bucket = await journey.createBucket('removed')
  const Events: Event[] = ['s3:ObjectRemoved:*', 's3:ObjectTagging:*']
  await configure(Bucket, { QueueConfigurations: [{ QueueArn: queue, Events }] })
  const send = journey.s3.send.bind(journey.s3)
  await send(new PutObjectCommand({ Bucket, Key: 'old', Body: 'x', Tagging: 'told=not' }))
  await send(new DeleteObjectCommand({ Bucket, Key: 'old' }))
  await send(new DeleteObjectCommand({ Bucket, Key: 'old' }))
  await send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const { VersionId, ETag } = await send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  await send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } }))
  await send(new DeleteObjectTaggingCommand({ Bucket, Key: 'k' }))
  const marker = await send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
  const Objects = [
    { Key: 'k', VersionId },
    { Key: 'k', VersionId: marker.VersionId },
    { Key: 'k', VersionId },
  ]
  await send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))

  const records = (await receivedOf(Bucket)).map(({ body }) => JSON.parse(body).Records[0])
  const sequencer = expect.any(String)
  const eTag = ETag?.replaceAll('"', '')
  expect(records.map(({ eventName, s3 }) => [eventName, s3.object])).toEqual([
    ['ObjectRemoved:Delete', { key: 'old', sequencer }],
    ['ObjectTagging:Put', { key: 'k', versionId: VersionId, eTag }],
    ['ObjectTagging:Delete', { key: 'k', versionId: VersionId, eTag }],
    [
      'ObjectRemoved:DeleteMarkerCreated',
      { key: 'k', versionId: marker.VersionId, eTag: 'd41d8cd98f00b204e9800998ecf8427e', sequencer },
    ],
    ['ObjectRemoved:Delete', { key: 'k', versionId: VersionId, sequencer }],
    ['ObjectRemoved:Delete', { key: 'k', versionId: marker.VersionId, sequencer }],
  ])
})

test('A restored copy is told of when it is asked for, when it is there, and when it is gone, at those moments', async () => {
  const Bucket = await journey.createBucket('archived')
  await configure(Bucket, { QueueConfigurations: [{ QueueArn: queue, Events: ['s3:ObjectRestore:*'] }] })
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'cold', StorageClass: 'GLACIER' }))
  await journey.s3.send(new RestoreObjectCommand({ Bucket, Key: 'k', RestoreRequest: { Days: 1 } }))
  const events = async () => (await receivedOf(Bucket)).map(({ body }) => JSON.parse(body).Records[0])
  expect((await events()).map(({ eventName }) => eventName)).toEqual(['ObjectRestore:Post'])
  journey.turn(13 * hour)
  await journey.settle()
  journey.turn(48 * hour)
  await journey.settle()
  const [asked, ready, gone, ...more] = await events()
  expect([ready.eventName, gone.eventName, ...more]).toEqual(['ObjectRestore:Completed', 'ObjectRestore:Delete'])
  expect(ready.userIdentity.principalId).toMatch(/^AmazonCustomer:A[A-Z2-7]{13}$/)
  expect(ready.s3.object).toEqual({ ...asked.s3.object, sequencer: expect.any(String) })
  expect(ready.glacierEventData.restoreEventData).toEqual({
    lifecycleRestorationExpiryTime: gone.eventTime,
    lifecycleRestoreStorageClass: 'GLACIER',
  })
  const waited = Date.parse(ready.eventTime) - Date.parse(asked.eventTime)
  expect(Math.round(waited / hour)).toBe(5)
})

test('Only keys that a filter wants are told, and nothing of a write that failed', async () => {
  const Bucket = await journey.createBucket('filtered')
  const FilterRules = [
    { Name: 'prefix' as const, Value: 'in%20here/' },
    { Name: 'suffix' as const, Value: '.jpg' },
  ]
  await configure(Bucket, {
    QueueConfigurations: [{ QueueArn: queue, Events: created, Filter: { Key: { FilterRules } } }],
  })
  for (const Key of ['in here/a.jpg', 'in here/a.png', 'elsewhere/a.jpg', 'in here/b.jpg']) {
    await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
  }
  const again = new PutObjectCommand({ Bucket, Key: 'in here/a.jpg', Body: 'y', IfNoneMatch: '*' })
  await expect(journey.s3.send(again)).rejects.toMatchObject({ name: 'PreconditionFailed' })
  const keys = (await receivedOf(Bucket)).map(({ body }) => JSON.parse(body).Records[0].s3.object.key)
  expect(keys).toEqual(['in+here/a.jpg', 'in+here/b.jpg'])
})

test('What a receiver refuses is tried again by the clock; later events of that key wait for it, other keys do not', async () => {
  const Bucket = await journey.createBucket('refused')
  await configure(Bucket, { QueueConfigurations: [{ QueueArn: queue, Events: created }] })
  await journey.settle()
  const keysSince = async (count: number) => {
    const got = (await receivedOf(Bucket)).slice(count)
    return got.map(({ body }) => JSON.parse(body).Records[0].s3.object.key)
  }
  receiver.answer = ({ body }) => (body.includes('"key":"bad"') ? 500 : 204)
  for (const Key of ['bad', 'good', 'bad', 'good']) {
    await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
  }
  expect(await keysSince(0)).toEqual(['bad', 'good', 'good'])
  const { notifications } = await journey.notifications({ bucket: Bucket })
  expect(notifications.slice(1).map(({ delivery }) => delivery)).toEqual([
    'pending',
    'delivered',
    'pending',
    'delivered',
  ])
  expect(notifications[1]).toMatchObject({ attempts: 1, lastFailure: 'it answered 500' })
  journey.turn(1000)
  expect(await keysSince(3)).toEqual(['bad'])
  receiver.answer = () => 200
  journey.turn(2000)
  expect(await keysSince(4)).toEqual(['bad', 'bad'])
})

test('Notifications are read in pages, which go on where the last one ended', async () => {
  const { notifications: all, next: end } = await journey.notifications({ limit: 1000 })
  const read: unknown[] = []
  for (let after = 0; after < end; ) {
    const page = await journey.notifications({ after, limit: 3 })
    read.push(...page.notifications)
    after = page.next
  }
  expect(read).toEqual(all)
  const answer = await fetch(`${journey.endpoint}/_s3kms/notifications?after=${end}`)
  expect(await answer.json()).toEqual({ notifications: [], next: end })
  const wrong = await fetch(`${journey.endpoint}/_s3kms/notifications?limit=0`)
  expect([wrong.status, await wrong.json()]).toEqual([
    422,
    { message: "limit must be a whole number from 1 to 1000, not '0'" },
  ])
})
