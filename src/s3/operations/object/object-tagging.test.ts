import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { listOf } from '../../../protocol/rest-xml.ts'
import { openS3, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/key', { body: 'x' })
})
afterEach(() => s3.close())

const tag = (key: string, value: string) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`
const tagging = (...tags: string[]) => `<Tagging><TagSet>${tags.join('')}</TagSet></Tagging>`
const put = (body: string, target = '/bucket/key') => s3.call('PUT', `${target}?tagging`, { body })

async function tagsOf(target: string): Promise<unknown[]> {
  const { TagSet } = await (await s3.call('GET', `${target}?tagging`)).xml('Tagging')
  return typeof TagSet === 'object' && 'Tag' in TagSet ? listOf(TagSet.Tag) : []
}

test('Tags are set whole, read in the order they came, and taken away', async () => {
  expect(await tagsOf('/bucket/key')).toEqual([])
  const first = await put(tagging(tag('b', '1'), tag('a', 'é x+-=._:/@')))
  expect([first.status, first.text]).toEqual([200, ''])
  expect(await tagsOf('/bucket/key')).toEqual([
    { Key: 'b', Value: '1' },
    { Key: 'a', Value: 'é x+-=._:/@' },
  ])
  await put(tagging(tag('c', '')))
  expect(await tagsOf('/bucket/key')).toEqual([{ Key: 'c', Value: '' }])
  expect((await s3.call('DELETE', '/bucket/key?tagging')).status).toBe(204)
  expect((await s3.call('DELETE', '/bucket/key?tagging')).status).toBe(204)
  expect(await tagsOf('/bucket/key')).toEqual([])
})

test.each([tagging(), '<Tagging/>'])('%s takes the tags away', async (document) => {
  await put(tagging(tag('a', '1')))
  expect((await put(document)).status).toBe(200)
  expect(await tagsOf('/bucket/key')).toEqual([])
})

test('Date and ETag stay, bytes and class too', async () => {
  await s3.call('PUT', '/bucket/key', { body: 'y', headers: { 'x-amz-storage-class': 'STANDARD_IA' } })
  const before = await s3.call('HEAD', '/bucket/key')
  s3.ambient.turn(10_000)
  await put(tagging(tag('a', '1')))
  const after = await s3.call('HEAD', '/bucket/key')
  for (const name of ['etag', 'last-modified', 'x-amz-storage-class']) {
    expect(after.headers.get(name)).toBe(before.headers.get(name))
  }
  expect(after.headers.get('x-amz-tagging-count')).toBe('1')
  expect((await s3.call('GET', '/bucket/key')).text).toBe('y')
})

test('What is written over an object has its own tags', async () => {
  await put(tagging(tag('a', '1')))
  await s3.call('PUT', '/bucket/key', { body: 'y' })
  expect(await tagsOf('/bucket/key')).toEqual([])
})

const many = Array.from({ length: 11 }, (_, index) => tag(`k${index}`, ''))

test.each([
  ['', 'MissingRequestBodyError', 'Request Body is empty'],
  ['<Tagging>', 'MalformedXML', 'not well-formed'],
  ['<Other/>', 'MalformedXML', 'not well-formed'],
  [tagging('<Tag><Key>a</Key></Tag>'), 'MalformedXML', 'not well-formed'],
  [tagging('<Tag><Value>a</Value></Tag>'), 'MalformedXML', 'not well-formed'],
  [tagging(...many), 'BadRequest', 'Object tags cannot be greater than 10'],
  [tagging(tag('a', '1'), tag('a', '2')), 'InvalidTag', 'Cannot provide multiple Tags with the same key'],
  [tagging(tag('aws:a', '1')), 'InvalidTag', 'Your TagKey cannot be prefixed with aws:'],
  [tagging(tag('', '1')), 'InvalidTag', 'The TagKey you have provided is invalid'],
  [tagging(tag('a&lt;', '1')), 'InvalidTag', 'The TagKey you have provided is invalid'],
  [tagging(tag('k'.repeat(129), '1')), 'InvalidTag', 'The TagKey you have provided is invalid'],
  [tagging(tag('a', '&lt;')), 'InvalidTag', '<TagKey>a</TagKey><TagValue>&lt;</TagValue>'],
  [tagging(tag('a', 'v'.repeat(257))), 'InvalidTag', 'The TagValue you have provided is invalid'],
])('PutObjectTagging of %s is refused with %s', async (document, code, words) => {
  await put(tagging(tag('a', 'before')))
  const reply = await put(document)
  expect([reply.status, reply.code]).toEqual([400, code])
  expect(reply.text).toContain(words)
  expect(await tagsOf('/bucket/key')).toEqual([{ Key: 'a', Value: 'before' }])
})

test('A key that is missing is named with its bucket by GET alone', async () => {
  const keyOf = async (method: string, body?: string) => {
    const reply = await s3.call(method, '/bucket/none?tagging', { body })
    expect([reply.status, reply.code]).toEqual([404, 'NoSuchKey'])
    return (await reply.xml('Error')).Key
  }
  expect(await keyOf('GET')).toBe('bucket/none')
  expect(await keyOf('PUT', tagging(tag('a', '1')))).toBe('none')
  expect(await keyOf('DELETE')).toBe('none')
})

test('versionId names the version; the null version where there are no others', async () => {
  await put(tagging(tag('a', '1')), '/bucket/key')
  const reply = await s3.call('GET', '/bucket/key?tagging&versionId=null')
  expect([reply.status, reply.headers.get('x-amz-version-id')]).toEqual([200, null])
  expect(reply.text).toContain('<Key>a</Key>')
  const wrong = await s3.call('GET', '/bucket/key?tagging&versionId=no-version')
  expect([wrong.status, wrong.code]).toEqual([400, 'InvalidArgument'])
})

test('Each version has tags of its own; a delete marker has none', async () => {
  const enabled = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  await s3.call('PUT', '/bucket?versioning', { body: enabled })
  await put(tagging(tag('a', 'old')))
  const { headers } = await s3.call('PUT', '/bucket/key', { body: 'y', headers: { 'x-amz-tagging': 'a=new' } })
  const id = headers.get('x-amz-version-id')
  expect(await tagsOf('/bucket/key')).toEqual([{ Key: 'a', Value: 'new' }])
  const ofOld = await s3.call('GET', '/bucket/key?tagging&versionId=null')
  expect([ofOld.text.includes('old'), ofOld.headers.get('x-amz-version-id')]).toEqual([true, 'null'])
  const removed = await s3.call('DELETE', `/bucket/key?tagging&versionId=${id}`)
  expect([removed.status, removed.headers.get('x-amz-version-id')]).toEqual([204, id])
  expect(await tagsOf('/bucket/key')).toEqual([])
  await s3.call('DELETE', '/bucket/key')
  for (const [method, body] of [['GET'], ['PUT', tagging(tag('a', '1'))], ['DELETE']] as const) {
    const reply = await s3.call(method, '/bucket/key?tagging', { body })
    expect([reply.status, reply.code]).toEqual([405, 'MethodNotAllowed'])
    expect(reply.headers.get('x-amz-delete-marker')).toBe('true')
  }
})
