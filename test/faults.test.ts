import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { CreateAliasCommand, CreateKeyCommand, EncryptCommand, KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type Emulator, type FaultRule, startEmulator } from '../src/index.ts'
import { failureOf } from './emulator.ts'

/* What goes wrong on purpose, as clients of S3 and KMS see it. */

let emulator: Emulator
let configuration: { endpoint: string; region: string; credentials: Emulator['credentials']; maxAttempts: number }
let kms: KMSClient
let s3: S3Client
let keyArn: string

beforeAll(async () => {
  emulator = await startEmulator({ ephemeral: true, port: 0, logLevel: 'error' })
  const { endpoint, credentials } = emulator
  configuration = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  kms = new KMSClient(configuration)
  s3 = new S3Client(configuration)
  await s3.send(new CreateBucketCommand({ Bucket: 'uploads' }))
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  keyArn = KeyMetadata?.Arn ?? ''
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: keyArn }))
})

beforeEach(() => emulator.faults.clear())

afterAll(() => emulator.stop())

const encrypted = (Key: string) =>
  new PutObjectCommand({
    Bucket: 'uploads',
    Key,
    Body: 'text',
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: keyArn,
  })

async function newest(name: string): Promise<Record<string, unknown>> {
  const trail = new CloudTrailClient(configuration)
  const attribute = { AttributeKey: 'EventName', AttributeValue: name } as const
  const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes: [attribute], MaxResults: 1 }))
  return JSON.parse(Events[0]?.CloudTrailEvent ?? '{}')
}

/** Whether each of so many calls failed. */
async function outcomes(count: number, call: () => Promise<unknown>): Promise<boolean[]> {
  const failed: boolean[] = []
  for (let index = 0; index < count; index++)
    failed.push(
      await call().then(
        () => false,
        () => true,
      ),
    )
  return failed
}

const throttledForS3: FaultRule = { service: 'kms', error: 'ThrottlingException', onlyForS3: true }

test('A throttled KMS is SlowDown to an uploader, ThrottlingException in the trail, and nothing to who retries', async () => {
  await emulator.faults.add({ ...throttledForS3, times: 1 })
  expect(await failureOf(s3.send(encrypted('one')))).toEqual({
    code: 'SlowDown',
    message: 'Please reduce your request rate.',
    status: 503,
  })
  expect(await newest('GenerateDataKey')).toMatchObject({
    errorCode: 'ThrottlingException',
    errorMessage: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
    sourceIPAddress: 'fas.s3.amazonaws.com',
    resources: [{ ARN: keyArn }],
  })
  await emulator.faults.add({ ...throttledForS3, times: 2 })
  await new S3Client({ ...configuration, maxAttempts: 3 }).send(encrypted('two'))
  expect(await emulator.faults.list()).toEqual([])
})

test.each([
  ['KMSInternalException', 'InternalError', 500],
  ['DependencyTimeoutException', 'InternalError', 500],
  ['KeyUnavailableException', 'InternalError', 500],
  ['DisabledException', 'KMS.DisabledException', 400],
  ['AccessDeniedException', 'AccessDenied', 403],
])('%s of KMS is %s to S3’s caller', async (error, code, status) => {
  await emulator.faults.add({ service: 'kms', operation: 'GenerateDataKey', error })
  expect(await failureOf(s3.send(encrypted('one')))).toMatchObject({ code, status })
  expect(await newest('GenerateDataKey')).toMatchObject({
    errorCode: error.replace('AccessDeniedException', 'AccessDenied'),
  })
})

test('A rule strikes what it names and nothing else: key, operation, principal, bucket and prefix', async () => {
  const encrypt = (KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
  await emulator.faults.add({ key: 'alias/app', operation: 'Encrypt,Decrypt', error: 'KMSInternalException' })
  expect((await failureOf(encrypt('alias/app'))).code).toBe('KMSInternalException')
  expect(
    await failureOf(kms.send(new EncryptCommand({ KeyId: keyArn, Plaintext: Buffer.from('x') }))).catch(String),
  ).toBe('Error: it succeeded')
  await kms.send(new ListKeysCommand({}))
  await emulator.faults.clear()
  await emulator.faults.add({ key: keyArn.split('/')[1], principal: 'user/te*', error: 'ThrottlingException' })
  expect((await failureOf(encrypt('alias/app'))).code).toBe('ThrottlingException')
  await emulator.faults.clear()
  await emulator.faults.add({ bucket: 'uploads', prefix: 'in/', operation: 'Put*', error: 'ServiceUnavailable' })
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: 'text' }))
  expect(await failureOf(put('in/a'))).toMatchObject({ code: 'ServiceUnavailable', status: 503 })
  await put('out/a')
  await s3.send(new ListBucketsCommand({}))
})

test('A management call of S3 that is refused stands in the trail, and changes nothing', async () => {
  await emulator.faults.add({ operation: 'PutBucketTagging', error: 'InternalError' })
  const Tagging = { TagSet: [{ Key: 'team', Value: 'a' }] }
  const tag = new PutBucketTaggingCommand({ Bucket: 'uploads', Tagging })
  expect(await failureOf(s3.send(tag))).toMatchObject({ code: 'InternalError', status: 500 })
  expect(await newest('PutBucketTagging')).toMatchObject({ errorCode: 'InternalError' })
})

test('Each third call, a share of them from a seed, so many a second: counted by the emulator’s clock', async () => {
  const list = () => kms.send(new ListKeysCommand({}))
  await emulator.faults.add({ operation: 'ListKeys', error: 'KMSInternalException', every: 3 })
  expect(await outcomes(6, list)).toEqual([false, false, true, false, false, true])
  const seeded: FaultRule = { operation: 'ListKeys', error: 'KMSInternalException', probability: 0.5, seed: 7 }
  await emulator.faults.clear()
  await emulator.faults.add(seeded)
  const first = await outcomes(12, list)
  await emulator.faults.clear()
  await emulator.faults.add(seeded)
  expect(await outcomes(12, list)).toEqual(first)
  expect(new Set(first)).toEqual(new Set([true, false]))
  await emulator.faults.clear()
  await emulator.clock.freeze()
  await emulator.faults.add({ service: 'kms', throttle: 2, for: '1h' })
  expect(await outcomes(4, list)).toEqual([false, false, true, true])
  await emulator.clock.advance('1s')
  expect(await outcomes(3, list)).toEqual([false, false, true])
  await emulator.clock.advance('1h')
  expect(await outcomes(3, list)).toEqual([false, false, false])
  await emulator.clock.run()
})

test('Connections are reset before a call, and after it, when it is done though nobody heard of it', async () => {
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: 'text' }))
  const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key }))
  await emulator.faults.add({ operation: 'PutObject', reset: 'before', times: 1 })
  await expect(put('before')).rejects.toThrow(/ECONNRESET|socket hang up/)
  expect((await failureOf(head('before'))).status).toBe(404)
  await emulator.faults.add({ operation: 'PutObject', reset: 'after', times: 1 })
  await expect(put('after')).rejects.toThrow(/ECONNRESET|socket hang up/)
  expect((await head('after')).ContentLength).toBe(4)
  await emulator.faults.add({ operation: 'CreateKey', reset: 'after', times: 1 })
  await expect(kms.send(new CreateKeyCommand({ Description: 'unheard' }))).rejects.toThrow(/ECONNRESET|socket hang up/)
  expect(await newest('CreateKey')).toMatchObject({ requestParameters: { description: 'unheard' } })
})

test('Of a refusal, too, nobody hears when the connection is reset after the call; the trail has it', async () => {
  const lost = /ECONNRESET|socket hang up/
  await emulator.faults.add({ reset: 'after' })
  await expect(s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key: 'absent' }))).rejects.toThrow(lost)
  const Tagging = { TagSet: [{ Key: 'aws:a', Value: 'b' }] }
  await expect(s3.send(new PutBucketTaggingCommand({ Bucket: 'uploads', Tagging }))).rejects.toThrow(lost)
  await expect(kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: keyArn }))).rejects.toThrow(lost)
  await emulator.faults.clear()
  expect(await newest('PutBucketTagging')).toMatchObject({ errorCode: 'InvalidTag' })
  expect(await newest('CreateAlias')).toMatchObject({ errorCode: 'AlreadyExistsException' })
})

test('Where an answer has no body to be cut, it does not come at all', async () => {
  const lost = /ECONNRESET|socket hang up/
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'cut', Body: 'text' }))
  await emulator.faults.add({ service: 's3', cut: true })
  await expect(s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key: 'cut' }))).rejects.toThrow(lost)
  await expect(s3.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: 'cut' }))).rejects.toThrow(lost)
  await expect(s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'cut' }))).rejects.toThrow(lost)
  expect(await emulator.faults.list()).toMatchObject([{ struck: 3 }])
})

test('A body that is cut, or wrong in one bit, is noticed by the client, and whole the next time', async () => {
  const Body = Buffer.alloc(300_000, 'text')
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'large', Body, ChecksumAlgorithm: 'SHA256' }))
  const get = async () => {
    const answer = await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'large', ChecksumMode: 'ENABLED' }))
    return answer.Body?.transformToByteArray()
  }
  await emulator.faults.add({ operation: 'GetObject', cut: true, times: 1 })
  await expect(get()).rejects.toThrow(/aborted/)
  await emulator.faults.add({ operation: 'GetObject', corrupt: true, times: 1 })
  await expect(get()).rejects.toThrow(/[Cc]hecksum/)
  expect(Buffer.from((await get()) ?? []).equals(Body)).toBe(true)
})

test('A call waits as long as it is told', async () => {
  await emulator.faults.add({ service: 'kms', operation: 'ListKeys', latency: 50 })
  const begun = performance.now()
  await kms.send(new ListKeysCommand({}))
  expect(performance.now() - begun).toBeGreaterThan(49)
})

test('A rule with a prefix strikes a DeleteObjects that names such a key, and no other', async () => {
  for (const Key of ['notes', 'reports/1']) {
    await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body: 'text' }))
  }
  const remove = (...keys: string[]) => {
    const Delete = { Objects: keys.map((Key) => ({ Key })) }
    return s3.send(new DeleteObjectsCommand({ Bucket: 'uploads', Delete }))
  }
  await emulator.faults.add({ bucket: 'uploads', prefix: 'reports/', error: 'SlowDown' })
  expect(await failureOf(remove('notes', 'reports/1'))).toMatchObject({ code: 'SlowDown' })
  const { Deleted = [], Errors } = await remove('notes', 'reporters')
  expect([Deleted.map(({ Key }) => Key), Errors]).toEqual([['notes', 'reporters'], undefined])
  await emulator.faults.clear()
  const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: 'uploads', Key: 'reports/1' }))
  expect(ETag).toBeDefined()
})

test('A DeleteObjects that cannot be read is refused as ever where rules are about it', async () => {
  await emulator.faults.add({ operation: 'DeleteObjects', prefix: 'reports/', error: 'SlowDown' })
  const Delete = { Objects: [] }
  const refused = s3.send(new DeleteObjectsCommand({ Bucket: 'uploads', Delete }))
  expect(await failureOf(refused)).toMatchObject({ code: 'MalformedXML' })
})

test('A call that waits goes on when the faults are cleared', async () => {
  await emulator.faults.add({ operation: 'ListKeys', latency: 3_600_000 })
  const waiting = kms.send(new ListKeysCommand({}))
  while ((await emulator.faults.list())[0]?.struck !== 1) await new Promise((resolve) => setImmediate(resolve))
  await emulator.faults.clear()
  expect((await waiting).$metadata.httpStatusCode).toBe(200)
})

test.each<[object, string]>([
  [{ error: 'ThrotlingException' }, 'There is no error ThrotlingException of KMS and S3; there are: AccessDenied, '],
  [{ service: 's3', error: 'ThrottlingException' }, 'There is no error ThrottlingException of S3; there are: '],
  [{ service: 'kms' }, 'A fault needs an effect'],
  [{ error: 'SlowDown', reset: 'before' }, 'A fault is one thing: error or reset'],
  [{ eror: 'SlowDown' }, 'eror: Member is not known'],
  [{ error: 'SlowDown', probability: 2 }, 'probability: Member must have value less than or equal to 1'],
  [{ service: 's3', key: 'alias/app', corrupt: true }, 'key and onlyForS3 are for service kms'],
  [{ error: 'SlowDown', for: 'ever' }, "'ever' is no duration"],
])('The rule %j is refused: %s', async (rule, words) => {
  await expect(emulator.faults.add(rule)).rejects.toThrow(words)
})

test('A reset ends them', async () => {
  const own = await startEmulator({ ephemeral: true, port: 0, logLevel: 'error' })
  await own.faults.add({ error: 'SlowDown' })
  await own.reset()
  expect(await own.faults.list()).toEqual([])
  await own.stop()
})

test('Fixture files bring faults, which strike nothing that fixtures make, and come again with a reset', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3kms-faults-'))
  const file = join(folder, 'broken.yaml')
  try {
    await writeFile(
      file,
      'buckets:\n  - name: broken\nfaults:\n  - service: s3\n    bucket: broken\n    error: SlowDown\n',
    )
    const broken = await startEmulator({ ephemeral: true, port: 0, logLevel: 'error', fixtures: [file] })
    const client = new S3Client({ ...configuration, endpoint: broken.endpoint })
    const put = () => client.send(new PutObjectCommand({ Bucket: 'broken', Key: 'a', Body: 'text' }))
    expect((await failureOf(put())).code).toBe('SlowDown')
    await broken.reset({ fixtures: true })
    expect((await failureOf(put())).code).toBe('SlowDown')
    expect(await broken.faults.list()).toHaveLength(1)
    await broken.stop()
    await writeFile(file, 'faults:\n  - error: Nothing\n')
    const wrong = startEmulator({ ephemeral: true, port: 0, logLevel: 'error', fixtures: [file] })
    await expect(wrong).rejects.toThrow('faults[0]: There is no error Nothing of KMS and S3')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('LocalStack’s chaos rules are understood, and so is its latency', async () => {
  const chaos = async (method: string, what: 'faults' | 'effects', body?: unknown) => {
    const answer = await fetch(`${emulator.endpoint}/_localstack/chaos/${what}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    return [answer.status, await answer.json()]
  }
  const outage = { service: 'kms', error: { statusCode: 503, code: 'ServiceUnavailable' } }
  const partial = {
    service: 's3',
    operation: 'ListBuckets',
    probability: 0.1,
    error: { statusCode: 500, code: 'Chaos' },
  }
  expect(await chaos('POST', 'faults', [outage])).toEqual([200, [outage]])
  expect(await failureOf(kms.send(new ListKeysCommand({})))).toEqual({
    code: 'ServiceUnavailable',
    message: "Service 'kms' not accessible due to an outage",
    status: 503,
  })
  expect(await chaos('PATCH', 'faults', [partial])).toEqual([200, [outage, partial]])
  expect(await chaos('DELETE', 'faults', [outage])).toEqual([200, [partial]])
  await kms.send(new ListKeysCommand({}))
  expect((await chaos('POST', 'faults', [{}]))[0]).toBe(200)
  expect((await failureOf(s3.send(new ListBucketsCommand({})))).message).toContain("'s3' not accessible")
  expect(await chaos('POST', 'faults', [])).toEqual([200, []])
  expect((await chaos('POST', 'faults', [{ service: 'dynamodb' }]))[0]).toBe(422)
  // One wrong rule, and nothing of it is done.
  expect(await chaos('PATCH', 'faults', [partial])).toEqual([200, [partial]])
  const wrong = { service: 's3', operation: 'GetItem' }
  expect((await chaos('POST', 'faults', [outage, wrong]))[0]).toBe(422)
  expect((await chaos('PATCH', 'faults', [outage, wrong]))[0]).toBe(422)
  expect(await chaos('GET', 'faults')).toEqual([200, [partial]])
  expect(await chaos('DELETE', 'faults', [partial])).toEqual([200, []])
  expect(await chaos('POST', 'effects', { latency: 20 })).toEqual([200, { latency: 20 }])
  await s3.send(new ListBucketsCommand({}))
  expect(await emulator.faults.list()).toMatchObject([{ latency: 20, struck: 1 }])
  expect(await chaos('POST', 'effects', { latency: 0 })).toEqual([200, { latency: 0 }])
  expect(await chaos('GET', 'effects')).toEqual([200, { latency: 0 }])
})
