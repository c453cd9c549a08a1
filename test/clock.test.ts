import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Emulator, startEmulator } from '../src/index.ts'
import { failureOf } from './emulator.ts'
import { commandLine, startProcess } from './process.ts'

/* The emulator's clock, turned from without, while clients sign by the machine's. */

const day = 86_400_000
let emulator: Emulator
let configuration: { endpoint: string; region: string; credentials: Emulator['credentials']; maxAttempts: number }
let kms: KMSClient
let s3: S3Client
let sts: STSClient

beforeAll(async () => {
  emulator = await startEmulator({ ephemeral: true, port: 0, logLevel: 'error', trailRetention: 400 })
  const { endpoint, credentials } = emulator
  configuration = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  kms = new KMSClient(configuration)
  s3 = new S3Client(configuration)
  sts = new STSClient(configuration)
})

beforeEach(() => emulator.reset())

afterAll(() => emulator.stop())

async function eventTimes(name: string): Promise<string[]> {
  const trail = new CloudTrailClient(configuration)
  const attribute = { AttributeKey: 'EventName', AttributeValue: name } as const
  const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes: [attribute] }))
  return Events.map(({ CloudTrailEvent = '{}' }) => String(JSON.parse(CloudTrailEvent).eventTime)).reverse()
}

test('A key deleted after seven days is gone after thirty, and the trail has its end and its rotations at their own moments', async () => {
  await emulator.clock.freeze()
  await emulator.clock.set('2027-01-01T00:00:00Z')
  const { KeyMetadata: rotated } = await kms.send(new CreateKeyCommand({}))
  await kms.send(new EnableKeyRotationCommand({ KeyId: rotated?.KeyId, RotationPeriodInDays: 90 }))
  const { KeyMetadata: deleted } = await kms.send(new CreateKeyCommand({}))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: deleted?.KeyId, PendingWindowInDays: 7 }))
  const reading = await emulator.clock.advance('200d')
  expect(reading).toMatchObject({ time: '2027-07-20T00:00:00.000Z', isStanding: true })
  expect(await failureOf(kms.send(new DescribeKeyCommand({ KeyId: deleted?.KeyId })))).toMatchObject({
    code: 'NotFoundException',
  })
  expect(await eventTimes('DeleteKey')).toEqual(['2027-01-08T00:00:00Z'])
  expect(await eventTimes('RotateKey')).toEqual(['2027-04-01T00:00:00Z', '2027-06-30T00:00:00Z'])
})

test('What one day brings has its consequence on a later one: a version expires, then what became noncurrent', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'aged' }))
  const VersioningConfiguration = { Status: 'Enabled' } as const
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'aged', VersioningConfiguration }))
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: 'aged',
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'age',
            Status: 'Enabled',
            Filter: { Prefix: '' },
            Expiration: { Days: 1 },
            NoncurrentVersionExpiration: { NoncurrentDays: 3 },
          },
        ],
      },
    }),
  )
  await s3.send(new PutObjectCommand({ Bucket: 'aged', Key: 'report', Body: 'text' }))
  const versions = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'aged' }))
    return { versions: Versions.length, markers: DeleteMarkers.length }
  }
  await emulator.clock.advance('3d')
  expect(await versions()).toEqual({ versions: 1, markers: 1 })
  await emulator.clock.advance('27d')
  expect(await versions()).toMatchObject({ versions: 0 })
})

test('What could not be replicated is tried again on the way, until it can be', async () => {
  await emulator.clock.freeze()
  await emulator.clock.set('2027-01-01T00:00:00Z')
  for (const Bucket of ['source', 'replicas']) {
    await s3.send(new CreateBucketCommand({ Bucket }))
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  }
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const rule = {
    Status: 'Enabled' as const,
    Priority: 1,
    Filter: { Prefix: '' },
    DeleteMarkerReplication: { Status: 'Disabled' as const },
    SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' as const } },
    Destination: {
      Bucket: 'arn:aws:s3:::replicas',
      EncryptionConfiguration: { ReplicaKmsKeyID: KeyMetadata?.Arn },
    },
  }
  const ReplicationConfiguration = { Role: 'arn:aws:iam::000000000000:role/replication', Rules: [rule] }
  await s3.send(new PutBucketReplicationCommand({ Bucket: 'source', ReplicationConfiguration }))
  const throttled = { operation: 'Decrypt', error: 'ThrottlingException', onlyForS3: true }
  await emulator.faults.add({ ...throttled, for: '10m' })
  const sealed = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: KeyMetadata?.Arn }
  await s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'report', Body: 'text', ...sealed }))
  await emulator.settle()
  await emulator.clock.advance('1d')
  // Each pause is twice as long as the one before, and five minutes at the most.
  const times = (await eventTimes('Decrypt')).map((time) => Date.parse(time) - Date.parse('2027-01-01T00:00:00Z'))
  expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811].map((seconds) => seconds * 1000))
  const { ReplicationStatus } = await s3.send(new HeadObjectCommand({ Bucket: 'source', Key: 'report' }))
  expect(ReplicationStatus).toBe('COMPLETED')
})

/** A way of eight thousand years, on which a key rotates 32,000 times. */
const farAway = '9998-12-31T00:00:00Z'

async function makeRotatingKey(client: KMSClient): Promise<void> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
  await client.send(new EnableKeyRotationCommand({ KeyId: KeyMetadata?.KeyId, RotationPeriodInDays: 90 }))
}

/** Resolves once a clock is ten years ahead. */
async function onItsWay({ endpoint }: Pick<Emulator, 'endpoint'>): Promise<void> {
  for (let ahead = 0; ahead < 3650 * day; ) ahead = (await (await fetch(`${endpoint}/_s3kms/clock`)).json()).ahead
}

test('A long way ends when its client leaves, or says so, and the clock is where it had come to', async () => {
  await makeRotatingKey(kms)
  const client = new AbortController()
  const path = `${emulator.endpoint}/_s3kms/clock/set/${farAway}`
  const left = fetch(path, { method: 'POST', signal: client.signal })
  await onItsWay(emulator)
  client.abort()
  await expect(left).rejects.toThrow('aborted')
  // Whoever turns the clock next waits for the way to end.
  const { time } = await emulator.clock.freeze()
  expect(Date.parse(time)).toBeLessThan(Date.parse(farAway))
  const { signal } = client
  await expect(emulator.clock.set(farAway, { signal })).rejects.toThrow(
    `The clock has come to ${time} and no further: nobody waits for the end`,
  )
  expect(await emulator.clock.advance('90d')).toMatchObject({ isStanding: true })
})

test('A stop ends a long way, and who waits for it hears how far it came', async () => {
  const stopped = await startEmulator({ ephemeral: true, port: 0, logLevel: 'error' })
  await makeRotatingKey(new KMSClient({ ...configuration, endpoint: stopped.endpoint }))
  const turn = fetch(`${stopped.endpoint}/_s3kms/clock/set/${farAway}`, { method: 'POST' })
  await onItsWay(stopped)
  await stopped.stop()
  const answer = await turn
  expect([answer.status, await answer.json()]).toEqual([
    409,
    { message: expect.stringMatching(/^The clock has come to \d{4}-\S+Z and no further: the emulator stops$/) },
  ])
})

test('A presigned URL ages by the emulator’s clock, and one signed after a turn is as young as ever', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'shared' }))
  await s3.send(new PutObjectCommand({ Bucket: 'shared', Key: 'file', Body: 'text' }))
  const sign = () => getSignedUrl(s3, new GetObjectCommand({ Bucket: 'shared', Key: 'file' }), { expiresIn: 900 })
  const before = await sign()
  expect((await fetch(before)).status).toBe(200)
  await emulator.clock.advance('1h')
  const refused = await fetch(before)
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('Request has expired')])
  await emulator.clock.advance('30d')
  const after = await sign()
  expect((await fetch(after)).status).toBe(200)
  await emulator.clock.advance('14m')
  expect((await fetch(after)).status).toBe(200)
  await emulator.clock.advance('2m')
  expect((await fetch(after)).status).toBe(403)
})

test('A session ends by the emulator’s clock', async () => {
  const { Credentials } = await sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }))
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '', SessionToken } = Credentials ?? {}
  const credentials = { accessKeyId, secretAccessKey, sessionToken: SessionToken }
  const session = new STSClient({ ...configuration, credentials })
  await session.send(new GetCallerIdentityCommand({}))
  await emulator.clock.advance('16m')
  expect(await failureOf(session.send(new GetCallerIdentityCommand({})))).toMatchObject({ code: 'ExpiredToken' })
})

test('A clock that stands gives everything one time, and goes on from there', async () => {
  const { time } = await emulator.clock.freeze()
  await s3.send(new CreateBucketCommand({ Bucket: 'still' }))
  await s3.send(new PutObjectCommand({ Bucket: 'still', Key: 'one', Body: 'text' }))
  const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket: 'still', Key: 'one' }))
  expect(LastModified?.toISOString().slice(0, 19)).toBe(time.slice(0, 19))
  expect((await emulator.clock.show()).time).toBe(time)
  expect(await emulator.clock.run()).toMatchObject({ isStanding: false })
})

test('The clock goes back while nothing has happened, and not later; a reset puts it back to the machine’s', async () => {
  await emulator.clock.advance('365d')
  expect(await emulator.clock.set('2020-02-29T00:00:00Z')).toMatchObject({ time: expect.stringMatching(/^2020-02-29/) })
  await kms.send(new CreateKeyCommand({}))
  await expect(emulator.clock.set('2019-01-01T00:00:00Z')).rejects.toThrow('does not go back')
  await emulator.reset()
  expect(Math.abs((await emulator.clock.show()).ahead)).toBe(0)
})

test.each(['30', 'd', '-1d', '1d 2h', '', 'P30D'])('%j is no duration', async (duration) => {
  await expect(emulator.clock.advance(duration)).rejects.toThrow('is no duration')
})

test.each(['2027-01-01T00:00:00', 'tomorrow', '2027-13-01T00:00:00Z', '2027-02-31T00:00:00Z', Number.NaN])(
  '%j is no moment',
  async (moment) => {
    await expect(emulator.clock.set(moment)).rejects.toThrow('is no moment')
  },
)

test.each(['9999-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', Date.UTC(10_000, 0), -1])(
  'The clock is not put to %j, from where it would run on past what dates can be',
  async (moment) => {
    const { time } = await emulator.clock.show()
    await expect(emulator.clock.set(moment)).rejects.toThrow('moments from 1970 to 9998')
    await expect(emulator.clock.advance(Date.UTC(9999, 0) - Date.parse(time))).rejects.toThrow('from 1970 to 9998')
    await expect(startEmulator({ ephemeral: true, port: 0, clock: '9999-01-01T00:00:00Z' })).rejects.toThrow(
      'a moment from 1970 to 9998',
    )
  },
)

test('How long ago an event was is meant by the emulator’s clock', async () => {
  await kms.send(new CreateKeyCommand({ Description: 'old' }))
  await emulator.clock.advance('30d')
  await kms.send(new CreateKeyCommand({ Description: 'new' }))
  const asked = ['trail', '--event', 'CreateKey', '--since', '1d', '--json', '--endpoint', emulator.endpoint]
  const { stdout } = await commandLine(asked)
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).requestParameters.description)
  expect(found).toEqual(['new'])
})

test('The clock is turned by command, and stays turned over a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3kms-clock-'))
  try {
    const first = await startProcess(['--data-dir', folder])
    const clock = (endpoint: string, ...request: string[]) =>
      commandLine(['clock', ...request, '--endpoint', endpoint, '--json'])
    const turned = await clock(first.endpoint, 'advance', '30d')
    expect(JSON.parse(turned.stdout)).toMatchObject({ isStanding: false })
    expect((await commandLine(['clock', 'show', '--endpoint', first.endpoint])).stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z, 30 days ahead of this machine\n$/,
    )
    await first.end('SIGKILL')
    const second = await startProcess(['--data-dir', folder])
    const { ahead } = JSON.parse((await clock(second.endpoint, 'show')).stdout)
    expect(ahead).toBe(30 * day)
    expect(await clock(second.endpoint, 'set', '2020-01-01T00:00:00Z')).toMatchObject({ code: 0 })
    expect(await clock(second.endpoint, 'advance', 'soon')).toMatchObject({
      code: 1,
      stderr: "s3kms-emu: 'soon' is no duration: 30d, 12h, 1d12h30m, 90s, 250ms; w are weeks\n",
    })
    await second.end('SIGTERM')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
