import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

/* Records that nobody may delete before their time, through the SDK. */

const Bucket = 'records'
const Key = 'ledger.csv'
const day = 86_400_000
let journey: Journey
let keyId: string

beforeAll(async () => {
  journey = await startJourney()
  keyId = await journey.createKey()
  await journey.s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
  await journey.s3.send(new CreateBucketCommand({ Bucket: 'clock' }))
})
afterAll(() => journey.stop())

async function write(Body: string, more: object = {}): Promise<string> {
  const sealed = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: keyId } as const
  const { VersionId } = await journey.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...sealed, ...more }))
  return VersionId ?? ''
}

/** The emulator's time, as it shows in what it stores. */
async function now(): Promise<number> {
  await journey.s3.send(new PutObjectCommand({ Bucket: 'clock', Key: 'now', Body: '' }))
  const { LastModified } = await journey.s3.send(new HeadObjectCommand({ Bucket: 'clock', Key: 'now' }))
  return LastModified?.getTime() ?? 0
}

const refusedByLock = { code: 'AccessDenied', message: 'Access Denied because object protected by object lock.' }
const remove = (VersionId: string, BypassGovernanceRetention?: boolean) =>
  journey.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention }))

test('A default retention keeps every version of a year-end ledger for seven days, and lets it go on the eighth', async () => {
  const Rule = { DefaultRetention: { Mode: 'COMPLIANCE', Days: 7 } } as const
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule } as const
  await journey.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }))
  const read = await journey.s3.send(new GetObjectLockConfigurationCommand({ Bucket }))
  expect(read.ObjectLockConfiguration).toEqual(ObjectLockConfiguration)
  const first = await write('1,2,3')
  const written = await now()
  const { Retention } = await journey.s3.send(new GetObjectRetentionCommand({ Bucket, Key }))
  expect(Retention?.Mode).toBe('COMPLIANCE')
  expect(Math.abs((Retention?.RetainUntilDate?.getTime() ?? 0) - written - 7 * day)).toBeLessThan(60_000)
  expect(await failureOf(remove(first, true))).toMatchObject(refusedByLock)
  // Deleting without a version puts a marker over it, and the bytes are still there to be read by their version.
  await journey.s3.send(new DeleteObjectCommand({ Bucket, Key }))
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key, VersionId: first }))
  expect(await Body?.transformToString()).toBe('1,2,3')
  journey.turn(8 * day)
  await remove(first)
  const { Versions = [] } = await journey.s3.send(new ListObjectVersionsCommand({ Bucket }))
  expect(Versions).toEqual([])
  await journey.s3.send(
    new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } }),
  )
})

test('GOVERNANCE is passed over by who says so, a legal hold by nobody', async () => {
  const ObjectLockRetainUntilDate = new Date((await now()) + 30 * day)
  const version = await write('4,5,6', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate })
  expect(await failureOf(remove(version))).toMatchObject(refusedByLock)
  const earlier = { Mode: 'GOVERNANCE', RetainUntilDate: new Date((await now()) + day) } as const
  const shorten = (BypassGovernanceRetention: boolean) =>
    journey.s3.send(
      new PutObjectRetentionCommand({
        Bucket,
        Key,
        Retention: earlier,
        ...(BypassGovernanceRetention && { BypassGovernanceRetention }),
      }),
    )
  expect(await failureOf(shorten(false))).toMatchObject(refusedByLock)
  await shorten(true)
  await journey.s3.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status: 'ON' } }))
  expect(await failureOf(remove(version, true))).toMatchObject(refusedByLock)
  const many = await journey.s3.send(
    new DeleteObjectsCommand({
      Bucket,
      BypassGovernanceRetention: true,
      Delete: { Objects: [{ Key, VersionId: version }] },
    }),
  )
  expect(many.Errors).toEqual([{ Key, VersionId: version, Code: 'AccessDenied', Message: refusedByLock.message }])
  const head = await journey.s3.send(new HeadObjectCommand({ Bucket, Key }))
  expect([head.ObjectLockMode, head.ObjectLockLegalHoldStatus]).toEqual(['GOVERNANCE', 'ON'])
  await journey.s3.send(new PutObjectLegalHoldCommand({ Bucket, Key, LegalHold: { Status: 'OFF' } }))
  const { LegalHold } = await journey.s3.send(new GetObjectLegalHoldCommand({ Bucket, Key }))
  expect(LegalHold).toEqual({ Status: 'OFF' })
  await remove(version, true)
})

test('A bucket with a version that is kept is not deleted', async () => {
  const version = await write('7,8,9', { ObjectLockLegalHoldStatus: 'ON' })
  expect(await failureOf(journey.s3.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({
    code: 'BucketNotEmpty',
  })
  expect(await failureOf(remove(version))).toMatchObject(refusedByLock)
})
