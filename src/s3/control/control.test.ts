import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { listOf } from '../../protocol/rest-xml.ts'
import { DeclaredIdentities } from '../access/identities.fixture.ts'
import { accountId, type CallOptions, openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
let identities: DeclaredIdentities
beforeEach(async () => {
  identities = new DeclaredIdentities()
  s3 = await openS3('classic', identities)
  await s3.call('PUT', '/my.bucket')
})
afterEach(() => s3.close())

const arn = encodeURIComponent('arn:aws:s3:::my.bucket')
const tags = `/v20180820/tags/${arn}`
const block = '/v20180820/configuration/publicAccessBlock'

function control(method: string, target: string, options: CallOptions = {}) {
  return s3.call(method, target, { ...options, headers: { 'x-amz-account-id': accountId, ...options.headers } })
}

const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`
const request = (...all: string[]) =>
  `<TagResourceRequest xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"><Tags>${all.join('')}</Tags></TagResourceRequest>`
const many = (count: number, prefix = 'k') => Array.from({ length: count }, (_, index) => tag(`${prefix}${index}`, ''))

async function listed(): Promise<unknown[]> {
  const { Tags } = await (await control('GET', tags)).xml('ListTagsForResourceResult')
  return typeof Tags === 'object' && 'Tag' in Tags ? listOf(Tags.Tag) : []
}

test('Tags are added one by one, and are those of ?tagging', async () => {
  expect(await listed()).toEqual([])
  expect((await control('POST', tags, { body: request(tag('a', '1'), tag('b', '2')) })).status).toBe(204)
  expect((await control('POST', tags, { body: request(tag('b', '3'), tag('c', '')) })).status).toBe(204)
  expect(await listed()).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '3' },
    { Key: 'c', Value: '' },
  ])
  expect((await s3.call('GET', '/my.bucket?tagging')).text).toContain(tag('b', '3'))
  const untagged = await control('DELETE', `${tags}?tagKeys=a&tagKeys=b&tagKeys=not%20there`)
  expect(untagged.status).toBe(204)
  expect(await listed()).toEqual([{ Key: 'c', Value: '' }])
  await control('DELETE', `${tags}?tagKeys=c`)
  expect((await s3.call('GET', '/my.bucket?tagging')).code).toBe('NoSuchTagSet')
})

test.each([
  ['', 400, 'MalformedXML', 'not well-formed'],
  [request('<Tag><Key>a</Key></Tag>'), 400, 'MalformedXML', 'not well-formed'],
  [request(), 400, 'InvalidTag', 'At least one tag is required.'],
  [request(tag('aws:a', '')), 400, 'InvalidTag', 'This prefix is reserved for system tags.'],
  [request(tag('a', '1'), tag('a', '2')), 400, 'InvalidTag', 'There are duplicate tag keys in your request.'],
  [request(tag('a&lt;', '')), 400, 'InvalidTag', "a tag key or value that isn't valid"],
  [request(...many(41, 'more')), 400, 'TooManyTags', 'The maximum number of tags allowed on a resource is 50.'],
])('TagResource of %s is refused', async (body, status, code, words) => {
  await control('POST', tags, { body: request(...many(10)) })
  const reply = await control('POST', tags, { body })
  expect([reply.status, reply.code]).toEqual([status, code])
  expect(reply.text).toContain(words)
  expect(await listed()).toHaveLength(10)
})

test('Errors stand in an ErrorResponse', async () => {
  const reply = await control('GET', `/v20180820/tags/${encodeURIComponent('arn:aws:s3:::no-bucket')}`)
  expect(reply.status).toBe(404)
  const { Error: error, RequestId } = await reply.xml('ErrorResponse')
  expect(error).toEqual({ Code: 'NoSuchResource', Message: "The specified resource doesn't exist." })
  expect(RequestId).toBe(reply.headers.get('x-amz-request-id'))
})

test.each<[string, string, CallOptions, number, string, string]>([
  ['GET', '/v20180820/tags/bucket', {}, 400, 'InvalidURI', "Couldn't parse the specified URI."],
  ['GET', tags, { headers: { 'x-amz-account-id': '111111111111' } }, 400, 'InvalidRequest', 'does not own this S3'],
  ['GET', tags, { region: 'eu-west-1' }, 400, 'InvalidRequest', "using the bucket's region: us-east-1."],
  ['GET', tags, { caller: 'anonymous' }, 403, 'AccessDenied', 'Access Denied'],
  ['GET', tags, { headers: { 'x-amz-account-id': 'mine' } }, 400, 'InvalidRequest', 'not valid'],
  ['GET', block, { headers: { 'x-amz-account-id': '111111111111' } }, 403, 'AccessDenied', 'Access Denied'],
  ['PATCH', tags, {}, 405, 'MethodNotAllowed', 'not allowed against this resource'],
  ['GET', '/v20180820/accesspoint/mine/policy', {}, 501, 'NotImplemented', 'The operation GetAccessPointPolicy is not'],
])('%s %s with %j is refused', async (method, target, options, status, code, words) => {
  const reply = await control(method, target, options)
  expect([reply.status, reply.code]).toEqual([status, code])
  expect(reply.text).toContain(words)
})

test('A caller needs the action on the bucket, and on the account', async () => {
  const app = userCaller(accountId, 'app')
  const asApp = async (method: string, target: string, body?: string) =>
    (await control(method, target, { caller: app, body })).status
  const allow = (Action: string) => identities.policies.set(app.arn, [{ Effect: 'Allow', Action, Resource: '*' }])
  allow('s3:ListTagsForResource')
  expect(await asApp('GET', tags)).toBe(200)
  expect(await asApp('POST', tags, request(tag('a', '1')))).toBe(403)
  expect(await asApp('DELETE', `${tags}?tagKeys=a`)).toBe(403)
  expect(await asApp('GET', block)).toBe(403)
  allow('s3:*TagResource')
  expect(await asApp('POST', tags, request(tag('a', '1')))).toBe(204)
  expect(await asApp('DELETE', `${tags}?tagKeys=a`)).toBe(204)
  expect(await asApp('GET', tags)).toBe(403)
  const condition = { StringEquals: { 'aws:RequestTag/team': 'red' } }
  const ofTeam = { Effect: 'Allow', Action: 's3:TagResource', Resource: '*', Condition: condition }
  identities.policies.set(app.arn, [ofTeam])
  expect(await asApp('POST', tags, request(tag('team', 'red')))).toBe(204)
  expect(await asApp('POST', tags, request(tag('team', 'blue')))).toBe(403)
  allow('s3:GetAccountPublicAccessBlock')
  expect(await asApp('GET', block)).toBe(404)
  expect(await asApp('DELETE', block)).toBe(403)
})

test('Calls are in the trail, with their refusals', async () => {
  await control('POST', tags, { body: request(tag('a', '1')) })
  await control('POST', tags, { body: request() })
  await control('PUT', block, { body: '<PublicAccessBlockConfiguration/>' })
  const { records } = await s3.trail.lookup({ accountId, region: 'us-east-1', limit: 3 })
  expect(records.map(({ eventName, errorCode, eventSource }) => [eventName, errorCode, eventSource])).toEqual([
    ['PutPublicAccessBlock', 'InvalidRequest', 's3.amazonaws.com'],
    ['TagResource', 'InvalidTag', 's3.amazonaws.com'],
    ['TagResource', undefined, 's3.amazonaws.com'],
  ])
})

const blocking = (flag: string) =>
  `<PublicAccessBlockConfiguration><${flag}>true</${flag}></PublicAccessBlockConfiguration>`

test('The account’s public access block is set, read and taken away', async () => {
  const none = await control('GET', block)
  expect([none.status, none.code]).toEqual([404, 'NoSuchPublicAccessBlockConfiguration'])
  expect(none.text).toContain(`<AccountId>${accountId}</AccountId>`)
  expect((await control('PUT', block, { body: blocking('BlockPublicAcls') })).status).toBe(200)
  expect(await (await control('GET', block)).xml('PublicAccessBlockConfiguration')).toMatchObject({
    BlockPublicAcls: 'true',
    IgnorePublicAcls: 'false',
    BlockPublicPolicy: 'false',
    RestrictPublicBuckets: 'false',
  })
  for (const _ of [1, 2]) expect((await control('DELETE', block)).status).toBe(204)
  expect((await control('GET', block)).status).toBe(404)
  const empty = await control('PUT', block, { body: '<PublicAccessBlockConfiguration/>' })
  expect([empty.status, empty.code]).toEqual([400, 'InvalidRequest'])
  expect(empty.text).toContain('Must specify at least one configuration.')
})

test('What the account blocks is blocked on all its buckets', async () => {
  const open = { headers: { 'x-amz-acl': 'public-read' } }
  const anonymous = { caller: 'anonymous' as const }
  await s3.call('PUT', '/my.bucket/key', { ...open, body: 'x' })
  expect((await s3.call('GET', '/my.bucket/key', anonymous)).status).toBe(200)
  await control('PUT', block, { body: blocking('IgnorePublicAcls') })
  expect((await s3.call('GET', '/my.bucket/key', anonymous)).status).toBe(403)

  await control('PUT', block, { body: blocking('BlockPublicAcls') })
  expect((await s3.call('GET', '/my.bucket/key', anonymous)).status).toBe(200)
  expect((await s3.call('PUT', '/my.bucket/key?acl', open)).code).toBe('AccessDenied')
  expect((await s3.call('PUT', '/new-bucket', open)).code).toBe('InvalidBucketAclWithBlockPublicAccessError')

  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::my.bucket' }
  const body = JSON.stringify({ Version: '2012-10-17', Statement: statement })
  await control('PUT', block, { body: blocking('BlockPublicPolicy') })
  expect((await s3.call('PUT', '/my.bucket?policy', { body })).code).toBe('AccessDenied')
  await control('DELETE', block)
  expect((await s3.call('PUT', '/my.bucket?policy', { body })).status).toBe(204)
  expect((await s3.call('GET', '/my.bucket', anonymous)).status).toBe(200)
  await control('PUT', block, { body: blocking('RestrictPublicBuckets') })
  expect((await s3.call('GET', '/my.bucket', anonymous)).status).toBe(403)
})

test('A bucket that is called as S3 Control’s paths begin is a bucket', async () => {
  await s3.call('PUT', '/v20180820')
  await s3.call('PUT', '/v20180820/tags/key', { body: 'x' })
  expect((await s3.call('GET', '/v20180820/tags/key')).text).toBe('x')
})
