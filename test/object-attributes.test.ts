import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  InvalidObjectState,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Journey, startJourney } from './emulator.ts'

/* Tags, storage classes and copies of archived objects, as the SDK for JavaScript works with them. */

const Bucket = 'attributes'
const minute = 60_000
const day = 24 * 60 * minute
let journey: Journey

beforeAll(async () => {
  journey = await startJourney()
  await journey.createBucket(Bucket)
})
afterAll(() => journey.stop())

const tagsOf = async (Key: string, VersionId?: string) => {
  const { TagSet = [] } = await journey.s3.send(new GetObjectTaggingCommand({ Bucket, Key, VersionId }))
  return Object.fromEntries(TagSet.map((tag) => [tag.Key, tag.Value]))
}
const head = (Key: string) => journey.s3.send(new HeadObjectCommand({ Bucket, Key }))
const text = async (Key: string) => {
  const { Body } = await journey.s3.send(new GetObjectCommand({ Bucket, Key }))
  return Body?.transformToString()
}

test('tags come with the object, are set anew, and are copied or replaced', async () => {
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x', Tagging: 'team=red&cost%20centre=1' }))
  expect(await tagsOf('tagged')).toEqual({ team: 'red', 'cost centre': '1' })
  expect((await head('tagged')).TagCount).toBe(2)
  const CopySource = `${Bucket}/tagged`
  await journey.s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource }))
  expect(await tagsOf('copied')).toEqual({ team: 'red', 'cost centre': '1' })
  const replacing = { TaggingDirective: 'REPLACE', Tagging: 'team=blue' } as const
  await journey.s3.send(new CopyObjectCommand({ Bucket, Key: 'replaced', CopySource, ...replacing }))
  expect(await tagsOf('replaced')).toEqual({ team: 'blue' })
  const Tagging = { TagSet: [{ Key: 'only', Value: 'é' }] }
  await journey.s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', Tagging }))
  expect(await tagsOf('tagged')).toEqual({ only: 'é' })
  await journey.s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged' }))
  expect(await tagsOf('tagged')).toEqual({})
  expect((await head('tagged')).TagCount).toBeUndefined()
})

test('tags and class of a multipart upload are given at its beginning', async () => {
  const begun = { Bucket, Key: 'parts', Tagging: 'a=1', StorageClass: 'STANDARD_IA' } as const
  const { UploadId } = await journey.s3.send(new CreateMultipartUploadCommand(begun))
  const upload = { Bucket, Key: 'parts', UploadId }
  const { ETag } = await journey.s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'part' }))
  expect((await journey.s3.send(new ListPartsCommand(upload))).StorageClass).toBe('STANDARD_IA')
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] }
  await journey.s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }))
  expect(await tagsOf('parts')).toEqual({ a: '1' })
  expect((await head('parts')).StorageClass).toBe('STANDARD_IA')
})

test('a presigned PUT carries its tags as a signed parameter', async () => {
  const command = new PutObjectCommand({ Bucket, Key: 'presigned', Tagging: 'from=url' })
  const url = await getSignedUrl(journey.s3, command, { signingDate: new Date(journey.ambient.now()) })
  expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200)
  expect(await tagsOf('presigned')).toEqual({ from: 'url' })
})

test('an archived object is restored, read, and goes back', async () => {
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'cold', Body: 'ice', StorageClass: 'DEEP_ARCHIVE' }))
  const refusal: unknown = await text('cold').catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(InvalidObjectState)
  expect(refusal).toMatchObject({ StorageClass: 'DEEP_ARCHIVE' })
  const RestoreRequest = { Days: 1, GlacierJobParameters: { Tier: 'Standard' as const } }
  await journey.s3.send(new RestoreObjectCommand({ Bucket, Key: 'cold', RestoreRequest }))
  expect((await head('cold')).Restore).toBe('ongoing-request="true"')
  const OptionalObjectAttributes = ['RestoreStatus' as const]
  const listing = new ListObjectsV2Command({ Bucket, Prefix: 'cold', OptionalObjectAttributes })
  expect((await journey.s3.send(listing)).Contents?.[0]?.RestoreStatus).toEqual({ IsRestoreInProgress: true })
  journey.turn(12 * 60 * minute)
  expect(await text('cold')).toBe('ice')
  expect((await head('cold')).Restore).toMatch(/^ongoing-request="false", expiry-date="\w+, .* 00:00:00 GMT"$/)
  journey.turn(2 * day)
  await expect(text('cold')).rejects.toBeInstanceOf(InvalidObjectState)
  expect((await head('cold')).Restore).toBeUndefined()
})

test('a copy onto itself changes the class, and takes an object out of the archive for good', async () => {
  await journey.s3.send(new PutObjectCommand({ Bucket, Key: 'moved', Body: 'x', StorageClass: 'GLACIER' }))
  const RestoreRequest = { Days: 1, GlacierJobParameters: { Tier: 'Expedited' as const } }
  await journey.s3.send(new RestoreObjectCommand({ Bucket, Key: 'moved', RestoreRequest }))
  journey.turn(5 * minute)
  const itself = { Bucket, Key: 'moved', CopySource: `${Bucket}/moved`, StorageClass: 'STANDARD' } as const
  await journey.s3.send(new CopyObjectCommand(itself))
  journey.turn(7 * day)
  expect(await text('moved')).toBe('x')
  expect((await head('moved')).StorageClass).toBeUndefined()
})

test('a restore is told of when it is asked for, when the copy comes, and when it goes', async () => {
  const told = { Bucket: await journey.createBucket('told') }
  const QueueArn = 'arn:aws:sqs:us-east-1:000000000000:restores'
  const NotificationConfiguration = { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectRestore:*' as const] }] }
  await journey.s3.send(new PutBucketNotificationConfigurationCommand({ ...told, NotificationConfiguration }))
  const restore = (Key: string, Days: number) =>
    journey.s3.send(new RestoreObjectCommand({ ...told, Key, RestoreRequest: { Days } }))
  for (const Key of ['kept', 'prolonged', 'deleted']) {
    await journey.s3.send(new PutObjectCommand({ ...told, Key, Body: 'x', StorageClass: 'GLACIER' }))
    await restore(Key, 1)
  }
  await journey.s3.send(new DeleteObjectCommand({ ...told, Key: 'deleted' }))
  journey.turn(5 * 60 * minute)
  await journey.settle()
  await restore('prolonged', 3)
  journey.turn(2 * day)
  await journey.settle()
  journey.turn(2 * day)
  await journey.settle()
  const answer = await fetch(`${journey.endpoint}/_s3kms/notifications?bucket=told`)
  const { notifications } = (await answer.json()) as { notifications: { key: string; message: object }[] }
  const events = notifications.flatMap(({ key, message }) =>
    'Records' in message ? [`${key} ${(message.Records as { eventName: string }[])[0]?.eventName}`] : [],
  )
  expect(events.filter((event) => !event.startsWith('prolonged'))).toEqual([
    'kept ObjectRestore:Post',
    'deleted ObjectRestore:Post',
    'kept ObjectRestore:Completed',
    'kept ObjectRestore:Delete',
  ])
  expect(events.filter((event) => event.startsWith('prolonged'))).toEqual([
    'prolonged ObjectRestore:Post',
    'prolonged ObjectRestore:Completed',
    'prolonged ObjectRestore:Post',
    'prolonged ObjectRestore:Delete',
  ])
})

test('how long a restore takes can be set', async () => {
  const quick = await startJourney({ restoreTime: 2 })
  try {
    await quick.createBucket(Bucket)
    const object = { Bucket, Key: 'cold' }
    await quick.s3.send(new PutObjectCommand({ ...object, Body: 'ice', StorageClass: 'GLACIER' }))
    await quick.s3.send(new RestoreObjectCommand({ ...object, RestoreRequest: { Days: 1 } }))
    const restoreOf = async () => (await quick.s3.send(new HeadObjectCommand(object))).Restore
    expect(await restoreOf()).toBe('ongoing-request="true"')
    quick.turn(2000)
    expect(await restoreOf()).toContain('ongoing-request="false"')
  } finally {
    await quick.stop()
  }
})

test('each version has its tags', async () => {
  const VersioningConfiguration = { Status: 'Enabled' as const }
  await journey.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
  const put = (Tagging: string) =>
    journey.s3.send(new PutObjectCommand({ Bucket, Key: 'versions', Body: 'x', Tagging }))
  const { VersionId: first } = await put('n=1')
  const { VersionId: second } = await put('n=2')
  const Tagging = { TagSet: [{ Key: 'n', Value: 'one' }] }
  const tagged = await journey.s3.send(
    new PutObjectTaggingCommand({ Bucket, Key: 'versions', VersionId: first, Tagging }),
  )
  expect(tagged.VersionId).toBe(first)
  expect([await tagsOf('versions', first), await tagsOf('versions', second)]).toEqual([{ n: 'one' }, { n: '2' }])
  expect(await tagsOf('versions')).toEqual({ n: '2' })
})
