import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetInsightSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListPublicKeysCommand,
  ListTagsCommand,
  ListTrailsCommand,
  PutEventSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail'
import { KMSClient, ListKeysCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import { ListObjectsV2Command, PutBucketPolicyCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountId, failureOf, type Journey, region, startJourney } from './emulator.ts'

/* Trails as they are made, read, changed and named; in one Region and in all. */

const trailArn = (name: string) => `arn:aws:cloudtrail:${region}:${accountId}:trail/${name}`
const all = { Name: 'all', S3BucketName: 'logs' }
let journey: Journey
let elsewhere: CloudTrailClient

beforeAll(async () => {
  journey = await startJourney()
  elsewhere = new CloudTrailClient({ ...journey.configuration, region: 'eu-west-1' })
  await journey.createBucket('logs')
  const Principal = { Service: 'cloudtrail.amazonaws.com' }
  const Statement = [
    { Effect: 'Allow', Principal, Action: 's3:GetBucketAcl', Resource: 'arn:aws:s3:::logs' },
    { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: `arn:aws:s3:::logs/*/AWSLogs/${accountId}/*` },
    { Effect: 'Allow', Principal, Action: 's3:PutObject', Resource: `arn:aws:s3:::logs/AWSLogs/${accountId}/*` },
  ]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await journey.s3.send(new PutBucketPolicyCommand({ Bucket: 'logs', Policy }))
  await journey.cloudTrail.send(new CreateTrailCommand({ ...all, TagsList: [{ Key: 'env', Value: 'test' }] }))
})
afterAll(() => journey.stop())

const here = (): CloudTrailClient => journey.cloudTrail

test('A trail is read as it was made, by its name and by its ARN', async () => {
  const Trail = {
    Name: 'all',
    S3BucketName: 'logs',
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: false,
    HomeRegion: region,
    TrailARN: trailArn('all'),
    LogFileValidationEnabled: false,
    HasCustomEventSelectors: false,
    HasInsightSelectors: false,
    IsOrganizationTrail: false,
  }
  for (const Name of ['all', trailArn('all')]) {
    expect((await here().send(new GetTrailCommand({ Name }))).Trail).toEqual(Trail)
  }
  expect((await here().send(new DescribeTrailsCommand({}))).trailList).toEqual([Trail])
  expect((await here().send(new DescribeTrailsCommand({ trailNameList: ['other'] }))).trailList).toEqual([])
  expect((await here().send(new ListTrailsCommand({}))).Trails).toEqual([
    { Name: 'all', TrailARN: trailArn('all'), HomeRegion: region },
  ])
})

test('What cannot be made is refused in AWS’s words', async () => {
  const refused = async (more: object) => {
    const { code, message } = await failureOf(here().send(new CreateTrailCommand({ ...all, Name: 'new', ...more })))
    return [code, message]
  }
  expect(await refused({ Name: 'all' })).toEqual([
    'TrailAlreadyExistsException',
    `Trail all already exists for customer: ${accountId}`,
  ])
  expect(await refused({ Name: 'a b' })).toMatchObject(['InvalidTrailNameException', expect.any(String)])
  expect(await refused({ S3BucketName: 'Logs' })).toMatchObject(['InvalidS3BucketNameException', expect.any(String)])
  expect(await refused({ S3KeyPrefix: 'x'.repeat(201) })).toMatchObject([
    'InvalidS3PrefixException',
    expect.any(String),
  ])
  expect(await refused({ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false })).toEqual([
    'InvalidParameterCombinationException',
    'Multi-Region trail must include global service events.',
  ])
  expect(await refused({ SnsTopicName: 'topic' })).toEqual([
    'InsufficientSnsTopicPolicyException',
    'SNS Topic does not exist or the topic policy is incorrect!',
  ])
  expect(await refused({ KmsKeyId: 'alias/none' })).toMatchObject(['KmsKeyNotFoundException', expect.any(String)])
  const KmsKeyId = await journey.createKey()
  expect(await refused({ KmsKeyId })).toMatchObject(['InsufficientEncryptionPolicyException', expect.any(String)])
  const KeyId = KmsKeyId
  const Principal = { Service: 'cloudtrail.amazonaws.com' }
  const Condition = { StringLike: { 'kms:EncryptionContext:aws:cloudtrail:arn': 'arn:aws:cloudtrail:*' } }
  const Action = ['kms:DescribeKey', 'kms:GenerateDataKey*']
  const Policy = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal, Action, Resource: '*', Condition }] })
  const BypassPolicyLockoutSafetyCheck = true
  await journey.kms.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck }))
  // Who describes a key gives no context.
  expect(await refused({ KmsKeyId })).toMatchObject(['InsufficientEncryptionPolicyException', expect.any(String)])
  const CloudWatchLogsRoleArn = 'arn:aws:iam::000000000000:role/logs'
  expect(await refused({ CloudWatchLogsRoleArn })).toMatchObject([
    'InvalidCloudWatchLogsLogGroupArnException',
    expect.any(String),
  ])
  expect(await refused({ KmsKeyId: 'arn:aws:s3:::x' })).toMatchObject(['InvalidKmsKeyIdException', expect.any(String)])
})

test('A Region has five trails', async () => {
  const names = ['two', 'three', 'four', 'five']
  for (const Name of names) await here().send(new CreateTrailCommand({ ...all, Name }))
  const { code, message } = await failureOf(here().send(new CreateTrailCommand({ ...all, Name: 'six' })))
  expect([code, message]).toEqual([
    'MaximumNumberOfTrailsExceededException',
    `User: ${accountId} already has 5 trails in ${region}.`,
  ])
  for (const Name of names) await here().send(new DeleteTrailCommand({ Name }))
})

test('Tags are added, replaced and removed', async () => {
  const ResourceId = trailArn('all')
  const tags = async () => {
    const { ResourceTagList } = await here().send(new ListTagsCommand({ ResourceIdList: [ResourceId] }))
    return ResourceTagList
  }
  await here().send(new AddTagsCommand({ ResourceId, TagsList: [{ Key: 'env', Value: 'prod' }, { Key: 'team' }] }))
  expect(await tags()).toEqual([{ ResourceId, TagsList: [{ Key: 'env', Value: 'prod' }, { Key: 'team' }] }])
  await here().send(new RemoveTagsCommand({ ResourceId, TagsList: [{ Key: 'env' }] }))
  expect(await tags()).toEqual([{ ResourceId, TagsList: [{ Key: 'team' }] }])
  const ResourceIdList = Array.from({ length: 21 }, () => ResourceId)
  expect((await failureOf(here().send(new ListTagsCommand({ ResourceIdList })))).code).toBe('InvalidParameterException')
})

test('Selectors are read as they were put; one kind takes the place of the other', async () => {
  const read = async () => here().send(new GetEventSelectorsCommand({ TrailName: 'all' }))
  expect(await read()).toMatchObject({
    TrailARN: trailArn('all'),
    EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [] }],
  })
  const FieldSelectors = [{ Field: 'eventCategory', Equals: ['Management'] }]
  const AdvancedEventSelectors = [{ Name: 'own', FieldSelectors }]
  await here().send(new PutEventSelectorsCommand({ TrailName: 'all', AdvancedEventSelectors }))
  expect(await read()).toMatchObject({ AdvancedEventSelectors })
  expect((await read()).EventSelectors).toBeUndefined()
  const both = { TrailName: 'all', EventSelectors: [{}], AdvancedEventSelectors }
  expect((await failureOf(here().send(new PutEventSelectorsCommand(both)))).code).toBe('InvalidEventSelectorsException')
  const neither = await failureOf(here().send(new GetInsightSelectorsCommand({})))
  expect(neither.code).toBe('InvalidParameterCombinationException')
  const insights = here().send(new GetInsightSelectorsCommand({ TrailName: 'all' }))
  expect((await failureOf(insights)).code).toBe('InsightNotEnabledException')
})

test('A trail that comes to reach all Regions needs its name and a place in each', async () => {
  const become = async (Name: string) => {
    const { code, message } = await failureOf(here().send(new UpdateTrailCommand({ Name, IsMultiRegionTrail: true })))
    return [code, message]
  }
  const names = ['all', 'two', 'three', 'four', 'five']
  for (const Name of names) await elsewhere.send(new CreateTrailCommand({ ...all, Name }))
  const taken = ['TrailAlreadyExistsException', `Trail all already exists for customer: ${accountId}`]
  expect(await become('all')).toEqual(taken)
  await here().send(new CreateTrailCommand({ ...all, Name: 'own' }))
  const full = ['MaximumNumberOfTrailsExceededException', `User: ${accountId} already has 5 trails in eu-west-1.`]
  expect(await become('own')).toEqual(full)
  await elsewhere.send(new DeleteTrailCommand({ Name: 'five' }))
  const everywhere = { ...all, Name: 'four', IsMultiRegionTrail: true }
  expect((await failureOf(here().send(new CreateTrailCommand(everywhere)))).code).toBe('TrailAlreadyExistsException')
  await here().send(new UpdateTrailCommand({ Name: 'own', IsMultiRegionTrail: true }))
  // It counts as one there already.
  await here().send(new UpdateTrailCommand({ Name: 'own', IsMultiRegionTrail: true }))
  const fifth = elsewhere.send(new CreateTrailCommand({ ...all, Name: 'five' }))
  expect((await failureOf(fifth)).code).toBe('MaximumNumberOfTrailsExceededException')
  await here().send(new DeleteTrailCommand({ Name: 'own' }))
  for (const Name of names.slice(0, 4)) await elsewhere.send(new DeleteTrailCommand({ Name }))
})

test('A trail of all Regions is seen in each, changed in its own, and has files of each', async () => {
  expect((await elsewhere.send(new DescribeTrailsCommand({}))).trailList).toEqual([])
  await here().send(new UpdateTrailCommand({ Name: 'all', IsMultiRegionTrail: true, S3KeyPrefix: 'a/b' }))
  await here().send(new StartLoggingCommand({ Name: 'all' }))
  const seen = await elsewhere.send(new DescribeTrailsCommand({}))
  expect(seen.trailList).toMatchObject([{ Name: 'all', HomeRegion: region, IsMultiRegionTrail: true }])
  expect((await elsewhere.send(new DescribeTrailsCommand({ includeShadowTrails: false }))).trailList).toEqual([])
  const describe = async (name: string) =>
    (await elsewhere.send(new DescribeTrailsCommand({ trailNameList: [name] }))).trailList
  expect(await describe('all')).toEqual([])
  expect(await describe(trailArn('all'))).toMatchObject([{ Name: 'all', HomeRegion: region }])
  const byName = await failureOf(elsewhere.send(new GetTrailStatusCommand({ Name: 'all' })))
  expect([byName.code, byName.message]).toEqual([
    'TrailNotFoundException',
    `Unknown trail: all for the user: ${accountId}`,
  ])
  const status = await elsewhere.send(new GetTrailStatusCommand({ Name: trailArn('all') }))
  expect(status.IsLogging).toBe(true)
  for (const Name of ['all', trailArn('all')]) {
    const { code } = await failureOf(elsewhere.send(new DeleteTrailCommand({ Name })))
    expect(code).toBe('InvalidHomeRegionException')
  }
  await new KMSClient({ ...journey.configuration, region: 'eu-west-1' }).send(new ListKeysCommand({}))
  await journey.kms.send(new ListKeysCommand({}))
  journey.turn(5 * 60_000)
  await journey.settle()
  const { Contents = [] } = await journey.s3.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  const folder = `a/b/AWSLogs/${accountId}/CloudTrail`
  const regions = Contents.map(({ Key = '' }) => Key.slice(0, Key.indexOf('/', folder.length + 1)))
  expect(regions).toEqual([`${folder}/eu-west-1`, `${folder}/us-east-1`])
})

test('Calls of CloudTrail are in the event history, those that read too', async () => {
  const named = async (AttributeValue: string) =>
    journey.records({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue }] })
  expect((await named('UpdateTrail')).at(-1)).toMatchObject({
    eventSource: 'cloudtrail.amazonaws.com',
    readOnly: false,
    requestParameters: { name: 'all', isMultiRegionTrail: true, s3KeyPrefix: 'a/b' },
    responseElements: { trailARN: trailArn('all'), isMultiRegionTrail: true },
  })
  expect((await named('GetTrail')).at(-1)).toMatchObject({ readOnly: true, responseElements: null })
})

test('Events show the moments of a request as texts', async () => {
  const StartTime = new Date(Date.UTC(2026, 10, 30, 8, 5))
  await here().send(new ListPublicKeysCommand({ StartTime, EndTime: StartTime }))
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'ListPublicKeys' }]
  const [event] = await journey.records({ LookupAttributes })
  const moment = 'Nov 30, 2026, 8:05:00 AM'
  expect(event?.requestParameters).toEqual({ startTime: moment, endTime: moment })
})
