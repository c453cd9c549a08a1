import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'
import { DeclaredIdentities } from './identities.fixture.ts'

/* What policies ask of an object's tags, and what a caller needs who sets or copies them. */

const app = userCaller(accountId, 'app')
let s3: S3Fixture
let identities: DeclaredIdentities

beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/red', { body: 'x', headers: { 'x-amz-tagging': 'colour=red' } })
  await s3.call('PUT', '/bucket/blue', { body: 'x', headers: { 'x-amz-tagging': 'colour=blue' } })
})
afterEach(() => s3.close())

function allow(...statements: { Action: string | string[]; Condition?: object }[]): void {
  const listing = { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }
  const rows = statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement }))
  identities.policies.set(app.arn, [listing, ...rows])
}

const asApp = async (method: string, target: string, headers: Record<string, string> = {}, body?: string) =>
  (await s3.call(method, target, { caller: app, headers, body })).status

const red = { StringEquals: { 's3:ExistingObjectTag/colour': 'red' } }
const document = (value: string) =>
  `<Tagging><TagSet><Tag><Key>colour</Key><Value>${value}</Value></Tag></TagSet></Tagging>`

test('A tag that is there decides who reads the object, its tags and its ACL', async () => {
  allow({ Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectAcl'], Condition: red })
  for (const target of ['', '?tagging', '?acl']) {
    expect(await asApp('GET', `/bucket/red${target}`)).toBe(200)
    expect(await asApp('GET', `/bucket/blue${target}`)).toBe(403)
  }
  expect(await asApp('GET', '/bucket/none')).toBe(403)
})

test('How many tags there are is told to who may read them', async () => {
  const counted = async () => (await s3.call('HEAD', '/bucket/red', { caller: app })).headers.get('x-amz-tagging-count')
  allow({ Action: 's3:GetObject' })
  expect(await counted()).toBeNull()
  allow({ Action: ['s3:GetObject', 's3:GetObjectTagging'] })
  expect(await counted()).toBe('1')
})

test('The tags that PutObjectTagging brings are asked for, and those that are there', async () => {
  allow({ Action: 's3:PutObjectTagging', Condition: { StringEquals: { 's3:RequestObjectTag/colour': 'green' } } })
  expect(await asApp('PUT', '/bucket/red?tagging', {}, document('green'))).toBe(200)
  expect(await asApp('PUT', '/bucket/red?tagging', {}, document('red'))).toBe(403)
  allow({ Action: 's3:PutObjectTagging', Condition: { StringEquals: { 's3:ExistingObjectTag/colour': 'green' } } })
  expect(await asApp('PUT', '/bucket/red?tagging', {}, document('red'))).toBe(200)
  expect(await asApp('PUT', '/bucket/red?tagging', {}, document('green'))).toBe(403)
})

test('DeleteObjectTagging and a write with tags have actions of their own', async () => {
  allow({ Action: ['s3:PutObject', 's3:PutObjectTagging'] })
  expect(await asApp('DELETE', '/bucket/red?tagging')).toBe(403)
  expect(await asApp('PUT', '/bucket/new', { 'x-amz-tagging': 'a=b' }, 'x')).toBe(200)
  allow({ Action: ['s3:PutObject', 's3:DeleteObjectTagging'] })
  expect(await asApp('PUT', '/bucket/new', { 'x-amz-tagging': 'a=b' }, 'x')).toBe(403)
  expect(await asApp('PUT', '/bucket/new', {}, 'x')).toBe(200)
  expect(await asApp('DELETE', '/bucket/red?tagging')).toBe(204)
})

test('Who copies tags along may read them there and write them here', async () => {
  const copying = { 'x-amz-copy-source': '/bucket/red' }
  const reading = ['s3:GetObject', 's3:PutObject']
  allow({ Action: reading })
  expect(await asApp('PUT', '/bucket/copy', copying)).toBe(403)
  expect(await asApp('PUT', '/bucket/copy', { ...copying, 'x-amz-tagging-directive': 'REPLACE' })).toBe(403)
  allow({ Action: [...reading, 's3:GetObjectTagging'] })
  expect(await asApp('PUT', '/bucket/copy', copying)).toBe(403)
  allow({ Action: [...reading, 's3:GetObjectTagging', 's3:PutObjectTagging'] })
  expect(await asApp('PUT', '/bucket/copy', copying)).toBe(200)
  await s3.call('DELETE', '/bucket/red?tagging')
  allow({ Action: reading })
  expect(await asApp('PUT', '/bucket/copy', copying)).toBe(200)
})
