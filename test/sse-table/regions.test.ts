import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, failureOf, type Journey, region, startJourney } from '../emulator.ts'

/* A bucket's objects are under keys of the bucket's own Region. */

const Bucket = 'elsewhere'
const elsewhere = 'eu-west-1'
let journey: Journey
let s3: S3Client
let kms: KMSClient

beforeAll(async () => {
  journey = await startJourney()
  s3 = new S3Client({ ...journey.configuration, region: elsewhere })
  kms = new KMSClient({ ...journey.configuration, region: elsewhere })
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const }
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
})
afterAll(async () => {
  s3.destroy()
  kms.destroy()
  await journey.stop()
})

function put(Key: string, SSEKMSKeyId?: string) {
  const asked = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId }
  return s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ...asked }))
}

test('a key of the bucket’s Region serves, by its ARN and by its bare id', async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  for (const identifier of [KeyMetadata?.Arn, KeyMetadata?.KeyId]) {
    expect((await put('here', identifier)).SSEKMSKeyId).toBe(KeyMetadata?.Arn)
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'here' }))
  expect(await Body?.transformToString()).toBe('here')
})

test('a key of another Region is refused: by its ARN as such, by its bare id as unknown', async () => {
  const keyArn = await journey.createKey()
  const keyId = keyArn.split('/')[1] ?? ''
  const code = 'KMS.NotFoundException'
  expect(await failureOf(put('far', keyArn))).toEqual({ code, message: `Invalid arn ${region}`, status: 400 })
  const message = `Key 'arn:aws:kms:${elsewhere}:${accountId}:key/${keyId}' does not exist`
  expect(await failureOf(put('far', keyId))).toEqual({ code, message, status: 400 })
})

test('alias/aws/s3 is another key in every Region', async () => {
  await journey.createBucket('here')
  const asked = { ServerSideEncryption: 'aws:kms' as const }
  const here = await journey.s3.send(new PutObjectCommand({ Bucket: 'here', Key: 'a', Body: 'a', ...asked }))
  const there = await put('a')
  expect(here.SSEKMSKeyId).toMatch(`arn:aws:kms:${region}:${accountId}:key/`)
  expect(there.SSEKMSKeyId).toMatch(`arn:aws:kms:${elsewhere}:${accountId}:key/`)
})
