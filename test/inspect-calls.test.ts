import { createHash, randomBytes } from 'node:crypto'
import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inspect } from '../src/cli/inspect.ts'
import type { Inspection } from '../src/lab/inspect/inspect.ts'
import { type Journey, startJourney } from './emulator.ts'

/* What inspect tells of objects of all schemes and of the calls of KMS about them, and what it never tells. */

const Bucket = 'inspected'
const plaintext = 'a sentence that nobody may read here'
const day = 86_400_000
let journey: Journey

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
})

afterAll(() => journey.stop())

const put = (Key: string, sealed: object) =>
  journey.s3.send(new PutObjectCommand({ Bucket, Key, Body: plaintext, ...sealed }))

/** Whether S3 lets it be read. */
const get = (Key: string) =>
  journey.s3.send(new GetObjectCommand({ Bucket, Key })).then(
    async ({ Body }) => Body?.transformToString(),
    ({ name }) => name,
  )

const underKey = (SSEKMSKeyId: string) => ({ ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId })

const everything = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' }

async function setPolicy(KeyId: string, ...more: object[]): Promise<void> {
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [everything, ...more] })
  await journey.kms.send(new PutKeyPolicyCommand({ KeyId, Policy }))
}

async function printed(uri: string, flags: object = {}): Promise<string> {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  const terminal = { environment: {}, now: () => journey.ambient.now(), write, interruption: () => AbortSignal.abort() }
  expect(await inspect(uri, { endpoint: journey.endpoint, ...flags }, terminal)).toBe(0)
  return text
}

test('Refused calls are shown with their errors, also those of a key that is gone', async () => {
  const KeyId = await journey.createKey()
  await put('refused', underKey(KeyId))
  await journey.kms.send(new DisableKeyCommand({ KeyId }))
  await get('refused')
  await journey.kms.send(new EnableKeyCommand({ KeyId }))
  const { envelope } = await journey.emulator.inspect(`s3://${Bucket}/refused`)
  const CiphertextBlob = Buffer.from(envelope.encryptedDataKey ?? '', 'base64')
  const EncryptionContext = { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/refused`, more: 'than it was sealed with' }
  await journey.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext })).catch(() => undefined)
  await setPolicy(KeyId, { ...everything, Effect: 'Deny', Action: 'kms:Decrypt' })
  await get('refused')
  await setPolicy(KeyId)
  await journey.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  await get('refused')
  journey.turn(8 * day)
  await journey.settle()
  await get('refused')
  const { callCount, calls } = await journey.emulator.inspect(`s3://${Bucket}/refused`)
  expect(calls.map(({ event, error }) => [event, error])).toEqual([
    ['GenerateDataKey', undefined],
    ['Decrypt', 'DisabledException'],
    ['Decrypt', 'InvalidCiphertextException'],
    ['Decrypt', 'AccessDenied'],
    ['Decrypt', 'KMSInvalidStateException'],
    // Of a key that is not there KMS says no more than that.
    ['Decrypt', 'AccessDenied'],
  ])
  expect(callCount).toBe(6)
  expect(calls.map(({ causeId }) => causeId === undefined)).toEqual([false, false, true, false, false, false])
})

test('A thousand calls about other objects hide none, and what is cut is said', async () => {
  const key = underKey(await journey.createKey())
  await put('hot', key)
  await put('others', key)
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 105 }, () => get('others')))
  await get('hot')
  expect(await journey.emulator.inspect(`s3://${Bucket}/hot`)).toMatchObject({
    callCount: 2,
    calls: [{ event: 'GenerateDataKey' }, { event: 'Decrypt' }],
  })
  const text = await printed(`s3://${Bucket}/others`)
  expect(text).toContain('KMS calls about it: 1051, the newest 20 of them (--limit shows more)')
  expect(text.match(/ Decrypt /g)).toHaveLength(20)
  expect((await printed(`s3://${Bucket}/others`, { limit: 3 })).match(/ Decrypt /g)).toHaveLength(3)
  expect((await journey.emulator.inspect(`s3://${Bucket}/others`, { limit: 1000 })).calls).toHaveLength(1000)
  await expect(printed(`s3://${Bucket}/others`, { limit: 1001 })).rejects.toThrow(
    "limit must be a whole number from 1 to 1000, not '1001'",
  )
})

test('Under a bucket key the calls about the bucket are shown, of this key alone', async () => {
  const [key, other] = [await journey.createKey(), await journey.createKey()]
  await put('cheap', { ...underKey(key), BucketKeyEnabled: true })
  await put('cheap too', { ...underKey(other), BucketKeyEnabled: true })
  const text = await printed(`s3://${Bucket}/cheap`)
  expect(text).toContain(`context     aws:s3:arn=arn:aws:s3:::${Bucket}\n`)
  expect(text).toMatch(/KMS calls about its bucket, whose bucket key serves it: 1\n.* GenerateDataKey .* ok\n$/)
})

test('A call from another account is one call, with who it was', async () => {
  const KeyId = await journey.createKey()
  await setPolicy(KeyId)
  await put('shared', underKey(KeyId))
  const { envelope } = await journey.emulator.inspect(`s3://${Bucket}/shared`)
  const CiphertextBlob = Buffer.from(envelope.encryptedDataKey ?? '', 'base64')
  const { kms } = journey.as('111122223333')
  await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: envelope.encryptionContext }))
  const { callCount, calls } = await journey.emulator.inspect(`s3://${Bucket}/shared`)
  expect([callCount, calls.at(-1)?.caller]).toEqual([2, expect.stringContaining('111122223333')])
})

const customerKey = randomBytes(32)
const schemes: [key: string, scheme: string, sealed: object][] = [
  ['sealed', 'SSE-KMS', { ServerSideEncryption: 'aws:kms' }],
  ['sealed twice', 'DSSE-KMS', { ServerSideEncryption: 'aws:kms:dsse' }],
  ['of a bucket key', 'SSE-KMS', { ServerSideEncryption: 'aws:kms', BucketKeyEnabled: true }],
  ['under S3’s key?a=b&c', 'SSE-S3', { ServerSideEncryption: 'AES256' }],
  ['in clear/ü 漢字 #%20+', 'none', {}],
  [
    'under my own key',
    'SSE-C',
    {
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: customerKey.toString('base64'),
      SSECustomerKeyMD5: createHash('md5').update(customerKey).digest('base64'),
    },
  ],
]

/** What KMS opens the data key to, for whoever may ask it. */
async function dataKeyOf({ envelope: { encryptedDataKey = '', encryptionContext } }: Inspection): Promise<Buffer> {
  const CiphertextBlob = Buffer.from(encryptedDataKey, 'base64')
  const input = { CiphertextBlob, EncryptionContext: encryptionContext }
  const { Plaintext = new Uint8Array() } = await journey.kms.send(new DecryptCommand(input))
  expect(Plaintext).toHaveLength(32)
  return Buffer.from(Plaintext)
}

test.each(schemes)('%s: neither plaintext nor a key is told', async (Key, scheme, sealed) => {
  const isUnderKms = scheme.endsWith('-KMS')
  await put(Key, isUnderKms ? { ...sealed, SSEKMSKeyId: await journey.createKey() } : sealed)
  const uri = `s3://${Bucket}/${Key}`
  const inspection = await journey.emulator.inspect(uri)
  expect([inspection.key, inspection.envelope.scheme, inspection.size]).toEqual([Key, scheme, plaintext.length])
  const dataKeys = isUnderKms ? [await dataKeyOf(inspection)] : []
  const secrets = [Buffer.from(plaintext.slice(0, 12)), customerKey, ...dataKeys]
  const told = [JSON.stringify(inspection), await printed(uri), await printed(uri, { json: true })].join('\n')
  const spellings = (['latin1', 'hex', 'base64'] as const).flatMap((form) => secrets.map((own) => own.toString(form)))
  for (const spelling of spellings) expect(told).not.toContain(spelling.replaceAll('=', ''))
  expect(JSON.parse(await printed(uri, { json: true })).firstBytes).toEqual(inspection.firstBytes)
})

test('An object of several parts is told part by part', async () => {
  const { KeyMetadata } = await journey.kms.send(new CreateKeyCommand({}))
  const name = { Bucket, Key: 'in parts' }
  const { UploadId } = await journey.s3.send(
    new CreateMultipartUploadCommand({ ...name, ...underKey(KeyMetadata?.Arn ?? '') }),
  )
  const sizes = [5 << 20, 3]
  const Parts = []
  for (const [index, size] of sizes.entries()) {
    const part = { ...name, UploadId, PartNumber: index + 1 }
    const { ETag } = await journey.s3.send(new UploadPartCommand({ ...part, Body: Buffer.alloc(size) }))
    Parts.push({ PartNumber: index + 1, ETag })
  }
  await journey.s3.send(new CompleteMultipartUploadCommand({ ...name, UploadId, MultipartUpload: { Parts } }))
  const { parts, size, storedSize, callCount } = await journey.emulator.inspect(`s3://${Bucket}/in parts`)
  expect(parts.map(({ number, size: own, segments }) => [number, own, segments])).toEqual([
    [1, 5 << 20, 20],
    [2, 3, 1],
  ])
  expect(storedSize).toBe(size + 21 * 16)
  expect(callCount).toBeGreaterThan(0)
})

test('What is not there is said in words: bucket, key, version, marker', async () => {
  await put('once', {})
  const refusals: [uri: string, words: string][] = [
    ['s3://nowhere/once', 'There is no bucket nowhere'],
    [`s3://${Bucket}/never`, `There is no s3://${Bucket}/never`],
    [`s3://${Bucket}/once?versionId=no-such-id`, `s3://${Bucket}/once has no version no-such-id`],
    [`s3://${Bucket}/never?versionId=null`, `There is no s3://${Bucket}/never`],
    [Bucket, `${Bucket} is no s3://BUCKET/KEY`],
  ]
  for (const [uri, words] of refusals) await expect(printed(uri)).rejects.toThrow(words)
  const VersioningConfiguration = { Status: 'Enabled' as const }
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  const { VersionId } = await journey.s3.send(new DeleteObjectCommand({ Bucket, Key: 'once' }))
  await expect(printed(`s3://${Bucket}/once`)).rejects.toThrow('a delete marker is its newest version')
  await expect(printed(`s3://${Bucket}/once?versionId=${VersionId}`)).rejects.toThrow('is a delete marker')
  expect(await printed(`s3://${Bucket}/once?versionId=null`)).toContain('version     null, not the current one')
})
