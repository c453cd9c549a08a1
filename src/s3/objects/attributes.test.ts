import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { EveryAttribute, ObjectAttributes } from '../records/object-attributes.ts'
import { isMarker, objectRecords } from '../records/object-record.ts'
import { openS3, owner, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket', { headers: { 'x-amz-bucket-object-lock-enabled': 'true' } })
})
afterEach(() => s3.close())

/** Each attribute as a header asks for it and as the record keeps it: a new one needs a row. */
const rows: { [Member in keyof EveryAttribute]: [headers: Record<string, string>, kept: ObjectAttributes[Member]] } = {
  tags: [
    { 'x-amz-tagging': 'b=2&a=%C3%A9+x' },
    [
      { Key: 'a', Value: 'é x' },
      { Key: 'b', Value: '2' },
    ],
  ],
  storageClass: [{ 'x-amz-storage-class': 'STANDARD_IA' }, 'STANDARD_IA'],
  websiteRedirectLocation: [{ 'x-amz-website-redirect-location': '/elsewhere' }, '/elsewhere'],
  retention: [
    { 'x-amz-object-lock-mode': 'GOVERNANCE', 'x-amz-object-lock-retain-until-date': '2090-01-01T00:00:00Z' },
    { mode: 'GOVERNANCE', retainUntil: Date.UTC(2090, 0) },
  ],
  legalHold: [{ 'x-amz-object-lock-legal-hold': 'ON' }, 'ON'],
}
const md5 = (text: string) => ({ 'content-md5': createHash('md5').update(text).digest('base64') })
const asked = Object.assign({}, ...Object.values(rows).map(([headers]) => headers)) as Record<string, string>
const kept = Object.fromEntries(Object.entries(rows).map(([member, [, value]]) => [member, value]))

function attributesAt(key: string) {
  const record = s3.database.get(objectRecords, ['bucket', key])
  return record && !isMarker(record) ? record.attributes : undefined
}

async function upload(headers: Record<string, string>): Promise<void> {
  const begun = await s3.call('POST', '/bucket/uploaded?uploads', { headers })
  const { UploadId } = await begun.xml('InitiateMultipartUploadResult')
  const part = await s3.call('PUT', `/bucket/uploaded?partNumber=1&uploadId=${UploadId}`, {
    body: 'part',
    headers: md5('part'),
  })
  const list = `<Part><PartNumber>1</PartNumber><ETag>${part.headers.get('etag')}</ETag></Part>`
  const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`
  // The second time it is answered from the object.
  for (const _ of [1, 2]) {
    const { status, headers: told } = await s3.call('POST', `/bucket/uploaded?uploadId=${UploadId}`, { body })
    expect([status, told.get('x-amz-storage-class')]).toEqual([200, 'STANDARD_IA'])
  }
}

test('Every attribute survives PutObject, CopyObject and a multipart upload', async () => {
  await s3.call('PUT', '/bucket/put', { headers: { ...asked, ...md5('x') }, body: 'x' })
  expect(attributesAt('put')).toEqual(kept)
  const replacing = { 'x-amz-copy-source': '/bucket/put', 'x-amz-tagging-directive': 'REPLACE', ...asked }
  expect((await s3.call('PUT', '/bucket/copied', { headers: replacing })).status).toBe(200)
  expect(attributesAt('copied')).toEqual(kept)
  await upload(asked)
  expect(attributesAt('uploaded')).toEqual(kept)
})

test('Every attribute survives a new ACL and another key', async () => {
  const sse = { 'x-amz-server-side-encryption': 'AES256' }
  await s3.call('PUT', '/bucket/put', { headers: { ...asked, ...sse, ...md5('x') }, body: 'x' })
  expect((await s3.call('PUT', '/bucket/put?acl', { headers: { 'x-amz-acl': 'private' } })).status).toBe(200)
  expect(attributesAt('put')).toEqual(kept)
  const from = { clientAddress: '127.0.0.1', userAgent: 'test', secure: false, requestId: s3.ambient.uuid() }
  const created = await s3.kms.invoke('CreateKey', {}, { caller: owner, region: 'us-east-1', ...from })
  const { KeyMetadata } = created as { KeyMetadata: { Arn: string } }
  const body = `<ObjectEncryption><SSE-KMS><KMSKeyArn>${KeyMetadata.Arn}</KMSKeyArn></SSE-KMS></ObjectEncryption>`
  const resealed = await s3.call('PUT', '/bucket/put?encryption', { body, headers: md5(body) })
  expect(resealed.status).toBe(200)
  expect(attributesAt('put')).toEqual(kept)
})

test('A plain object has none', async () => {
  await s3.call('PUT', '/bucket/plain', { body: 'x' })
  const standard = { 'x-amz-storage-class': 'STANDARD', 'x-amz-tagging': '' }
  await s3.call('PUT', '/bucket/standard', { headers: standard, body: 'x' })
  expect([attributesAt('plain'), attributesAt('standard')]).toEqual([undefined, undefined])
  const headers = (await s3.call('HEAD', '/bucket/standard')).headers
  expect(headers.get('x-amz-storage-class')).toBeNull()
  expect(headers.get('x-amz-tagging-count')).toBeNull()
})

test('GET and HEAD tell of class, redirect and the number of tags', async () => {
  const put = await s3.call('PUT', '/bucket/put', { headers: { ...asked, ...md5('x') }, body: 'x' })
  expect(put.headers.get('x-amz-storage-class')).toBe('STANDARD_IA')
  for (const method of ['GET', 'HEAD']) {
    const { headers } = await s3.call(method, '/bucket/put')
    expect(headers.get('x-amz-storage-class')).toBe('STANDARD_IA')
    expect(headers.get('x-amz-website-redirect-location')).toBe('/elsewhere')
    expect(headers.get('x-amz-tagging-count')).toBe('2')
  }
})

test('A copy takes the tags of its source, and neither its class nor its redirect', async () => {
  await s3.call('PUT', '/bucket/put', { headers: { ...asked, ...md5('x') }, body: 'x' })
  const copying = { 'x-amz-copy-source': '/bucket/put', 'x-amz-tagging': '%not read' }
  expect((await s3.call('PUT', '/bucket/copied', { headers: copying })).status).toBe(200)
  expect(attributesAt('copied')).toEqual({ tags: kept.tags })
  const replacing = { 'x-amz-copy-source': '/bucket/put', 'x-amz-tagging-directive': 'REPLACE' }
  await s3.call('PUT', '/bucket/untagged', { headers: replacing })
  expect(attributesAt('untagged')).toBeUndefined()
})

test.each([
  [{ 'x-amz-storage-class': 'STANDARD_IA' }, 200],
  [{ 'x-amz-storage-class': 'STANDARD' }, 200],
  [{ 'x-amz-website-redirect-location': '/there' }, 200],
  [{ 'x-amz-tagging-directive': 'REPLACE', 'x-amz-tagging': 'a=b' }, 400],
])('A copy onto itself with %j is answered %d', async (headers, status) => {
  await s3.call('PUT', '/bucket/put', { headers: { ...asked, ...md5('x') }, body: 'x' })
  const reply = await s3.call('PUT', '/bucket/put', { headers: { 'x-amz-copy-source': '/bucket/put', ...headers } })
  expect(reply.status).toBe(status)
})

test.each([
  ['x-amz-storage-class', 'COLD', 'InvalidStorageClass', 'The storage class you specified is not valid'],
  ['x-amz-storage-class', 'OUTPOSTS', 'InvalidStorageClass', 'The storage class you specified is not valid'],
  ['x-amz-storage-class', '', 'InvalidStorageClass', 'The storage class you specified is not valid'],
  ['x-amz-storage-class', 'FSX_OPENZFS', 'InvalidArgument', 'FSX_OPENZFS is not allowed.'],
  ['x-amz-website-redirect-location', 'there', 'InvalidRedirectLocation', "must have a prefix of 'http://'"],
  ['x-amz-website-redirect-location', `/${'x'.repeat(2048)}`, 'InvalidRedirectLocation', 'cannot exceed 2,048'],
  ['x-amz-tagging', 'a=1&a=2', 'InvalidArgument', 'shall be encoded as UTF-8 then URLEncoded URL query parameters'],
  ['x-amz-tagging', 'a=1,b=2', 'InvalidArgument', '<ArgumentValue>a=1,b=2</ArgumentValue>'],
  ['x-amz-tagging', 'a=%ff', 'InvalidArgument', '<ArgumentName>x-amz-tagging</ArgumentName>'],
  ['x-amz-tagging', '=1', 'InvalidTag', 'The TagKey you have provided is invalid'],
  ['x-amz-tagging', 'a%3C=1', 'InvalidTag', 'The TagKey you have provided is invalid'],
  ['x-amz-tagging', `${'k'.repeat(129)}=1`, 'InvalidTag', 'The TagKey you have provided is invalid'],
  ['x-amz-tagging', 'a=1%3C', 'InvalidTag', 'The TagValue you have provided is invalid'],
  ['x-amz-tagging', `a=${'v'.repeat(257)}`, 'InvalidTag', 'The TagValue you have provided is invalid'],
  ['x-amz-tagging', 'aws:a=1', 'InvalidTag', 'Your TagKey cannot be prefixed with aws:'],
  ['x-amz-tagging', 'abcdefghijk'.split('').join('&'), 'BadRequest', 'Object tags cannot be greater than 10'],
])('A write with %s: %s is refused with %s', async (name, value, code, words) => {
  await s3.call('PUT', '/bucket/key', { body: 'before' })
  const headers = { [name]: value }
  for (const reply of [
    await s3.call('PUT', '/bucket/key', { headers, body: 'after' }),
    await s3.call('POST', '/bucket/key?uploads', { headers }),
  ]) {
    expect([reply.status, reply.code]).toEqual([400, code])
    expect(reply.text).toContain(words)
  }
  expect((await s3.call('GET', '/bucket/key')).text).toBe('before')
})

test.each([
  ['a&b=', 2],
  ['a=1&&&b=2', 2],
  [`${'k'.repeat(128)}=${'v'.repeat(256)}`, 1],
  ['a+b=%20c_.:/%3D%2B@-', 1],
  ['1&2&3&4&5&6&7&8&9&10', 10],
])('x-amz-tagging: %s gives its tags', async (value, count) => {
  const reply = await s3.call('PUT', '/bucket/key', { headers: { 'x-amz-tagging': value }, body: 'x' })
  expect(reply.status).toBe(200)
  expect((await s3.call('HEAD', '/bucket/key')).headers.get('x-amz-tagging-count')).toBe(String(count))
})

test('Lists, attributes and parts name the class of everything', async () => {
  await s3.call('PUT', '/bucket/cold', { headers: { 'x-amz-storage-class': 'GLACIER' }, body: 'x' })
  const begun = await s3.call('POST', '/bucket/up?uploads', { headers: { 'x-amz-storage-class': 'ONEZONE_IA' } })
  const { UploadId } = await begun.xml('InitiateMultipartUploadResult')
  for (const target of ['/bucket', '/bucket?list-type=2', '/bucket?versions']) {
    expect((await s3.call('GET', target)).text).toContain('<StorageClass>GLACIER</StorageClass>')
  }
  for (const target of ['/bucket?uploads', `/bucket/up?uploadId=${UploadId}`]) {
    expect((await s3.call('GET', target)).text).toContain('<StorageClass>ONEZONE_IA</StorageClass>')
  }
  const headers = { 'x-amz-object-attributes': 'StorageClass' }
  const attributes = await s3.call('GET', '/bucket/cold?attributes', { headers })
  expect(attributes.text).toContain('<StorageClass>GLACIER</StorageClass>')
})

test.each(['GLACIER', 'DEEP_ARCHIVE'])('An object of the class %s is not read, nor copied', async (storageClass) => {
  await s3.call('PUT', '/bucket/cold', { headers: { 'x-amz-storage-class': storageClass }, body: 'x' })
  const read = await s3.call('GET', '/bucket/cold')
  expect(read.status).toBe(403)
  expect(await read.xml('Error')).toMatchObject({
    Code: 'InvalidObjectState',
    Message: "The operation is not valid for the object's storage class",
    StorageClass: storageClass,
  })
  const headers = { 'x-amz-copy-source': '/bucket/cold' }
  const copy = await s3.call('PUT', '/bucket/warm', { headers })
  expect([copy.status, copy.code]).toEqual([403, 'InvalidObjectState'])
  expect(copy.text).toContain("Operation is not valid for the source object's storage class")
  expect((await s3.call('HEAD', '/bucket/cold')).status).toBe(200)
})

test.each(['REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR'])(
  'An object of the class %s is read at once',
  async (storageClass) => {
    await s3.call('PUT', '/bucket/key', { headers: { 'x-amz-storage-class': storageClass }, body: 'x' })
    const read = await s3.call('GET', '/bucket/key')
    expect([read.status, read.text, read.headers.get('x-amz-storage-class')]).toEqual([200, 'x', storageClass])
  },
)
