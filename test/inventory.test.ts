import { gunzipSync } from 'node:zlib'
import { GetKeyPolicyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import {
  GetObjectCommand,
  HeadObjectCommand,
  type InventoryConfiguration,
  ListObjectsV2Command,
  PutBucketInventoryConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, type Journey, startJourney } from './emulator.ts'

/* An inventory under SSE-KMS, as the User Guide sets it up: both the destination's policy and the key's let S3 in. */

let journey: Journey
let key: string
beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'classic' })
  key = await journey.createKey()
  await journey.createBucket('source')
  await journey.createBucket('reports')
  const Condition = {
    ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::source' },
    StringEquals: { 'aws:SourceAccount': accountId, 's3:x-amz-acl': 'bucket-owner-full-control' },
  }
  const Principal = { Service: 's3.amazonaws.com' }
  const Statement = [
    { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: 'arn:aws:s3:::reports/*', Condition },
  ]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await journey.s3.send(new PutBucketPolicyCommand({ Bucket: 'reports', Policy }))
  await journey.s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'plain', Body: 'x' }))
  const sse = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key } as const
  await journey.s3.send(new PutObjectCommand({ Bucket: 'source', Key: 'sealed', Body: 'x', ...sse }))
  const InventoryConfiguration: InventoryConfiguration = {
    Id: 'encryption',
    IsEnabled: true,
    IncludedObjectVersions: 'Current',
    Schedule: { Frequency: 'Daily' },
    OptionalFields: ['EncryptionStatus'],
    Destination: {
      S3BucketDestination: { Bucket: 'arn:aws:s3:::reports', Format: 'CSV', Encryption: { SSEKMS: { KeyId: key } } },
    },
  }
  const { Id } = InventoryConfiguration
  await journey.s3.send(new PutBucketInventoryConfigurationCommand({ Bucket: 'source', Id, InventoryConfiguration }))
})
afterAll(() => journey.stop())

async function objects(): Promise<string[]> {
  journey.turn(86_400_000)
  await journey.settle()
  const { Contents = [] } = await journey.s3.send(new ListObjectsV2Command({ Bucket: 'reports' }))
  return Contents.map(({ Key = '' }) => Key)
}

test('The key’s policy does not name S3: nothing is delivered', async () => {
  expect(await objects()).toEqual([])
})

test('It does: the report is there under the key, and says which objects are not encrypted', async () => {
  const { kms, s3 } = journey
  const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: key }))
  const document = JSON.parse(Policy)
  document.Statement.push({
    Sid: 'Allow Amazon S3 use of the customer managed key',
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'kms:GenerateDataKey',
    Resource: '*',
    Condition: {
      StringEquals: { 'aws:SourceAccount': accountId },
      ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::source' },
    },
  })
  await kms.send(new PutKeyPolicyCommand({ KeyId: key, Policy: JSON.stringify(document) }))
  const keys = await objects()
  expect(keys).toHaveLength(4)
  const Key = keys.find((name) => name.endsWith('.csv.gz'))
  const head = await s3.send(new HeadObjectCommand({ Bucket: 'reports', Key }))
  expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key })
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'reports', Key }))
  const rows = gunzipSync((await Body?.transformToByteArray()) ?? Buffer.alloc(0)).toString()
  expect(rows).toBe('"source","plain","NOT-SSE"\n"source","sealed","SSE-KMS"\n')
  const generated = (await journey.records()).filter(({ eventName }) => eventName === 'GenerateDataKey').at(-1)
  expect(generated?.userIdentity).toMatchObject({ type: 'AWSService', invokedBy: 's3.amazonaws.com' })
})
