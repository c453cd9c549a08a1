import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { accountId, failureOf, type Journey, startJourney } from './emulator.ts'
import { makeUser, type User } from './open-doors/callers.ts'

/*
 * Example policies of the Amazon S3 User Guide that hang on conditions: tags, MFA, networks, headers. `anna` is a user without rights of
 * her own, whom the bucket's policy names.
 */

let journey: Journey
let anna: User
let hers: ReturnType<Journey['as']>['s3']
let bucket = ''
let count = 0

beforeAll(async () => {
  journey = await startJourney({ bucketDefaults: 'current' })
  anna = await makeUser(journey, 'anna')
  hers = journey.as(anna.keys.accessKeyId, anna.keys.secretAccessKey).s3
})
afterAll(() => journey.stop())
beforeEach(async () => {
  bucket = `conditions-${count++}`
  await journey.s3.send(new CreateBucketCommand({ Bucket: bucket }))
})

/** Allows anna, on all objects, what the statement does not say otherwise. */
function setPolicy(...statements: object[]) {
  const common = { Effect: 'Allow', Principal: { AWS: anna.arn }, Resource: `arn:aws:s3:::${bucket}/*` }
  const Statement = statements.map((statement) => ({ ...common, ...statement }))
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  return journey.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }))
}

const denyAll = (Condition: object) => ({
  ...{ Effect: 'Deny', Principal: '*', Action: 's3:*' },
  Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  Condition,
})

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}, s3 = hers) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x', ...more }))
const get = (Key: string, s3 = hers) => s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
const tag = (Key: string, tags: Record<string, string>) => {
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
  return hers.send(new PutObjectTaggingCommand({ Bucket: bucket, Key, Tagging: { TagSet } }))
}
const byAdministrator = (Key: string, more: Partial<PutObjectCommandInput> = {}) => put(Key, more, journey.s3)

async function passes(action: Promise<unknown>): Promise<void> {
  expect(await action).toBeDefined()
}

async function isRefused(action: Promise<unknown>, operation: string, Key: string, why?: string): Promise<void> {
  expect(await failureOf(action)).toEqual({
    code: 'AccessDenied',
    status: 403,
    message: `User: ${anna.arn} is not authorized to perform: s3:${operation} on resource: "arn:aws:s3:::${bucket}/${Key}" ${
      why ?? `because no identity-based policy allows the s3:${operation} action`
    }`,
  })
}
const explicitly = 'with an explicit deny in a resource-based policy'

test('who may read what has a tag reads nothing else', async () => {
  await setPolicy({
    Action: ['s3:GetObject', 's3:GetObjectVersion'],
    Condition: { StringEquals: { 's3:ExistingObjectTag/environment': 'production' } },
  })
  await byAdministrator('live', { Tagging: 'environment=production' })
  await byAdministrator('draft', { Tagging: 'environment=test' })
  await byAdministrator('bare')
  await passes(get('live'))
  await isRefused(get('draft'), 'GetObject', 'draft')
  await isRefused(get('bare'), 'GetObject', 'bare')
  await isRefused(get('none'), 'GetObject', 'none')
})

test('who may tag with some keys tags with no others', async () => {
  await setPolicy({
    Action: 's3:PutObjectTagging',
    Condition: { 'ForAllValues:StringLike': { 's3:RequestObjectTagKeys': ['Owner', 'CreationDate'] } },
  })
  await byAdministrator('a')
  await passes(tag('a', { Owner: 'anna', CreationDate: 'today' }))
  await passes(tag('a', {}))
  await isRefused(tag('a', { Owner: 'anna', Cost: '1' }), 'PutObjectTagging', 'a')
})

test('who must tag with one key and value adds nothing without them', async () => {
  await setPolicy({
    Action: ['s3:PutObject', 's3:PutObjectTagging'],
    Condition: { StringEquals: { 's3:RequestObjectTag/Department': 'Finance' } },
  })
  await passes(put('a', { Tagging: 'Department=Finance' }))
  await isRefused(put('b'), 'PutObject', 'b')
  await isRefused(put('b', { Tagging: 'Department=Sales' }), 'PutObject', 'b')
  await passes(tag('a', { Department: 'Finance', more: 'x' }))
  await isRefused(tag('a', { more: 'x' }), 'PutObjectTagging', 'a')
})

test('who may write and not tag writes without tags', async () => {
  await setPolicy({ Action: 's3:PutObject' })
  await passes(put('a'))
  await isRefused(put('a', { Tagging: 'a=b' }), 'PutObjectTagging', 'a')
})

test('without MFA there is nothing, whatever else allows it', async () => {
  await anna.grant({ Effect: 'Allow', Action: 's3:*', Resource: '*' })
  await passes(put('taxdocuments/2026'))
  await setPolicy({
    ...denyAll({ Null: { 'aws:MultiFactorAuthAge': true } }),
    Resource: `arn:aws:s3:::${bucket}/taxdocuments/*`,
  })
  await isRefused(get('taxdocuments/2026'), 'GetObject', 'taxdocuments/2026', explicitly)
  await passes(put('other'))
  await anna.grant()
})

test('what comes from no VPC endpoint, and from no organization, is denied', async () => {
  await setPolicy({ Action: 's3:GetObject' })
  await byAdministrator('a')
  await passes(get('a'))
  await setPolicy(
    { Action: 's3:GetObject' },
    {
      ...denyAll({ StringNotEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } }),
      Action: 's3:GetObject',
    },
  )
  await isRefused(get('a'), 'GetObject', 'a', explicitly)
  await setPolicy({ Action: 's3:GetObject', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-aa111bb222' } } })
  await isRefused(get('a'), 'GetObject', 'a')
})

test('a site’s pages may show the objects, others and no page at all may not', async () => {
  await journey.s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }))
  const Condition = { StringLike: { 'aws:Referer': ['http://www.example.com/*', 'http://example.com/*'] } }
  await setPolicy({ Principal: '*', Action: ['s3:GetObject', 's3:GetObjectVersion'], Condition })
  await byAdministrator('a')
  const show = async (headers: Record<string, string>) =>
    (await fetch(`${journey.endpoint}/${bucket}/a`, { headers })).status
  expect(await show({ referer: 'http://www.example.com/gallery' })).toBe(200)
  expect(await show({ referer: 'http://elsewhere.test/' })).toBe(403)
  expect(await show({})).toBe(403)
})

test('a distribution of CloudFront is let in, and nobody with it', async () => {
  const Condition = {
    StringEquals: { 'AWS:SourceArn': `arn:aws:cloudfront::${accountId}:distribution/EDFDVBD6EXAMPLE` },
  }
  await setPolicy({ Principal: { Service: 'cloudfront.amazonaws.com' }, Action: 's3:GetObject', Condition })
  await byAdministrator('a')
  const { PolicyStatus } = await journey.s3.send(new GetBucketPolicyStatusCommand({ Bucket: bucket }))
  expect(PolicyStatus?.IsPublic).toBe(false)
  await isRefused(get('a'), 'GetObject', 'a')
  expect((await fetch(`${journey.endpoint}/${bucket}/a`)).status).toBe(403)
})

test('a lister of one prefix, and of few keys at a time', async () => {
  const Condition = { StringEquals: { 's3:prefix': 'projects' }, NumericLessThanEquals: { 's3:max-keys': '10' } }
  await setPolicy({ Action: 's3:ListBucket', Resource: `arn:aws:s3:::${bucket}`, Condition })
  const list = (Prefix?: string, MaxKeys?: number) =>
    hers.send(new ListObjectsV2Command({ Bucket: bucket, Prefix, MaxKeys }))
  await passes(list('projects', 10))
  for (const asked of [list('projects', 11), list('projects'), list('other', 10), list(undefined, 10)]) {
    expect((await failureOf(asked)).code).toBe('AccessDenied')
  }
})

test('who may copy from one folder copies from no other', async () => {
  await setPolicy(
    { Action: ['s3:PutObject', 's3:GetObject'] },
    {
      ...denyAll({
        StringNotLike: { 's3:x-amz-copy-source': `${bucket}/public/*` },
        Null: { 's3:x-amz-copy-source': false },
      }),
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/*`,
    },
  )
  await byAdministrator('public/a')
  await byAdministrator('private/a')
  const copy = (source: string) =>
    hers.send(new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource: `${bucket}/${source}` }))
  await passes(copy('public/a'))
  await isRefused(copy('private/a'), 'PutObject', 'copy', explicitly)
  await passes(put('no-copy'))
})

test('storage classes and redirects are asked for by header', async () => {
  const Condition = { StringEquals: { 's3:x-amz-storage-class': ['STANDARD_IA'] } }
  await setPolicy({ Action: 's3:PutObject', Condition })
  await passes(put('a', { StorageClass: 'STANDARD_IA' }))
  await isRefused(put('a'), 'PutObject', 'a')
  await isRefused(put('a', { StorageClass: 'STANDARD' }), 'PutObject', 'a')
})
