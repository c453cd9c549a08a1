import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms'
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UpdateObjectEncryptionCommand,
} from '@aws-sdk/client-s3'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { Upload } from '@aws-sdk/lib-storage'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { makeDataFolder } from './data-folder.ts'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'
import { contextHeader } from './seeds/scheme.ts'

/* S3 Bucket Keys: one data key of the bucket's serves one principal for a limited time of the emulator's clock. */

const role = `arn:aws:iam::${accountId}:role/worker`
/** Short enough that the turned clock stays within the skew that signatures allow. */
const bucketKeyLifetime = 10
let journey: Journey
let keyArn: string
let Bucket: string
let count = 0

beforeAll(async () => {
  const file = join(await mkdtemp(join(tmpdir(), 's3kms-roles-')), 'role.json')
  await writeFile(file, JSON.stringify({ principals: [{ arn: role, accessKeys: [] }] }))
  journey = await startJourney({ bucketKeyLifetime, fixtures: [file] }, 'standing')
  await rm(dirname(file), { recursive: true })
})
afterAll(() => journey.stop())

/** A bucket and a key of its own for each test: nothing is cached for them yet. */
beforeEach(async () => {
  Bucket = await journey.createBucket(`bucket-keys-${++count}`)
  keyArn = await journey.createKey()
})

const bucketArn = () => `arn:aws:s3:::${Bucket}`
const underBucketKey = () => ({
  ServerSideEncryption: 'aws:kms' as const,
  SSEKMSKeyId: keyArn,
  BucketKeyEnabled: true,
})

function put(Key: string, asked: Partial<PutObjectCommandInput> = underBucketKey(), s3: S3Client = journey.s3) {
  return s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...asked }))
}

async function get(Key: string, s3: S3Client = journey.s3) {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return { ...answer, text: await answer.Body?.transformToString() }
}

/** KMS's events during an action: name and context. */
async function asked(action: () => Promise<unknown>): Promise<[string, unknown, string?][]> {
  const calls = await journey.kmsCallsDuring(action)
  return calls.map(({ eventName, requestParameters, errorCode }) => {
    const context = requestParameters?.encryptionContext
    return errorCode === undefined ? [eventName, context] : [eventName, context, errorCode]
  })
}

const generated = () => ['GenerateDataKey', { 'aws:s3:arn': bucketArn() }]
const decrypted = () => ['Decrypt', { 'aws:s3:arn': bucketArn() }]
const disable = () => journey.kms.send(new DisableKeyCommand({ KeyId: keyArn }))
const enable = () => journey.kms.send(new EnableKeyCommand({ KeyId: keyArn }))
const windowEnds = () => journey.ambient.turn(10_000)

function setDefault(BucketKeyEnabled: boolean) {
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: keyArn }
  const Rules = [{ ApplyServerSideEncryptionByDefault, BucketKeyEnabled }]
  const input = { Bucket, ServerSideEncryptionConfiguration: { Rules } }
  return journey.s3.send(new PutBucketEncryptionCommand(input))
}

describe('within the window', () => {
  test('one GenerateDataKey for the bucket’s ARN serves all writes and reads of a principal', async () => {
    const names = ['a', 'b', 'c', 'd']
    const calls = await asked(async () => {
      for (const name of names) expect(await put(name)).toMatchObject({ BucketKeyEnabled: true, SSEKMSKeyId: keyArn })
      for (const name of names) expect(await get(name)).toMatchObject({ text: name, BucketKeyEnabled: true })
    })
    expect(calls).toEqual([generated()])
  })

  test('writes at the same time ask once', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `object-${index}`)
    expect(await asked(() => Promise.all(names.map((name) => put(name))))).toEqual([generated()])
  })

  test('the bucket’s setting does what the header does', async () => {
    await setDefault(true)
    const calls = await asked(async () => {
      expect(await put('by default', {})).toMatchObject({ BucketKeyEnabled: true })
      await put('by method', { ServerSideEncryption: 'aws:kms' })
      await get('by default')
    })
    expect(calls).toEqual([generated()])
  })

  test('a multipart upload and a copy ask no more', async () => {
    const calls = await asked(async () => {
      const params = { Bucket, Key: 'parts', Body: Buffer.alloc(6 << 20), ...underBucketKey() }
      await new Upload({ client: journey.s3, params, partSize: 5 << 20 }).done()
      const copy = { Bucket, Key: 'copy', CopySource: `${Bucket}/parts`, ...underBucketKey() }
      expect(await journey.s3.send(new CopyObjectCommand(copy))).toMatchObject({ BucketKeyEnabled: true })
    })
    expect(calls).toEqual([generated()])
  })

  test('a disabled key still serves the principal, and no other', async () => {
    await put('a')
    const other = journey.as('another-user').s3
    await disable()
    const calls = await asked(async () => {
      expect((await get('a')).text).toBe('a')
      await put('b')
      expect(await failureOf(get('a', other))).toMatchObject({ code: 'KMS.DisabledException', status: 400 })
      expect(await failureOf(put('c', underBucketKey(), other))).toMatchObject({ code: 'KMS.DisabledException' })
    })
    expect(calls).toEqual([
      [...decrypted(), 'DisabledException'],
      [...generated(), 'DisabledException'],
    ])
  })

  test('another principal is asked of KMS at once, and then served itself', async () => {
    await put('a')
    const other = journey.as('one-more-user').s3
    const calls = await asked(async () => {
      for (const _ of [1, 2]) expect((await get('a', other)).text).toBe('a')
      for (const name of ['b', 'c']) await put(name, underBucketKey(), other)
    })
    expect(calls).toEqual([decrypted(), generated()])
  })

  test('another bucket and another KMS key have data keys of their own', async () => {
    await put('a')
    const [first, firstKey] = [Bucket, keyArn]
    keyArn = await journey.createKey()
    expect(await asked(() => put('b'))).toEqual([generated()])
    keyArn = firstKey
    Bucket = await journey.createBucket(`${first}-other`)
    expect(await asked(() => put('a'))).toEqual([generated()])
  })

  test('a refusal is not remembered', async () => {
    await disable()
    expect(await failureOf(put('a'))).toMatchObject({ code: 'KMS.DisabledException' })
    await enable()
    expect(await asked(() => put('a'))).toEqual([generated()])
  })
})

describe('after the window', () => {
  test('a disabled key fails the read and the write', async () => {
    await put('a')
    await disable()
    journey.ambient.turn(9_999)
    expect((await get('a')).text).toBe('a')
    journey.ambient.turn(1)
    expect(await failureOf(get('a'))).toMatchObject({ code: 'KMS.DisabledException', status: 400 })
    expect(await failureOf(put('b'))).toMatchObject({ code: 'KMS.DisabledException', status: 400 })
  })

  test('use does not make the window longer', async () => {
    await put('a')
    journey.ambient.turn(6_000)
    expect(await asked(() => get('a'))).toEqual([])
    journey.ambient.turn(4_000)
    expect(await asked(() => get('a'))).toEqual([decrypted()])
  })

  test('a read asks for each data key once, a write for a new one', async () => {
    await put('a')
    windowEnds()
    await put('b')
    windowEnds()
    const calls = await asked(async () => {
      for (const name of ['a', 'b', 'a', 'b']) expect((await get(name)).text).toBe(name)
      await put('c')
    })
    expect(calls).toEqual([decrypted(), decrypted(), generated()])
  })
})

test('a session of a role is not served by another one’s data key, be their names the same', async () => {
  const assume = async (actions: string[]) => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: actions, Resource: '*' },
    })
    const input = { RoleArn: role, RoleSessionName: 'same', Policy }
    const { Credentials } = await journey.sts.send(new AssumeRoleCommand(input))
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {}
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
    return new S3Client({ ...journey.configuration, credentials })
  }
  const [wide, narrow] = [await assume(['s3:*', 'kms:*']), await assume(['s3:*'])]
  await put('a', underBucketKey(), wide)
  expect((await get('a', wide)).text).toBe('a')
  expect(await failureOf(get('a', narrow))).toMatchObject({ code: 'AccessDenied', status: 403 })
  expect(await failureOf(put('b', underBucketKey(), narrow))).toMatchObject({ code: 'AccessDenied', status: 403 })
})

test('by default the window is five minutes', async () => {
  const other = await startJourney({ bucketKeyLifetime: undefined }, 'standing')
  const mine = journey
  journey = other
  try {
    Bucket = await journey.createBucket('five-minutes')
    keyArn = await journey.createKey()
    await put('a')
    await disable()
    journey.ambient.turn(299_999)
    expect((await get('a')).text).toBe('a')
    journey.ambient.turn(1)
    expect(await failureOf(get('a'))).toMatchObject({ code: 'KMS.DisabledException' })
  } finally {
    journey = mine
    await other.stop()
  }
})

test('an object’s own pairs stay with it when its key changes, with a bucket key and without', async () => {
  const team = { team: 'a' }
  const update = (BucketKeyEnabled: boolean) => {
    const ObjectEncryption = { SSEKMS: { KMSKeyArn: keyArn, BucketKeyEnabled } }
    return journey.s3.send(new UpdateObjectEncryptionCommand({ Bucket, Key: 'a', ObjectEncryption }))
  }
  const contexts = async (action: () => Promise<unknown>) =>
    (await journey.kmsCallsDuring(action)).map(({ requestParameters }) => requestParameters?.encryptionContext)
  const own = { ...team, 'aws:s3:arn': `${bucketArn()}/a` }
  await put('a', { ...underBucketKey(), SSEKMSEncryptionContext: contextHeader(team) })
  expect(await contexts(() => update(false))).toEqual([own])
  expect(await contexts(() => get('a'))).toEqual([own])
  await update(true)
  expect(await contexts(() => get('a'))).toEqual([])
  expect(await contexts(() => update(false))).toEqual([own])
})

test('a copy onto itself has the pairs that it was sent with, never those of its source', async () => {
  const copy = (more: object) => {
    const onItself = { Bucket, Key: 'a', CopySource: `${Bucket}/a`, MetadataDirective: 'REPLACE' as const }
    return journey.s3.send(new CopyObjectCommand({ ...onItself, ...underBucketKey(), ...more }))
  }
  const contextOfGet = async () =>
    (await journey.kmsCallsDuring(() => get('a'))).map(({ requestParameters }) => requestParameters?.encryptionContext)
  const arn = { 'aws:s3:arn': `${bucketArn()}/a` }
  await put('a', { ...underBucketKey(), SSEKMSEncryptionContext: contextHeader({ team: 'a' }) })
  await copy({ BucketKeyEnabled: false, SSEKMSEncryptionContext: contextHeader({ team: 'b' }) })
  expect(await contextOfGet()).toEqual([{ team: 'b', ...arn }])
  await copy({ BucketKeyEnabled: false })
  expect(await contextOfGet()).toEqual([arn])
})

test('an object’s own context stays on its record; KMS is told the bucket’s ARN alone', async () => {
  const folder = await makeDataFolder()
  const mine = journey
  const onDisk = () => startJourney({ ephemeral: false, dataDir: folder.path })
  journey = await onDisk()
  try {
    Bucket = await journey.createBucket('contexts')
    keyArn = await journey.createKey()
    const SSEKMSEncryptionContext = contextHeader({ team: 'a' })
    const calls = await asked(() => put('a', { ...underBucketKey(), SSEKMSEncryptionContext }))
    expect(calls).toEqual([generated()])
    await journey.stop()
    await folder.tamper(async (store) => {
      expect(store.record(Bucket, 'a').envelope.context).toEqual({ team: 'a' })
    })
    // What was opened before is known to no later process.
    journey = await onDisk()
    expect(await asked(() => get('a'))).toEqual([decrypted()])
    await journey.stop()
    await folder.tamper(async (store) => {
      const record = store.record(Bucket, 'a')
      await store.putRecord(Bucket, 'a', { ...record, envelope: { ...record.envelope, context: { team: 'b' } } })
    })
    journey = await startJourney({ ephemeral: false, dataDir: folder.path, logLevel: 'silent' })
    expect(await failureOf(get('a'))).toMatchObject({ status: 500 })
  } finally {
    // Its record is another than was written.
    await journey.emulator.stop()
    journey = mine
    await folder.remove()
  }
})

test('a change of the setting affects new objects only', async () => {
  await setDefault(false)
  await put('before', {})
  await setDefault(true)
  await put('with', {})
  await setDefault(false)
  await put('after', {})
  const told: Record<string, boolean | undefined> = {}
  for (const Key of ['before', 'with', 'after']) {
    told[Key] = (await journey.s3.send(new HeadObjectCommand({ Bucket, Key }))).BucketKeyEnabled
  }
  expect(told).toEqual({ before: undefined, with: true, after: undefined })
  const objectContext = (Key: string) => ['Decrypt', { 'aws:s3:arn': `${bucketArn()}/${Key}` }]
  const calls = await asked(async () => {
    for (const Key of ['before', 'with', 'after']) expect((await get(Key)).text).toBe(Key)
  })
  expect(calls).toEqual([objectContext('before'), objectContext('after')])
})
