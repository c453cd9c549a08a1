import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { TurnableAmbient } from '../src/ambient.ts'
import { type Emulator, startEmulator } from '../src/emulator.ts'
import type { EmulatorOptions } from '../src/options.ts'
import { accountId, region } from './emulator.ts'
import { type Receiver, startReceiver } from './receiver.ts'

/* What becomes of notifications when the emulator ends, when the receiver is not there, and where fixtures give addresses. */

const queue = `arn:aws:sqs:${region}:${accountId}:uploads`
const lambda = `arn:aws:lambda:${region}:${accountId}:function:uploads`
const Bucket = 'uploads'

let folder: string
let receiver: Receiver
let emulator: Emulator
let ambient: TurnableAmbient
let s3: S3Client
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 's3kms-notifications-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  ambient = new TurnableAmbient()
  receiver = await startReceiver()
})
afterEach(async () => {
  await emulator.stop()
  await receiver.stop()
})

async function start(options: EmulatorOptions): Promise<void> {
  emulator = await startEmulator({ port: 0, logLevel: 'silent', ...options }, ambient)
  const { endpoint, credentials } = emulator
  s3 = new S3Client({ endpoint, region, credentials, maxAttempts: 1 })
}

async function makeBucket(arns: { queue?: string; lambda?: string }): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }))
  const QueueConfigurations = arns.queue ? [{ QueueArn: arns.queue, Events: ['s3:ObjectCreated:*' as const] }] : []
  const LambdaFunctionConfigurations = arns.lambda
    ? [{ LambdaFunctionArn: arns.lambda, Events: ['s3:ObjectRemoved:*' as const] }]
    : []
  const NotificationConfiguration = { QueueConfigurations, LambdaFunctionConfigurations }
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
}

const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))

const keysReceived = () =>
  receiver.received.flatMap(({ body }) => JSON.parse(body).Records ?? []).map((record) => record.s3.object.key)

test('What nobody took is delivered after a restart, once the receiver is there, in order', async () => {
  const dataDir = join(folder, 'restart')
  const { port } = new URL(receiver.url)
  await receiver.stop()
  await start({ dataDir, notifyUrl: receiver.url })
  await makeBucket({ queue })
  for (const key of ['one', 'two', 'three']) await put(key)
  await emulator.settle()
  const before = await emulator.notifications()
  expect(before.notifications.map(({ delivery }) => delivery)).toEqual(Array(4).fill('pending'))
  expect(before.notifications[0]?.lastFailure).toContain('ECONNREFUSED')
  await emulator.stop()

  receiver = await startReceiver(Number(port))
  ambient.turn(2000)
  await start({ dataDir, notifyUrl: receiver.url })
  await emulator.settle()
  expect(keysReceived()).toEqual(['one', 'two', 'three'])
  const after = await emulator.notifications()
  expect(after.notifications.map(({ delivery }) => delivery)).toEqual(Array(4).fill('delivered'))
  await put('four')
  await emulator.settle()
  expect(keysReceived()).toEqual(['one', 'two', 'three', 'four'])
  const numbers = (await emulator.notifications()).notifications.map(({ number }) => number)
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
})

test('After a day of failures a notification is given up; it can be read all the same', async () => {
  receiver.answer = ({ body }) => (body.includes('TestEvent') ? 200 : 500)
  await start({ ephemeral: true, notifyUrl: receiver.url })
  await makeBucket({ queue })
  await put('never')
  await emulator.settle()
  ambient.turn(86_400_001)
  await emulator.settle()
  const { notifications } = await emulator.notifications()
  expect(notifications.map(({ key, delivery }) => [key, delivery])).toEqual([
    [undefined, 'delivered'],
    ['never', 'given up'],
  ])
  ambient.turn(86_400_001)
  await emulator.settle()
  expect(keysReceived()).toEqual(['never', 'never'])
})

test('Fixtures give addresses to destinations: those are there, others are not; a reset forgets what was told', async () => {
  const fixtures = join(folder, 'fixtures.json')
  await writeFile(fixtures, JSON.stringify({ notificationTargets: [{ arn: queue, url: `${receiver.url}/queue` }] }))
  await start({ ephemeral: true, fixtures: [fixtures] })
  expect(emulator.fixtureReport).toEqual([`notification target ${queue}: made`])
  await expect(makeBucket({ queue, lambda })).rejects.toThrow(
    'Unable to validate the following destination configurations',
  )
  await emulator.reset({ fixtures: true })
  await makeBucket({ queue })
  await put('told')
  await emulator.settle()
  expect(receiver.received.map(({ path }) => path)).toEqual(['/queue', '/queue'])
  expect(keysReceived()).toEqual(['told'])
  await emulator.reset()
  expect((await emulator.notifications()).notifications).toEqual([])
})

test('A server that speaks SQS is asked to SendMessage', async () => {
  const fixtures = join(folder, 'sqs.json')
  const url = `${receiver.url}/${accountId}/uploads`
  await writeFile(fixtures, JSON.stringify({ notificationTargets: [{ arn: queue, url, format: 'sqs' }] }))
  await start({ ephemeral: true, fixtures: [fixtures] })
  await makeBucket({ queue })
  await put('a&b')
  await emulator.settle()
  const forms = receiver.received.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
  expect(forms[1]).toEqual({
    Action: 'SendMessage',
    Version: '2012-11-05',
    QueueUrl: url,
    MessageBody: expect.stringContaining('"key":"a%26b"'),
  })
})

test('A receiver that does not answer holds up no request, and not the end', async () => {
  receiver.answer = () => undefined
  await start({ ephemeral: true, notifyUrl: receiver.url })
  await makeBucket({ queue })
  for (const key of ['one', 'two']) await put(key)
  const { notifications } = await emulator.notifications()
  expect(notifications.map(({ delivery }) => delivery)).toEqual(['pending', 'pending', 'pending'])
  await emulator.stop()
})

test('Without an address notifications are kept to be read', async () => {
  await start({ ephemeral: true })
  await makeBucket({ queue, lambda })
  await put('kept')
  const { notifications } = await emulator.notifications({ bucket: Bucket })
  expect(notifications.map(({ key, delivery }) => [key, delivery])).toEqual([
    [undefined, 'kept'],
    ['kept', 'kept'],
  ])
})
