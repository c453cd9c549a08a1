import { createHash, createVerify } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import {
  CreateTrailCommand,
  DeleteTrailCommand,
  GetTrailStatusCommand,
  ListPublicKeysCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail'
import { DescribeKeyCommand, ListKeysCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { TrailRecord } from '../src/trail/event.ts'
import { accountId, failureOf, type Journey, region, startJourney } from './emulator.ts'

const minute = 60_000
const trailArn = (name: string) => `arn:aws:cloudtrail:${region}:${accountId}:trail/${name}`

let journey: Journey
beforeEach(async () => {
  journey = await startJourney()
  await journey.createBucket('logs')
})
afterEach(() => journey.stop())

/** The bucket policy of the CloudTrail User Guide. */
async function letIn(trail = 'all', bucket = 'logs', prefix = ''): Promise<void> {
  const Principal = { Service: 'cloudtrail.amazonaws.com' }
  const source = { 'aws:SourceArn': trailArn(trail) }
  const Statement = [
    {
      Effect: 'Allow',
      Principal,
      Action: 's3:GetBucketAcl',
      Resource: `arn:aws:s3:::${bucket}`,
      Condition: { StringEquals: source },
    },
    {
      Effect: 'Allow',
      Principal,
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/${prefix}AWSLogs/${accountId}/*`,
      Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', ...source } },
    },
  ]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await journey.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }))
}

async function startTrail(more: object = {}, Name = 'all'): Promise<void> {
  await letIn(Name)
  await journey.cloudTrail.send(new CreateTrailCommand({ Name, S3BucketName: 'logs', ...more }))
  await journey.cloudTrail.send(new StartLoggingCommand({ Name }))
}

async function keysIn(Prefix = 'AWSLogs/'): Promise<string[]> {
  const { Contents = [] } = await journey.s3.send(new ListObjectsV2Command({ Bucket: 'logs', Prefix }))
  return Contents.map(({ Key = '' }) => Key)
}

async function unzipped(Key: string): Promise<{ text: string; metadata: Record<string, string> }> {
  const { Body, Metadata = {} } = await journey.s3.send(new GetObjectCommand({ Bucket: 'logs', Key }))
  return { text: gunzipSync((await Body?.transformToByteArray()) ?? '').toString(), metadata: Metadata }
}

/** The records of all log files, after five minutes. */
async function delivered(): Promise<TrailRecord[]> {
  journey.turn(5 * minute)
  await journey.settle()
  const texts = await Promise.all((await keysIn(`AWSLogs/${accountId}/CloudTrail/`)).map(unzipped))
  return texts.flatMap(({ text }) => JSON.parse(text).Records)
}

const namesOf = (records: readonly TrailRecord[]) => records.map(({ eventName }) => eventName)

test('Calls since StartLogging are in a log file of AWS’s name five minutes later, and StopLogging is the last', async () => {
  await startTrail()
  await journey.kms.send(new ListKeysCommand({}))
  await journey.cloudTrail.send(new StopLoggingCommand({ Name: 'all' }))
  await journey.kms.send(new ListKeysCommand({}))
  const records = await delivered()
  expect(namesOf(records)).toEqual(['ListKeys', 'StopLogging'])
  const events = await journey.records({
    LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ListKeys' }],
  })
  expect(records[0]).toEqual(events[0])
  const [key = '', ...more] = await keysIn()
  expect(more).toEqual([])
  const day = new Date(journey.ambient.now()).toISOString().slice(0, 10).replaceAll('-', '/')
  const folder = `AWSLogs/${accountId}/CloudTrail/${region}/${day}/`
  expect(key.slice(0, folder.length)).toBe(folder)
  expect(key.slice(folder.length)).toMatch(
    new RegExp(`^${accountId}_CloudTrail_${region}_\\d{8}T\\d{4}Z_[A-Za-z0-9]{16}\\.json\\.gz$`),
  )
  const head = await journey.s3.send(new HeadObjectCommand({ Bucket: 'logs', Key: key }))
  expect(head).toMatchObject({
    ContentType: 'application/json',
    ContentEncoding: 'gzip',
    ServerSideEncryption: 'AES256',
  })
  const status = await journey.cloudTrail.send(new GetTrailStatusCommand({ Name: 'all' }))
  expect(status).toMatchObject({ IsLogging: false, LatestDeliveryTime: expect.any(Date) })
  expect(await delivered()).toHaveLength(2)
})

test('A trail needs a bucket that is there, and whose policy lets CloudTrail in', async () => {
  const create = (S3BucketName: string) =>
    journey.cloudTrail.send(new CreateTrailCommand({ Name: 'all', S3BucketName }))
  await expect(create('nowhere')).rejects.toMatchObject({
    name: 'S3BucketDoesNotExistException',
    message: 'S3 bucket nowhere does not exist!',
  })
  await expect(create('logs')).rejects.toMatchObject({
    name: 'InsufficientS3BucketPolicyException',
    message: 'Incorrect S3 bucket policy is detected for bucket: logs',
  })
  await letIn('other')
  await expect(create('logs')).rejects.toMatchObject({ name: 'InsufficientS3BucketPolicyException' })
  await letIn()
  expect(await create('logs')).toMatchObject({ TrailARN: trailArn('all'), IncludeGlobalServiceEvents: true })
  const failed = await journey.records({
    LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateTrail' }],
  })
  expect(failed.map(({ errorCode }) => errorCode)).toEqual([
    'S3BucketDoesNotExistException',
    'InsufficientS3BucketPolicyException',
    'InsufficientS3BucketPolicyException',
    undefined,
  ])
  expect(failed[3]).toMatchObject({
    eventSource: 'cloudtrail.amazonaws.com',
    requestParameters: { name: 'all', s3BucketName: 'logs' },
    responseElements: { trailARN: trailArn('all') },
  })
})

test('What cannot be delivered waits, and is delivered once the policy lets CloudTrail in again', async () => {
  await startTrail()
  await letIn('other')
  await journey.kms.send(new ListKeysCommand({}))
  expect(await delivered()).toEqual([])
  const status = await journey.cloudTrail.send(new GetTrailStatusCommand({ Name: 'all' }))
  expect(status.LatestDeliveryError).toBe('AccessDenied')
  await letIn()
  journey.turn(15 * minute)
  expect(namesOf(await delivered())).toContain('ListKeys')
  const later = await journey.cloudTrail.send(new GetTrailStatusCommand({ Name: 'all' }))
  expect(later.LatestDeliveryError).toBeUndefined()
})

test('A file that was refused for days is named by the day on which it comes', async () => {
  await startTrail()
  await letIn('other')
  await journey.kms.send(new ListKeysCommand({}))
  for (let day = 0; day < 3; day++) {
    journey.turn(86_400_000)
    await journey.settle()
  }
  await letIn()
  journey.turn(86_400_000)
  expect(namesOf(await delivered())).toContain('ListKeys')
  const { LatestDeliveryTime } = await journey.cloudTrail.send(new GetTrailStatusCommand({ Name: 'all' }))
  const [key = ''] = await keysIn(`AWSLogs/${accountId}/CloudTrail/`)
  const time = LatestDeliveryTime?.toISOString() ?? ''
  expect(key).toContain(`/${time.slice(0, 10).replaceAll('-', '/')}/`)
})

test('A file whose answer was lost is written again, under the same name', async () => {
  await startTrail()
  await journey.kms.send(new ListKeysCommand({}))
  journey.emulator.faults.add({ service: 's3', operation: 'PutObject', reset: 'after', times: 1 })
  journey.turn(5 * minute)
  await journey.settle()
  const first = await keysIn()
  journey.turn(5 * minute)
  expect(namesOf(await delivered())).toEqual(['ListKeys'])
  expect(await keysIn()).toEqual(first)
  expect(first).toHaveLength(1)
})

test('What waits goes where the trail leads by then', async () => {
  await startTrail()
  await letIn('other')
  await journey.kms.send(new ListKeysCommand({}))
  expect(await delivered()).toEqual([])
  await letIn('all', 'logs', 'team/')
  await journey.cloudTrail.send(new UpdateTrailCommand({ Name: 'all', S3KeyPrefix: 'team' }))
  journey.turn(10 * minute)
  await journey.settle()
  expect(await keysIn()).toEqual([])
  expect(await keysIn('team/AWSLogs/')).toHaveLength(1)
})

test('Selectors say which events go in; data events are recorded for a trail that selects them, and no others', async () => {
  await startTrail()
  await journey.createBucket('data')
  await journey.createBucket('other')
  const DataResources = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::data/in/'] }]
  const EventSelectors = [{ ReadWriteType: 'WriteOnly' as const, IncludeManagementEvents: false, DataResources }]
  await journey.cloudTrail.send(new PutEventSelectorsCommand({ TrailName: 'all', EventSelectors }))
  for (const [Bucket, Key] of [
    ['data', 'in/a'],
    ['data', 'out/a'],
    ['other', 'in/a'],
  ]) {
    await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
  }
  await journey.s3.send(new GetObjectCommand({ Bucket: 'data', Key: 'in/a' }))
  const records = await delivered()
  const data = records.filter(({ eventCategory }) => eventCategory === 'Data')
  expect(data.map(({ eventName, requestParameters }) => [eventName, requestParameters?.key])).toEqual([
    ['PutObject', 'in/a'],
  ])
  expect(namesOf(await journey.records())).not.toContain('PutObject')
})

test('What a trail selects is not taken for all that was done with objects', async () => {
  await startTrail()
  await journey.createBucket('data')
  const DataResources = [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::data/in/'] }]
  await journey.cloudTrail.send(new PutEventSelectorsCommand({ TrailName: 'all', EventSelectors: [{ DataResources }] }))
  await journey.s3.send(new PutObjectCommand({ Bucket: 'data', Key: 'in/a', Body: 'x' }))
  const sealed = { Body: 'x', ServerSideEncryption: 'aws:kms' } as const
  await journey.s3.send(new PutObjectCommand({ Bucket: 'data', Key: 'out/a', ...sealed }))
  const { identityPolicy, notes } = await journey.emulator.policy.suggest('test')
  const puts = identityPolicy.Statement.filter(({ Action }) => Action.includes('s3:PutObject'))
  expect(puts.flatMap(({ Resource }) => Resource).sort()).toEqual(['arn:aws:s3:::data/in/a', 'arn:aws:s3:::data/out/a'])
  expect(notes).toContainEqual(expect.stringContaining('Not all that S3 did with objects is recorded'))
})

test('Under a KMS key CloudTrail makes the data key, with the ARNs of trail and log file as its context', async () => {
  const KeyId = await journey.createKey()
  await letIn()
  const create = () =>
    journey.cloudTrail.send(new CreateTrailCommand({ Name: 'all', S3BucketName: 'logs', KmsKeyId: KeyId }))
  await expect(create()).rejects.toMatchObject({
    name: 'InsufficientEncryptionPolicyException',
    message: `Insufficient permissions to access S3 bucket logs or KMS key ${KeyId}.`,
  })
  const Principal = { Service: 'cloudtrail.amazonaws.com' }
  const Condition = {
    StringEquals: { 'aws:SourceArn': trailArn('all') },
    StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': `arn:aws:cloudtrail:*:${accountId}:trail/*` },
  }
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' },
    { Effect: 'Allow', Principal, Action: 'kms:GenerateDataKey*', Resource: '*', Condition },
    { Effect: 'Allow', Principal, Action: 'kms:DescribeKey', Resource: '*' },
  ]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await journey.kms.send(new PutKeyPolicyCommand({ KeyId, Policy }))
  expect((await create()).KmsKeyId).toBe(KeyId)
  await journey.cloudTrail.send(new StartLoggingCommand({ Name: 'all' }))
  await journey.kms.send(new DescribeKeyCommand({ KeyId }))
  expect(namesOf(await delivered())).toContain('DescribeKey')
  const [Key = ''] = await keysIn()
  const head = await journey.s3.send(new HeadObjectCommand({ Bucket: 'logs', Key }))
  expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId })
  const calls = await journey.records({
    LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'GenerateDataKey' }],
  })
  expect(calls[0]).toMatchObject({
    userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
    requestParameters: {
      encryptionContext: { 'aws:cloudtrail:arn': trailArn('all'), 'aws:s3:arn': `arn:aws:s3:::logs/${Key}` },
    },
  })
  // Its own calls go with the next file, and are no reason for one.
  await delivered()
  const counts: number[] = []
  for (const _ of [1, 2]) {
    journey.turn(60 * minute)
    await journey.settle()
    counts.push((await keysIn()).length)
  }
  expect(counts[1]).toBe(counts[0])
})

test('Digests are chained and signed, and say the hash of each log file', async () => {
  await startTrail({ EnableLogFileValidation: true })
  for (const _ of [1, 2]) {
    await journey.kms.send(new ListKeysCommand({}))
    await delivered()
    journey.turn(60 * minute)
    await journey.settle()
  }
  const keys = await keysIn(`AWSLogs/${accountId}/CloudTrail-Digest/`)
  expect(keys).toHaveLength(2)
  const { PublicKeyList = [] } = await journey.cloudTrail.send(new ListPublicKeysCommand({}))
  const [publicKey] = PublicKeyList
  let previous: Record<string, string | null> = {
    bucket: null,
    key: null,
    hash: null,
    signature: null,
  }
  for (const key of keys) {
    const { text, metadata } = await unzipped(key)
    const digest = JSON.parse(text)
    const hash = createHash('sha256').update(text).digest('hex')
    expect(digest).toMatchObject({
      awsAccountId: accountId,
      digestS3Bucket: 'logs',
      digestS3Object: key,
      digestPublicKeyFingerprint: publicKey?.Fingerprint,
      previousDigestS3Bucket: previous.bucket,
      previousDigestS3Object: previous.key,
      previousDigestHashValue: previous.hash,
      previousDigestSignature: previous.signature,
    })
    for (const { s3Object, hashValue } of digest.logFiles) {
      const log = await unzipped(s3Object)
      expect(createHash('sha256').update(log.text).digest('hex')).toBe(hashValue)
    }
    expect(digest.logFiles.length).toBeGreaterThan(0)
    const text_ = [digest.digestEndTime, `logs/${key}`, hash, previous.signature ?? 'null'].join('\n')
    const der = { key: Buffer.from(publicKey?.Value ?? []), format: 'der', type: 'pkcs1' } as const
    const { signature = '' } = metadata
    expect(createVerify('sha256').update(text_).verify(der, signature, 'hex')).toBe(true)
    previous = { bucket: 'logs', key, hash, signature }
  }
})

test('Into a bucket that locks new versions files are delivered, and stay', async () => {
  await journey.s3.send(new CreateBucketCommand({ Bucket: 'kept', ObjectLockEnabledForBucket: true }))
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: 1 } as const
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const
  await journey.s3.send(new PutObjectLockConfigurationCommand({ Bucket: 'kept', ObjectLockConfiguration }))
  await letIn('all', 'kept')
  await journey.cloudTrail.send(new CreateTrailCommand({ Name: 'all', S3BucketName: 'kept' }))
  await journey.cloudTrail.send(new StartLoggingCommand({ Name: 'all' }))
  await journey.kms.send(new ListKeysCommand({}))
  await delivered()
  const { Versions } = await journey.s3.send(new ListObjectVersionsCommand({ Bucket: 'kept' }))
  const [{ Key, VersionId } = {}] = Versions ?? []
  const erasing = journey.s3.send(new DeleteObjectCommand({ Bucket: 'kept', Key, VersionId }))
  expect((await failureOf(erasing)).code).toBe('AccessDenied')
})

test('A trail that is changed delivers to its new place, one that is deleted nothing more', async () => {
  await startTrail()
  await journey.cloudTrail.send(new UpdateTrailCommand({ Name: 'all', S3KeyPrefix: '' }))
  await journey.kms.send(new ListKeysCommand({}))
  await journey.cloudTrail.send(new DeleteTrailCommand({ Name: 'all' }))
  expect(await delivered()).toEqual([])
  await expect(journey.cloudTrail.send(new StartLoggingCommand({ Name: 'all' }))).rejects.toMatchObject({
    name: 'TrailNotFoundException',
    message: `Unknown trail: all for the user: ${accountId}`,
  })
})
