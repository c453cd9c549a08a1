import {
  CreateMultipartUploadCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, type Journey, region, startJourney } from './emulator.ts'

/* A lifecycle through SDK v3, by the emulator's clock. */

const day = 86_400_000
let journey: Journey
beforeAll(async () => {
  journey = await startJourney({}, 'standing')
})
afterAll(() => journey.stop())

async function configure(Bucket: string, ...Rules: LifecycleRule[]): Promise<void> {
  await journey.s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
}

/** Days go by, with all that is due done. */
async function pass(days: number): Promise<void> {
  journey.turn(days * day)
  await journey.settle()
}

test('Objects expire, versions and a lone marker go, and nobody is asked; the bucket tells of it and the trail does not', async () => {
  const { s3 } = journey
  const Bucket = await journey.createBucket('expiring')
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  const QueueArn = `arn:aws:sqs:${region}:${accountId}:queue`
  const NotificationConfiguration = {
    QueueConfigurations: [{ QueueArn, Events: ['s3:LifecycleExpiration:*' as const, 's3:ObjectRemoved:*' as const] }],
  }
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject*', Resource: `arn:aws:s3:::${Bucket}/*` }],
  })
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))
  await configure(Bucket, {
    ID: 'all',
    Status: 'Enabled',
    Filter: { Prefix: 'logs/' },
    Expiration: { Days: 2 },
    NoncurrentVersionExpiration: { NoncurrentDays: 3 },
  })
  const { Expiration } = await s3.send(new PutObjectCommand({ Bucket, Key: 'logs/1', Body: 'x' }))
  expect(Expiration).toMatch(/^expiry-date="\w{3}, \d\d \w{3} \d{4} 00:00:00 GMT", rule-id="all"$/)
  await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'x' }))
  const keys = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
    return [Versions.map(({ Key }) => Key), DeleteMarkers.map(({ Key }) => Key)]
  }
  await pass(1)
  expect(await keys()).toEqual([['kept', 'logs/1'], []])
  await pass(2)
  expect(await keys()).toEqual([['kept', 'logs/1'], ['logs/1']])
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'logs/1' }))).rejects.toMatchObject({ name: 'NotFound' })
  await pass(4)
  expect(await keys()).toEqual([['kept'], []])
  const { notifications } = await journey.notifications({ bucket: Bucket })
  const told = notifications.map(({ message }) => JSON.stringify(message))
  const names = told.flatMap((text) => /LifecycleExpiration:\w+|ObjectRemoved:\w+/.exec(text) ?? [])
  expect(names).toEqual([
    'LifecycleExpiration:DeleteMarkerCreated',
    'LifecycleExpiration:Delete',
    'LifecycleExpiration:Delete',
  ])
  expect((await journey.records()).map(({ eventName }) => eventName)).not.toContain('DeleteObject')
})

test('Classes change and uploads are given up', async () => {
  const { s3 } = journey
  const Bucket = await journey.createBucket('moving')
  const rules: LifecycleRule[] = [
    {
      ID: 'cold',
      Status: 'Enabled',
      Filter: { And: { Prefix: 'a', Tags: [{ Key: 'k', Value: 'v' }] } },
      Transitions: [
        { Days: 30, StorageClass: 'STANDARD_IA' },
        { Days: 60, StorageClass: 'GLACIER' },
      ],
    },
    {
      ID: 'stop',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    },
  ]
  await configure(Bucket, ...rules)
  const found = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
  expect(found).toMatchObject({ Rules: rules, TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' })
  const Body = Buffer.alloc(200_000)
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body, Tagging: 'k=v' }))
  await s3.send(new PutObjectCommand({ Bucket, Key: 'ab', Body }))
  const upload = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'u' }))
  expect(upload).toMatchObject({ AbortRuleId: 'stop', AbortDate: expect.any(Date) })
  const { UploadId } = upload
  const parts = () => s3.send(new ListPartsCommand({ Bucket, Key: 'u', UploadId }))
  expect(await parts()).toMatchObject({ AbortRuleId: 'stop', AbortDate: upload.AbortDate })
  const classes = () =>
    Promise.all(['a', 'ab'].map(async (Key) => (await s3.send(new HeadObjectCommand({ Bucket, Key }))).StorageClass))
  await pass(8)
  await expect(parts()).rejects.toMatchObject({ name: 'NoSuchUpload' })
  expect(await classes()).toEqual([undefined, undefined])
  await pass(23)
  expect(await classes()).toEqual(['STANDARD_IA', undefined])
  await pass(30)
  expect(await classes()).toEqual(['GLACIER', undefined])
})
