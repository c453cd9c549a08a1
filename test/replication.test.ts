import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { CreateKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  DeleteBucketReplicationCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type ReplicationRule,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { TrailRecord } from '../src/trail/event.ts'
import { accountId, failureOf, type Journey, region, startJourney } from './emulator.ts'
import { startProcess } from './process.ts'

/*
 * Replication through SDK v3: from us-east-1 to eu-west-1, in the name of a role that IAM made, under keys of both Regions. Then across
 * kill -9.
 */

let journey: Journey
let iam: IAMClient
let abroad: { s3: S3Client; kms: KMSClient; cloudTrail: CloudTrailClient }
beforeAll(async () => {
  journey = await startJourney()
  iam = new IAMClient(journey.configuration)
  const configuration = { ...journey.configuration, region: 'eu-west-1' }
  abroad = {
    s3: new S3Client(configuration),
    kms: new KMSClient(configuration),
    cloudTrail: new CloudTrailClient(configuration),
  }
})
afterAll(() => journey.stop())

const versioned = { VersioningConfiguration: { Status: 'Enabled' } } as const

async function createSource(Bucket: string): Promise<string> {
  await journey.createBucket(Bucket)
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, ...versioned }))
  return Bucket
}

async function createTargetAbroad(Bucket: string): Promise<string> {
  await abroad.s3.send(
    new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  )
  await abroad.s3.send(new PutBucketVersioningCommand({ Bucket, ...versioned }))
  return Bucket
}

async function createKeyAbroad(): Promise<string> {
  return (await abroad.kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
}

const trust = (Service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  })

interface Statement {
  Action: string[]
  Resource: string
  Condition?: object
}

/** Of AWS's documentation: all that a role of S3 replication is given. */
function permissions(source: string, target: string): Statement[] {
  const [from, to] = [`arn:aws:s3:::${source}`, `arn:aws:s3:::${target}`]
  return [
    { Action: ['s3:GetReplicationConfiguration', 's3:ListBucket'], Resource: from },
    {
      Action: ['s3:GetObjectVersionForReplication', 's3:GetObjectVersionAcl', 's3:GetObjectVersionTagging'],
      Resource: `${from}/*`,
    },
    { Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'], Resource: `${to}/*` },
  ]
}

async function createRole(name: string, statements: Statement[], service = 's3.amazonaws.com'): Promise<string> {
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust(service) }))
  await setPermissions(name, statements)
  return Role?.Arn ?? ''
}

function setPermissions(RoleName: string, statements: Statement[]) {
  const Statement = statements.map((statement) => ({ Effect: 'Allow', ...statement }))
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
  return iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'replicate', PolicyDocument }))
}

/** Decrypt through S3 here, and GenerateDataKey through S3 there, for the objects of these buckets alone. */
function keyPermissions(source: string, key: string, target: string, replicaKey: string): Statement[] {
  const through = (service: string, bucket: string) => ({
    StringLike: { 'kms:ViaService': service, 'kms:EncryptionContext:aws:s3:arn': `arn:aws:s3:::${bucket}/*` },
  })
  return [
    { Action: ['kms:Decrypt'], Resource: key, Condition: through('s3.us-east-1.amazonaws.com', source) },
    { Action: ['kms:GenerateDataKey'], Resource: replicaKey, Condition: through('s3.eu-west-1.amazonaws.com', target) },
  ]
}

function ruleTo(target: string, more: Partial<ReplicationRule> = {}): ReplicationRule {
  return {
    ID: 'all',
    Priority: 0,
    Filter: {},
    Status: 'Enabled',
    Destination: { Bucket: `arn:aws:s3:::${target}` },
    DeleteMarkerReplication: { Status: 'Enabled' },
    ...more,
  }
}

const underKms = (target: string, ReplicaKmsKeyID: string): ReplicationRule =>
  ruleTo(target, {
    SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
    Destination: {
      Bucket: `arn:aws:s3:::${target}`,
      EncryptionConfiguration: { ReplicaKmsKeyID },
      Metrics: { Status: 'Enabled' },
    },
  })

function replicate(Bucket: string, Role: string, ...Rules: ReplicationRule[]) {
  return journey.s3.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration: { Role, Rules } }))
}

const statusOf = async (Bucket: string, Key: string, s3 = journey.s3) =>
  (await s3.send(new HeadObjectCommand({ Bucket, Key }))).ReplicationStatus

test('A configuration is answered as it was put; a bucket that has none says so', async () => {
  const [source, target] = [await createSource('kept-source'), await createTargetAbroad('kept-target')]
  const get = () => journey.s3.send(new GetBucketReplicationCommand({ Bucket: source }))
  expect(await failureOf(get())).toMatchObject({ code: 'ReplicationConfigurationNotFoundError', status: 404 })
  const Role = `arn:aws:iam::${accountId}:role/nobody-declared`
  const rule = ruleTo(target, {
    Destination: {
      Bucket: `arn:aws:s3:::${target}`,
      StorageClass: 'STANDARD_IA',
      ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
      Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
    },
  })
  await replicate(source, Role, rule)
  expect((await get()).ReplicationConfiguration).toEqual({ Role, Rules: [rule] })
  // A role that nobody declared may do everything, as an unknown access key may.
  await journey.s3.send(new PutObjectCommand({ Bucket: source, Key: 'key', Body: 'x' }))
  await journey.settle()
  expect(await statusOf(source, 'key')).toBe('COMPLETED')
  await journey.s3.send(new DeleteBucketReplicationCommand({ Bucket: source }))
  expect(await failureOf(get())).toMatchObject({ code: 'ReplicationConfigurationNotFoundError' })
})

test('An object under a key of one Region becomes a replica under a key of another, by the role alone', async () => {
  const [source, target] = [await createSource('kms-source'), await createTargetAbroad('kms-target')]
  const [key, replicaKey] = [await journey.createKey(), await createKeyAbroad()]
  const statements = [...permissions(source, target), ...keyPermissions(source, key, target, replicaKey)]
  const Role = await createRole('kms-replicator', statements)
  await replicate(source, Role, underKms(target, replicaKey))
  const put = { Bucket: source, Key: 'a b.txt', Body: 'secret', Metadata: { a: 'b' }, Tagging: 't=u' }
  const encryption = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key } as const
  const { VersionId } = await journey.s3.send(new PutObjectCommand({ ...put, ...encryption }))
  await journey.settle()

  const got = await abroad.s3.send(new GetObjectCommand({ Bucket: target, Key: put.Key }))
  expect(await got.Body?.transformToString()).toBe('secret')
  expect(got).toMatchObject({
    VersionId,
    SSEKMSKeyId: replicaKey,
    ServerSideEncryption: 'aws:kms',
    ReplicationStatus: 'REPLICA',
    Metadata: { a: 'b' },
    TagCount: 1,
  })
  expect(await statusOf(source, put.Key)).toBe('COMPLETED')

  const session = `arn:aws:sts::${accountId}:assumed-role/kms-replicator/s3-replication`
  const own = (await journey.records()).concat(await recordsAbroad())
  const calls = own.filter(({ userIdentity }) => userIdentity.arn === session)
  expect(calls).toMatchObject([
    {
      eventName: 'Decrypt',
      awsRegion: region,
      sourceIPAddress: 'fas.s3.amazonaws.com',
      userIdentity: {
        type: 'AssumedRole',
        principalId: expect.stringMatching(/^AROA\w+:s3-replication$/),
        sessionContext: { sessionIssuer: { type: 'Role', arn: Role, userName: 'kms-replicator' } },
        invokedBy: 'fas.s3.amazonaws.com',
      },
      requestParameters: { encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${source}/a b.txt` } },
      resources: [{ ARN: key }],
    },
    {
      eventName: 'GenerateDataKey',
      awsRegion: 'eu-west-1',
      requestParameters: { keyId: replicaKey, encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${target}/a b.txt` } },
      resources: [{ ARN: replicaKey }],
    },
  ])
})

/** The trail of the other Region. */
async function recordsAbroad(): Promise<TrailRecord[]> {
  const { Events = [] } = await abroad.cloudTrail.send(new LookupEventsCommand({}))
  return Events.map(({ CloudTrailEvent = '{}' }) => JSON.parse(CloudTrailEvent))
}

test('Without SseKmsEncryptedObjects what lies under a key is not replicated, and the rest is', async () => {
  const [source, target] = [await createSource('plain-source'), await createTargetAbroad('plain-target')]
  await replicate(source, await createRole('plain-replicator', permissions(source, target)), ruleTo(target))
  await journey.s3.send(
    new PutObjectCommand({ Bucket: source, Key: 'sealed', Body: 'x', ServerSideEncryption: 'aws:kms' }),
  )
  await journey.s3.send(new PutObjectCommand({ Bucket: source, Key: 'plain', Body: 'x' }))
  await journey.settle()
  expect([await statusOf(source, 'sealed'), await statusOf(source, 'plain')]).toEqual([undefined, 'COMPLETED'])
})

test('A role that may not decrypt, and a key that cannot be used, leave the version FAILED, and the rest of the bucket as it was', async () => {
  const [source, target] = [await createSource('failing-source'), await createTargetAbroad('failing-target')]
  const [key, replicaKey] = [await journey.createKey(), await createKeyAbroad()]
  const statements = permissions(source, target)
  const [decrypt, generate] = keyPermissions(source, key, target, replicaKey)
  if (!decrypt || !generate) throw new Error('two statements were made')
  await replicate(source, await createRole('failing', [...statements, generate]), underKms(target, replicaKey))
  const put = (Key: string) =>
    journey.s3.send(
      new PutObjectCommand({ Bucket: source, Key, Body: 'x', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key }),
    )
  await put('undecrypted')
  await journey.settle()
  expect(await statusOf(source, 'undecrypted')).toBe('FAILED')
  const refused = (await journey.records()).filter(({ userIdentity }) => String(userIdentity.arn).includes('/failing/'))
  expect(refused).toMatchObject([{ eventName: 'Decrypt', errorCode: 'AccessDenied' }])

  await setPermissions('failing', [...statements, decrypt])
  await put('unsealed')
  await journey.settle()
  expect(await statusOf(source, 'unsealed')).toBe('FAILED')

  await setPermissions('failing', [...statements, decrypt, generate])
  await put('replicated')
  await journey.settle()
  expect(await statusOf(source, 'replicated')).toBe('COMPLETED')
  await abroad.kms.send(new ScheduleKeyDeletionCommand({ KeyId: replicaKey }))
  await put('keyless')
  await journey.settle()
  expect(await statusOf(source, 'keyless')).toBe('FAILED')
  const { Versions = [] } = await abroad.s3.send(new ListObjectVersionsCommand({ Bucket: target }))
  expect(Versions.map(({ Key }) => Key)).toEqual(['replicated'])
})

test('A role that does not trust S3 is not assumed', async () => {
  const [source, target] = [await createSource('distrusted-source'), await createTargetAbroad('distrusted-target')]
  const Role = await createRole('distrusting', permissions(source, target), 'ec2.amazonaws.com')
  await replicate(source, Role, ruleTo(target))
  await journey.s3.send(new PutObjectCommand({ Bucket: source, Key: 'key', Body: 'x' }))
  await journey.settle()
  expect(await statusOf(source, 'key')).toBe('FAILED')
})

test('Tags that are changed later follow', async () => {
  const [source, target] = [await createSource('tagged-source'), await createTargetAbroad('tagged-target')]
  await replicate(source, await createRole('tagging', permissions(source, target)), ruleTo(target))
  await journey.s3.send(new PutObjectCommand({ Bucket: source, Key: 'key', Body: 'x' }))
  const Tagging = { TagSet: [{ Key: 'k', Value: 'v' }] }
  await journey.s3.send(new PutObjectTaggingCommand({ Bucket: source, Key: 'key', Tagging }))
  await journey.settle()
  expect(await abroad.s3.send(new GetObjectCommand({ Bucket: target, Key: 'key' }))).toMatchObject({ TagCount: 1 })
})

test('What is to be replicated is, though the emulator is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3kms-replication-'))
  const client = (endpoint: string) =>
    new S3Client({ endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 })
  let running = await startProcess(['--data-dir', folder])
  try {
    const s3 = client(running.endpoint)
    for (const Bucket of ['source', 'target']) {
      await s3.send(new CreateBucketCommand({ Bucket }))
      await s3.send(new PutBucketVersioningCommand({ Bucket, ...versioned }))
    }
    const Role = `arn:aws:iam::${accountId}:role/replicator`
    const ReplicationConfiguration = { Role, Rules: [ruleTo('target')] }
    await s3.send(new PutBucketReplicationCommand({ Bucket: 'source', ReplicationConfiguration }))
    const writes = Array.from({ length: 40 }, (_, number) =>
      s3.send(new PutObjectCommand({ Bucket: 'source', Key: `${number}`, Body: 'x'.repeat(20_000) })),
    )
    await Promise.all(writes)
    await running.end('SIGKILL')
    running = await startProcess(['--data-dir', folder])
    await fetch(`${running.endpoint}/_s3kms/settle`, { method: 'POST' })
    const again = client(running.endpoint)
    const versionsOf = async (Bucket: string) =>
      (await again.send(new ListObjectVersionsCommand({ Bucket }))).Versions?.map(({ Key, VersionId }) => [
        Key,
        VersionId,
      ])
    expect(await versionsOf('target')).toEqual(await versionsOf('source'))
    expect(await versionsOf('target')).toHaveLength(40)
    for (const Key of ['0', '39']) expect(await statusOf('source', Key, again)).toBe('COMPLETED')
  } finally {
    await running.end('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
})
