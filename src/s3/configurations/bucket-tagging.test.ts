import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { XmlElement } from '../../protocol/rest-xml.ts'
import { configurationName } from '../records/configurations.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

const md5 = (body: string) => createHash('md5').update(body).digest('base64')
const tag = (key: string, value = '') => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`
const tagging = (tags: string) => `<Tagging><TagSet>${tags}</TagSet></Tagging>`

function put(body: string, target = '/bucket') {
  return s3.call('PUT', `${target}?tagging`, { body, headers: { 'content-md5': md5(body) } })
}

function create(tags: string) {
  const body = `<CreateBucketConfiguration><Tags>${tags}</Tags></CreateBucketConfiguration>`
  return s3.call('PUT', '/tagged', { body })
}

async function tags(target = '/bucket'): Promise<XmlElement[string]> {
  return Object((await (await s3.call('GET', `${target}?tagging`)).xml('Tagging')).TagSet).Tag
}

test('Tags are put, replaced as a whole, read in the order they were sent, and deleted', async () => {
  expect((await s3.call('GET', '/bucket?tagging')).code).toBe('NoSuchTagSet')
  const first = await put(tagging(tag('b', '2') + tag('a', '1')))
  expect([first.status, first.text]).toEqual([204, ''])
  expect(await tags()).toEqual([
    { Key: 'b', Value: '2' },
    { Key: 'a', Value: '1' },
  ])
  await put(tagging(tag('c')))
  expect(await tags()).toEqual({ Key: 'c', Value: '' })
  expect((await s3.call('DELETE', '/bucket?tagging')).status).toBe(204)
  expect((await s3.call('DELETE', '/bucket?tagging')).status).toBe(204)
  const gone = await s3.call('GET', '/bucket?tagging')
  expect(gone.status).toBe(404)
  expect(await gone.xml('Error')).toMatchObject({
    Code: 'NoSuchTagSet',
    Message: 'The TagSet does not exist',
    BucketName: 'bucket',
  })
})

test.each(['<Tagging/>', '<Tagging><TagSet/></Tagging>'])('%s takes the tags away', async (body) => {
  await put(tagging(tag('a')))
  expect((await put(body)).status).toBe(204)
  expect((await s3.call('GET', '/bucket?tagging')).code).toBe('NoSuchTagSet')
})

test('A bucket takes fifty tags, keys of 128 and values of 256 UTF-16 units, in any script', async () => {
  const fifty = Array.from({ length: 50 }, (_, index) => tag(`k${index}`)).join('')
  expect((await put(tagging(fifty))).status).toBe(204)
  expect((await put(tagging(tag('𐐷'.repeat(64), 'ä'.repeat(256))))).status).toBe(204)
  expect((await put(tagging(tag('a b+-=._:/@', 'ключ 鍵 ٣')))).status).toBe(204)
  expect(await tags()).toEqual({ Key: 'a b+-=._:/@', Value: 'ключ 鍵 ٣' })
})

const invalidKey = 'The TagKey you have provided is invalid'
const invalidValue = 'The TagValue you have provided is invalid'
const twice = 'Cannot provide multiple Tags with the same key'
const system = 'System tags cannot be added/updated by requester'
const almostSystem =
  'Invalid Tag. Tags cannot start with "aws:"(case insensitive) unless they are System Tags that start with "aws:"(case sensitive)'

test.each([
  ['a key twice', tag('a') + tag('a'), { Message: twice, TagKey: 'a' }],
  ['a system key', tag('aws:x'), { Message: system, TagKey: 'aws:x' }],
  ['a key that is almost a system key', tag('Aws:x'), { Message: almostSystem, TagKey: 'Aws:x' }],
  ['an empty key', tag(''), { Message: invalidKey }],
  ['a long key', tag('k'.repeat(129)), { Message: invalidKey }],
  ['a key of 65 pairs', tag('𐐷'.repeat(65)), { Message: invalidKey }],
  ['a key with a comma', tag('a,b'), { Message: invalidKey, TagKey: 'a,b' }],
  ['a long value', tag('k', 'v'.repeat(257)), { Message: invalidValue, TagKey: 'k' }],
  ['a value with a bracket', tag('k', '(v)'), { Message: invalidValue, TagKey: 'k', TagValue: '(v)' }],
])('PutBucketTagging with %s is InvalidTag and changes nothing', async (_, content, error) => {
  await put(tagging(tag('before')))
  const reply = await put(tagging(content))
  expect(reply.status).toBe(400)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'InvalidTag', ...error })
  expect(await tags()).toEqual({ Key: 'before', Value: '' })
})

test('Fifty-one tags are too many, for both operations', async () => {
  const many = Array.from({ length: 51 }, (_, index) => tag(`k${index}`)).join('')
  for (const reply of [await put(tagging(many)), await create(many)]) {
    expect(reply.status).toBe(400)
    expect(await reply.xml('Error')).toMatchObject({
      Code: 'BadRequest',
      Message: 'Bucket tag count cannot be greater than 50',
    })
  }
})

test.each([
  ['no key', '<Tagging><TagSet><Tag><Value>v</Value></Tag></TagSet></Tagging>'],
  ['no value', '<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>'],
  ['another element', '<Tagging><TagSet><Other/></TagSet></Tagging>'],
  ['another root', '<Tags/>'],
  ['no XML', 'x'],
])('PutBucketTagging with %s is MalformedXML', async (_, body) => {
  expect(await put(body)).toMatchObject({ status: 400, code: 'MalformedXML' })
})

test('PutBucketTagging demands a proof of its body, and a body', async () => {
  const body = tagging(tag('a'))
  expect(await s3.call('PUT', '/bucket?tagging', { body })).toMatchObject({ status: 400, code: 'InvalidRequest' })
  expect(await put('')).toMatchObject({ status: 400, code: 'MissingRequestBodyError' })
  expect(await put(body, '/nowhere')).toMatchObject({ status: 404, code: 'NoSuchBucket' })
})

test('CreateBucket takes tags', async () => {
  expect((await create(tag('a', '1') + tag('b', '2'))).status).toBe(200)
  expect(await tags('/tagged')).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ])
})

test('Making a bucket again: a conflict with any tags, and without the tags stay', async () => {
  await create(tag('a'))
  expect(await create(tag('a'))).toMatchObject({ status: 409, code: 'BucketAlreadyOwnedByYou' })
  expect((await create('')).status).toBe(200)
  expect(await tags('/tagged')).toEqual({ Key: 'a', Value: '' })
})

test('CreateBucket refuses tags in words of its own, and makes no bucket then', async () => {
  const reply = await create(tag('aws:x'))
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidTag',
    Message:
      'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. ' +
      'Remove "aws:" from your tag keys and try again.',
  })
  for (const tags of [tag('a') + tag('a'), tag('a,b'), tag('k', '(v)')])
    expect((await create(tags)).code).toBe('InvalidTag')
  expect((await create('<Tag><Key>k</Key></Tag>')).code).toBe('MalformedXML')
  expect((await s3.call('HEAD', '/tagged')).status).toBe(404)
})

test('Tags go with their bucket: one that is made anew has none', async () => {
  await create(tag('a'))
  expect((await s3.call('DELETE', '/tagged')).status).toBe(204)
  const left: unknown[] = []
  const { records } = configurationName('')
  for await (const { key } of s3.database.entries(records, { within: ['tagged'] })) left.push(key)
  expect(left).toEqual([])
  await s3.call('PUT', '/tagged')
  expect((await s3.call('GET', '/tagged?tagging')).code).toBe('NoSuchTagSet')
})

test('A change of tags is recorded in the trail with its document', async () => {
  await put(tagging(tag('a', '1')))
  const { records } = await s3.trail.lookup({ accountId, region: 'us-east-1', limit: 1 })
  expect(records).toMatchObject([
    {
      eventName: 'PutBucketTagging',
      readOnly: false,
      requestParameters: { bucketName: 'bucket', Tagging: { TagSet: { Tag: { Key: 'a', Value: '1' } } } },
    },
  ])
})
