import { execFileSync } from 'node:child_process'
import {
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type * as library from '../src/testing/index.ts'
import type { CallFilter, RecordedCall, TestEmulator } from '../src/testing/jest/index.ts'

/* `s3kms-emu/testing` as it is built: an emulator in a thread, and what tests ask of it. */

const { startTestEmulator, connectTo, trailMatchers }: typeof library = await import('../dist/testing.mjs' as string)
expect.extend(trailMatchers)

const app = { accessKeyId: 'app', secretAccessKey: 'app-secret' }
let emulator: TestEmulator
let s3: S3Client
let kms: KMSClient

beforeAll(async () => {
  emulator = await startTestEmulator({ trailDataEvents: true })
  const { endpoint, region, credentials } = emulator
  s3 = new S3Client({ endpoint, region, credentials })
  kms = new KMSClient({ endpoint, region, credentials })
  await seed()
})

afterEach(async () => {
  await emulator.reset()
  await seed()
  await emulator.resetHistory()
})

afterAll(() => emulator.stop())

function seed(): Promise<string[]> {
  return emulator.seed({
    principals: [{ arn: 'arn:aws:iam::000000000000:user/app', accessKeys: [{ id: 'app', secret: 'app-secret' }] }],
    keys: [{ alias: 'alias/app' }, { alias: 'alias/other' }],
    buckets: [{ name: 'uploads', encryption: { algorithm: 'aws:kms', key: 'alias/app' } }],
    objects: [{ bucket: 'uploads', key: 'a/b c.txt', body: 'hello' }],
  })
}

/** The words of a matcher that fails. */
async function wordsOf(assertion: Promise<unknown>): Promise<string> {
  return assertion.then(
    () => 'it passed',
    ({ message }: Error) => message.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<key>'),
  )
}

test('trail has calls on keys and objects in one order, narrowed by what a filter names', async () => {
  await emulator.resetHistory()
  await s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'a/b c.txt' }))
  await kms.send(
    new EncryptCommand({ KeyId: 'alias/other', Plaintext: Buffer.from('x'), EncryptionContext: { tenant: 'a' } }),
  )
  const shown = (calls: RecordedCall[]) => calls.map(({ event, service }) => `${service} ${event}`)
  expect(shown(await emulator.trail())).toEqual(['s3 GetObject', 'kms Decrypt', 'kms Encrypt'])
  const [decrypt] = await emulator.trail({ key: 'alias/app' })
  const context = { 'aws:s3:arn': 'arn:aws:s3:::uploads/a/b c.txt' }
  expect(decrypt).toMatchObject({ event: 'Decrypt', context, caller: { name: 'test', via: 's3' } })
  expect(shown(await emulator.trail({ event: 'encrypt', context: { tenant: 'a' } }))).toEqual(['kms Encrypt'])
  expect(await emulator.trail({ context: { tenant: 'b' } })).toEqual([])
  expect(shown(await emulator.trail({ bucket: 'uploads', object: 'a/b c.txt' }))).toEqual(['s3 GetObject'])
  expect(await emulator.trail({ caller: 'app' })).toEqual([])
  expect(await emulator.trail({ region: 'eu-west-1' })).toEqual([])
})

test('A key that fails is recorded, and explain says why', async () => {
  const { KeyId } = await emulator.key('alias/app')
  await kms.send(new DisableKeyCommand({ KeyId }))
  const failure = s3.send(new GetObjectCommand({ Bucket: 'uploads', Key: 'a/b c.txt' }))
  await expect(failure).rejects.toThrow(/is disabled/)
  await expect(emulator).toHaveReceivedKmsCall('Decrypt', { error: 'KMS.DisabledException' })
  const [call] = await emulator.trail({ service: 'kms', error: true })
  const [explanation] = await emulator.explain(call?.requestId)
  expect(explanation).toMatchObject({ operation: 'Decrypt', error: { code: 'DisabledException' } })
})

test('Matchers on the trail pass for what was recorded, and show it where they fail', async () => {
  const EncryptionContext = { tenant: 'a' }
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: 'alias/app', Plaintext: Buffer.from('x'), EncryptionContext }),
  )
  await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  await expect(emulator).toHaveReceivedAnyKmsCall()
  await expect(emulator).toHaveReceivedKmsCall('Decrypt', { key: 'alias/app', context: { tenant: 'a' } })
  await expect(emulator).toHaveReceivedKmsCallTimes('Decrypt', 1)
  await expect(emulator).toHaveReceivedNthKmsCall(1, 'Encrypt', { key: 'alias/app' })
  await expect(emulator).toHaveReceivedLastKmsCall('Decrypt')
  await expect(emulator).not.toHaveReceivedKmsCall('Decrypt', { key: 'alias/other' })
  await expect(emulator).not.toHaveReceivedKmsCallTimes('Decrypt', 2)
  expect(
    await wordsOf(
      expect(emulator).toHaveReceivedKmsCall('Decrypt', { key: 'alias/app', context: { tenant: 'b' } }) as never,
    ),
  ).toBe(`expected a call of Decrypt with key alias/app, context tenant=b
calls of KMS that were recorded, oldest first:
  1.  Encrypt  alias/app                             test  -  tenant=a
  2.  Decrypt  <key>  test  -  tenant=a  <- context: tenant=a, not tenant=b`)
  expect(await wordsOf(expect(emulator).not.toHaveReceivedLastKmsCall('Decrypt'))).toMatch(
    /^expected not the last call of KMS to be Decrypt\n/,
  )
  expect(await wordsOf(expect('it').toHaveReceivedAnyKmsCall())).toMatch(/^expect\(\) wants an emulator/)
})

test('A filter with a slip in a name is refused, also where no call is expected', async () => {
  const filter = { eror: true } as CallFilter
  const words = 'a filter of calls has no member eror'
  await expect(emulator.trail(filter)).rejects.toThrow(words)
  expect(await wordsOf(expect(emulator).not.toHaveReceivedKmsCall('Decrypt', filter))).toContain(words)
})

test('toBeSealedUnder tells by which key an object is encrypted, a disabled one as well', async () => {
  const object = { Bucket: 'uploads', Key: 'a/b c.txt' }
  await expect(object).toBeSealedUnder('alias/app', emulator)
  await expect('s3://uploads/a/b c.txt').toBeSealedUnder(undefined, emulator)
  await expect('s3://uploads/a/b c.txt?versionId=null').toBeSealedUnder('alias/app', emulator)
  await expect(object).not.toBeSealedUnder('alias/other', emulator)
  await s3.send(new PutObjectCommand({ Bucket: 'uploads', Key: 'plain', Body: 'x', ServerSideEncryption: 'AES256' }))
  expect(await wordsOf(expect('s3://uploads/plain').toBeSealedUnder('alias/app', emulator))).toBe(
    'expected s3://uploads/plain to be sealed under alias/app (arn:aws:kms:us-east-1:000000000000:key/<key>)\nit is under AES256',
  )
  const { KeyId } = await emulator.key('alias/app')
  await kms.send(new DisableKeyCommand({ KeyId }))
  await expect(object).toBeSealedUnder(KeyId, emulator)
  expect(await wordsOf(expect({ ...object, Key: 'no' }).toBeSealedUnder('alias/app', emulator))).toBe(
    'HeadObject of s3://uploads/no answered 404',
  )
})

test('A client by endpoint sees the same emulator, under a principal of its own as well', async () => {
  const other = connectTo({ endpoint: emulator.endpoint, credentials: app })
  expect(other.environment).toMatchObject({ AWS_ENDPOINT_URL: emulator.endpoint, AWS_ACCESS_KEY_ID: 'app' })
  await new KMSClient({ ...emulator, credentials: app }).send(
    new EncryptCommand({ KeyId: 'alias/app', Plaintext: Buffer.from('x') }),
  )
  expect(await other.trail({ caller: 'app', event: 'Encrypt' })).toHaveLength(1)
  expect(await other.seed({ buckets: [{ name: 'uploads' }] })).toEqual([
    'bucket uploads: exists already, left as it is',
  ])
})

test('seed refuses what is no fixture, by its place, and files of another machine', async () => {
  const wrong = emulator.seed({ buckets: [{ nam: 'x' }] } as never)
  await expect(wrong).rejects.toThrow('buckets[0].nam is unknown; there are name, region, encryption, versioning')
  const file = emulator.seed({ objects: [{ bucket: 'uploads', key: 'x', file: '/etc/passwd' }] })
  await expect(file).rejects.toThrow('objects[0].file must be left out here: give a body')
  const refused = emulator.seed({ buckets: [{ name: 'Not A Bucket' }] })
  await expect(refused).rejects.toThrow('fixtures: buckets[0]: The specified bucket is not valid.')
})

test('Faults, the clock and snapshots are at hand, wherever the emulator is', async () => {
  const elsewhere = connectTo({ endpoint: emulator.endpoint })
  const object = { Bucket: 'uploads', Key: 'a/b c.txt' }
  const restore = await elsewhere.snapshot()
  await elsewhere.faults.add({ service: 'kms', operation: 'Decrypt', error: 'ThrottlingException', times: 1 })
  const throttled = new S3Client({ ...emulator, maxAttempts: 1 })
  await expect(throttled.send(new GetObjectCommand(object))).rejects.toMatchObject({ name: 'SlowDown' })
  await expect(emulator).toHaveReceivedKmsCall('Decrypt', { error: 'ThrottlingException', via: 's3' })
  await elsewhere.faults.clear()
  const { KeyId } = await elsewhere.key('alias/app')
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  await elsewhere.clock.advance('8d')
  await expect(elsewhere).toHaveReceivedKmsCall('DeleteKey', { key: KeyId })
  await restore()
  expect(await elsewhere.key('alias/app')).toMatchObject({ KeyId, KeyState: 'Enabled' })
})

test('A test that holds its thread does not hold the emulator', () => {
  const ask = `fetch('${emulator.endpoint}/_s3kms/health').then((answer) => process.stdout.write(String(answer.status)))`
  expect(execFileSync(process.execPath, ['-e', ask], { encoding: 'utf8' })).toBe('200')
})

test('Options that are wrong are told, and nothing is left running', async () => {
  await expect(startTestEmulator({ bucketDefaults: 'old' as never })).rejects.toThrow(/^bucketDefaults must be one of/)
})
