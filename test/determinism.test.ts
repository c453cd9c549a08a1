import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import {
  CreateKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketReplicationCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { expect, test } from '@jest/globals'
import { type Emulator, type EmulatorOptions, startEmulator } from '../src/index.ts'

/* The same seed, fixtures and calls give the same trail, byte for byte. */

const start = '2027-01-01T00:00:00Z'
const fixtures = `
keys:
  - alias: alias/app
buckets:
  - name: uploads
    encryption: { algorithm: aws:kms, key: alias/app }
faults:
  - service: kms
    operation: Decrypt
    error: ThrottlingException
    probability: 0.5
    seed: 3
  - service: kms
    operation: ReEncrypt
    error: KMSInternalException
    probability: 0.5
  - service: kms
    operation: GenerateDataKeyWithoutPlaintext
    latency: 3
    jitter: 3
`

function clientsOf({ endpoint, credentials }: Emulator) {
  const configuration = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  return {
    s3: new S3Client(configuration),
    kms: new KMSClient(configuration),
    cloudTrail: new CloudTrailClient(configuration),
  }
}

/** What a test of somebody's does. @returns what it was given that is made by chance, then the whole trail */
async function story(emulator: Emulator): Promise<string[]> {
  const { s3, kms, cloudTrail } = clientsOf(emulator)
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'one', Body: 'text' }))
  for (let count = 0; count < 6; count++) {
    await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'one' })).catch(() => undefined)
  }
  for (let count = 0; count < 6; count++) {
    await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: 'alias/app', KeySpec: 'AES_256' }))
    await reEncrypt(kms).catch(() => undefined)
  }
  await putInParts(s3)
  await age(s3)
  await copyElsewhere(s3)
  const Tagging = { TagSet: [{ Key: 'team', Value: 'a' }] }
  await s3.send(new PutBucketTaggingCommand({ Bucket: 'uploads', Tagging }))
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata?.KeyId
  await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }))
  const { Plaintext } = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
  await emulator.clock.advance('100d')
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  await emulator.clock.advance('10d')
  // What the lifecycle did, on days of its own, and the ids that it gave.
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'aged' }))
  const { Versions: replicas = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'replicas' }))
  expect(replicas).toHaveLength(6)
  const made = { key: Buffer.from(Plaintext ?? []).toString('hex'), Versions, DeleteMarkers, replicas }
  return [JSON.stringify(made), ...(await trailOf(cloudTrail)), ...(await dataEventsOf(emulator))]
}

async function reEncrypt(kms: KMSClient): Promise<void> {
  const sealed = await kms.send(new EncryptCommand({ KeyId: 'alias/app', Plaintext: Buffer.from('text') }))
  await kms.send(new ReEncryptCommand({ CiphertextBlob: sealed.CiphertextBlob, DestinationKeyId: 'alias/app' }))
}

async function putInParts(s3: S3Client): Promise<void> {
  const place = { Bucket: 'uploads', Key: 'parts' }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place))
  const Parts = []
  for (const PartNumber of [1, 2]) {
    const Body = Buffer.alloc(PartNumber === 1 ? 5 << 20 : 10, 'p')
    const upload = () => s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber, Body }))
    const { ETag } = await insist(upload)
    Parts.push({ ETag, PartNumber })
  }
  const complete = { ...place, UploadId, MultipartUpload: { Parts } }
  await insist(() => s3.send(new CompleteMultipartUploadCommand(complete)))
}

/** Until no fault strikes it: which attempt that is follows from the seed. */
async function insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (Object(error).name !== 'SlowDown') throw error
    }
  }
}

/** Objects that a lifecycle expires, in a bucket with versions. */
async function age(s3: S3Client): Promise<void> {
  const Bucket = 'aged'
  await s3.send(new CreateBucketCommand({ Bucket }))
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  for (const Key of ['a', 'b', 'c']) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ServerSideEncryption: 'aws:kms' }))
  }
  const Rule = { ID: 'age', Status: 'Enabled' as const, Filter: { Prefix: '' } }
  const LifecycleConfiguration = {
    Rules: [{ ...Rule, Expiration: { Days: 2 }, NoncurrentVersionExpiration: { NoncurrentDays: 500 } }],
  }
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }))
}

/** What is done in the background takes chance, too: replicas. */
async function copyElsewhere(s3: S3Client): Promise<void> {
  for (const Bucket of ['source', 'replicas']) {
    await s3.send(new CreateBucketCommand({ Bucket }))
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  }
  const Destination = { Bucket: 'arn:aws:s3:::replicas' }
  const Rules = [{ Status: 'Enabled' as const, Prefix: '', Destination }]
  const ReplicationConfiguration = { Role: 'arn:aws:iam::000000000000:role/replication', Rules }
  await s3.send(new PutBucketReplicationCommand({ Bucket: 'source', ReplicationConfiguration }))
  for (const Key of ['a', 'b', 'c', 'd', 'e', 'f']) {
    await s3.send(new PutObjectCommand({ Bucket: 'source', Key, Body: Key }))
  }
  // Beside calls nothing is done: whose chance came first would be for the machine to say.
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'replicas' }))
  expect(Versions).toEqual([])
}

/** All pages, the newest event first. */
async function trailOf(cloudTrail: CloudTrailClient): Promise<string[]> {
  const events: string[] = []
  let NextToken: string | undefined
  do {
    const page = await cloudTrail.send(new LookupEventsCommand({ MaxResults: 50, NextToken }))
    events.push(...(page.Events ?? []).map(({ CloudTrailEvent = '' }) => CloudTrailEvent))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return events
}

async function dataEventsOf({ endpoint }: Emulator): Promise<string[]> {
  const answer = await fetch(`${endpoint}/_s3kms/trail?limit=1000`)
  const { records }: { records: object[] } = JSON.parse(await answer.text())
  return records.map((record) => JSON.stringify(record))
}

const options: EmulatorOptions = {
  ...{ ephemeral: true, logLevel: 'error', seed: 'one', clock: start },
  ...{ trailRetention: 400, trailDataEvents: true },
}

test('One seed is one trail: in two emulators, and again after a reset', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3kms-seed-'))
  try {
    const file = join(folder, 'fixtures.yaml')
    await writeFile(file, fixtures)
    const first = await startEmulator({ ...options, port: 0, fixtures: [file] })
    const told = await story(first)
    expect(told.length).toBeGreaterThan(45)
    expect(told.filter((event) => event.includes('"DeleteKey"'))).toHaveLength(1)
    for (const error of ['ThrottlingException', 'KMSInternalException']) {
      expect(told.filter((event) => event.includes(`"errorCode":"${error}"`)).length).toBeGreaterThan(0)
    }
    expect(JSON.parse(told[0] ?? '').DeleteMarkers).toHaveLength(3)
    await first.reset({ fixtures: true })
    expect(await story(first)).toEqual(told)
    await first.stop()
    // The port stands in the trail, as the host that clients name.
    const again = await startEmulator({ ...options, port: first.port, fixtures: [file] })
    expect(await story(again)).toEqual(told)
    await again.stop()
    const other = await startEmulator({ ...options, port: first.port, fixtures: [file], seed: 'two' })
    expect((await story(other))[0]).not.toBe(told[0])
    await other.stop()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('A data folder goes on where it was: the clock is not put back, and no id comes twice', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3kms-seed-'))
  const kept: EmulatorOptions = { ...options, ephemeral: false, dataDir, port: 0 }
  const madeBy = async (emulator: Emulator) => {
    const { KeyMetadata } = await clientsOf(emulator).kms.send(new CreateKeyCommand({}))
    return KeyMetadata?.KeyId
  }
  try {
    const first = await startEmulator(kept)
    const made = await madeBy(first)
    await first.clock.advance('1d')
    await first.stop()
    const second = await startEmulator(kept)
    expect((await second.clock.show()).time).toBe('2027-01-02T00:00:00.000Z')
    expect(await madeBy(second)).not.toBe(made)
    await second.stop()
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('A clock that is to stand where things have happened already is refused at the start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 's3kms-seed-'))
  const kept: EmulatorOptions = { logLevel: 'error', dataDir, port: 0 }
  try {
    const first = await startEmulator({ ...kept, keys: ['alias/app'] })
    await first.stop()
    await expect(startEmulator({ ...kept, clock: start })).rejects.toThrow('in which nothing has happened')
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
