import {
  type AnalyticsConfiguration,
  CreateBucketCommand,
  DeleteBucketAnalyticsConfigurationCommand,
  DeleteBucketIntelligentTieringConfigurationCommand,
  DeleteBucketInventoryConfigurationCommand,
  DeleteBucketMetricsConfigurationCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAnalyticsConfigurationCommand,
  GetBucketIntelligentTieringConfigurationCommand,
  GetBucketInventoryConfigurationCommand,
  GetBucketMetricsConfigurationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  type IntelligentTieringConfiguration,
  type InventoryConfiguration,
  ListBucketAnalyticsConfigurationsCommand,
  ListBucketIntelligentTieringConfigurationsCommand,
  ListBucketInventoryConfigurationsCommand,
  ListBucketMetricsConfigurationsCommand,
  type MetricsConfiguration,
  PutBucketAbacCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketAnalyticsConfigurationCommand,
  PutBucketIntelligentTieringConfigurationCommand,
  PutBucketInventoryConfigurationCommand,
  PutBucketMetricsConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { failureOf, type Journey, startJourney } from './emulator.ts'

/* The configurations that a bucket may have many of, as a team sets them: each is told as it was set, listed, and gone when deleted. */

let journey: Journey
beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket('bucket')
})
afterAll(() => journey.stop())

const ofBucket = { Bucket: 'bucket' }
const withId = { Bucket: 'bucket', Id: 'x' }

test('Metrics: set, told, listed, deleted', async () => {
  const { s3 } = journey
  const MetricsConfiguration: MetricsConfiguration = {
    Id: 'x',
    Filter: { And: { Prefix: 'logs/', Tags: [{ Key: 'team', Value: 'a' }] } },
  }
  await s3.send(new PutBucketMetricsConfigurationCommand({ ...withId, MetricsConfiguration }))
  const told = await s3.send(new GetBucketMetricsConfigurationCommand(withId))
  expect(told.MetricsConfiguration).toEqual(MetricsConfiguration)
  const list = await s3.send(new ListBucketMetricsConfigurationsCommand(ofBucket))
  expect(list).toMatchObject({ IsTruncated: false, MetricsConfigurationList: [MetricsConfiguration] })
  await s3.send(new DeleteBucketMetricsConfigurationCommand(withId))
  const gone = await failureOf(s3.send(new GetBucketMetricsConfigurationCommand(withId)))
  expect(gone).toMatchObject({ code: 'NoSuchConfiguration', status: 404 })
})

test('Metrics: a hundred and one are two pages', async () => {
  const { s3 } = journey
  const ids = Array.from({ length: 101 }, (_, index) => `m${1000 + index}`)
  for (const Id of ids) {
    const MetricsConfiguration = { Id }
    await s3.send(new PutBucketMetricsConfigurationCommand({ ...ofBucket, Id, MetricsConfiguration }))
  }
  const first = await s3.send(new ListBucketMetricsConfigurationsCommand(ofBucket))
  const ContinuationToken = first.NextContinuationToken
  const second = await s3.send(new ListBucketMetricsConfigurationsCommand({ ...ofBucket, ContinuationToken }))
  expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false])
  expect(second.ContinuationToken).toBe(ContinuationToken)
  const listed = [first, second].flatMap(({ MetricsConfigurationList = [] }) => MetricsConfigurationList)
  expect(listed.map(({ Id }) => Id)).toEqual(ids)
})

test('Analytics: set, told, listed, deleted', async () => {
  const { s3 } = journey
  const Destination = { S3BucketDestination: { Format: 'CSV', Bucket: 'arn:aws:s3:::reports', Prefix: 'a/' } } as const
  const AnalyticsConfiguration: AnalyticsConfiguration = {
    Id: 'x',
    Filter: { Prefix: 'logs/' },
    StorageClassAnalysis: { DataExport: { OutputSchemaVersion: 'V_1', Destination } },
  }
  await s3.send(new PutBucketAnalyticsConfigurationCommand({ ...withId, AnalyticsConfiguration }))
  const told = await s3.send(new GetBucketAnalyticsConfigurationCommand(withId))
  expect(told.AnalyticsConfiguration).toEqual(AnalyticsConfiguration)
  const list = await s3.send(new ListBucketAnalyticsConfigurationsCommand(ofBucket))
  expect(list.AnalyticsConfigurationList).toEqual([AnalyticsConfiguration])
  await s3.send(new DeleteBucketAnalyticsConfigurationCommand(withId))
  const again = await failureOf(s3.send(new DeleteBucketAnalyticsConfigurationCommand(withId)))
  expect(again).toMatchObject({ code: 'NoSuchConfiguration', status: 404 })
})

test('Intelligent tiering: set, told, listed, deleted', async () => {
  const { s3 } = journey
  const IntelligentTieringConfiguration: IntelligentTieringConfiguration = {
    Id: 'x',
    Status: 'Enabled',
    Tierings: [
      { Days: 90, AccessTier: 'ARCHIVE_ACCESS' },
      { Days: 180, AccessTier: 'DEEP_ARCHIVE_ACCESS' },
    ],
  }
  await s3.send(new PutBucketIntelligentTieringConfigurationCommand({ ...withId, IntelligentTieringConfiguration }))
  const told = await s3.send(new GetBucketIntelligentTieringConfigurationCommand(withId))
  expect(told.IntelligentTieringConfiguration).toEqual(IntelligentTieringConfiguration)
  const list = await s3.send(new ListBucketIntelligentTieringConfigurationsCommand(ofBucket))
  expect(list.IntelligentTieringConfigurationList).toEqual([IntelligentTieringConfiguration])
  await s3.send(new DeleteBucketIntelligentTieringConfigurationCommand(withId))
  const gone = await failureOf(s3.send(new GetBucketIntelligentTieringConfigurationCommand(withId)))
  expect(gone.code).toBe('NoSuchConfiguration')
})

const inventory: InventoryConfiguration = {
  Id: 'x',
  IsEnabled: true,
  IncludedObjectVersions: 'Current',
  Schedule: { Frequency: 'Daily' },
  OptionalFields: ['Size', 'EncryptionStatus'],
  Destination: {
    S3BucketDestination: { Bucket: 'arn:aws:s3:::reports', Format: 'CSV', Encryption: { SSES3: {} } },
  },
}

test('Inventory: set, told, listed, deleted', async () => {
  const { s3 } = journey
  const InventoryConfiguration = inventory
  await s3.send(new PutBucketInventoryConfigurationCommand({ ...withId, InventoryConfiguration }))
  const told = await s3.send(new GetBucketInventoryConfigurationCommand(withId))
  expect(told.InventoryConfiguration).toEqual(inventory)
  const list = await s3.send(new ListBucketInventoryConfigurationsCommand(ofBucket))
  expect(list.InventoryConfigurationList).toEqual([inventory])
  await s3.send(new DeleteBucketInventoryConfigurationCommand(withId))
  const gone = await failureOf(s3.send(new GetBucketInventoryConfigurationCommand(withId)))
  expect(gone.code).toBe('NoSuchConfiguration')
})

test('Inventory: a document for another id is refused, and recorded', async () => {
  const { s3 } = journey
  const asked = new PutBucketInventoryConfigurationCommand({ ...withId, Id: 'y', InventoryConfiguration: inventory })
  const failure = await failureOf(s3.send(asked))
  const message = 'Document ID does not match the specified configuration ID.'
  expect(failure).toEqual({ code: 'IdMismatch', message, status: 400 })
  const [record] = (await journey.records())
    .filter(({ eventName }) => eventName === 'PutBucketInventoryConfiguration')
    .slice(-1)
  expect(record).toMatchObject({ errorCode: 'IdMismatch', requestParameters: { bucketName: 'bucket', id: 'y' } })
})

test('Acceleration: on, and suspended', async () => {
  const { s3 } = journey
  const set = (Status: 'Enabled' | 'Suspended') =>
    s3.send(new PutBucketAccelerateConfigurationCommand({ ...ofBucket, AccelerateConfiguration: { Status } }))
  await set('Enabled')
  expect(await s3.send(new GetBucketAccelerateConfigurationCommand(ofBucket))).toMatchObject({ Status: 'Enabled' })
  await set('Suspended')
  expect(await s3.send(new GetBucketAccelerateConfigurationCommand(ofBucket))).toMatchObject({ Status: 'Suspended' })
})

test('With ABAC on, a policy lets in by the tag of the bucket, and off it does not', async () => {
  const { s3 } = journey
  const Bucket = 'tagged'
  const Tags = [{ Key: 'team', Value: 'red' }]
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { Tags } }))
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::tagged/*',
        Condition: { StringEquals: { 'aws:ResourceTag/team': 'red' } },
      },
    ],
  })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  const read = () => s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))
  expect(await (await read()).Body?.transformToString()).toBe('x')
  await s3.send(new PutBucketAbacCommand({ Bucket, AbacStatus: { Status: 'Enabled' } }))
  expect((await failureOf(read())).code).toBe('AccessDenied')
  const tagging = new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [] } })
  expect(await failureOf(s3.send(tagging))).toMatchObject({ code: 'BadRequest', status: 400 })
  await s3.send(new PutBucketAbacCommand({ Bucket, AbacStatus: { Status: 'Disabled' } }))
  expect(await (await read()).Body?.transformToString()).toBe('x')
})

test('After all these deletions the bucket is there', async () => {
  const { $metadata } = await journey.s3.send(new HeadBucketCommand(ofBucket))
  expect($metadata.httpStatusCode).toBe(200)
})
