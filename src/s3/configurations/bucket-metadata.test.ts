import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

test.each([
  ['GET', 'metadataConfiguration'],
  ['DELETE', 'metadataConfiguration'],
  ['PUT', 'metadataInventoryTable'],
  ['PUT', 'metadataJournalTable'],
])('%s ?%s: no bucket has a metadata configuration', async (method, name) => {
  const reply = await s3.call(method, `/bucket?${name}`)
  expect(reply.status).toBe(404)
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'MetadataConfigurationNotFound',
    Message: 'The metadata configuration was not found',
    BucketName: 'bucket',
  })
})

test.each([
  ['GET', 'GetBucketMetadataTableConfiguration', 'GetBucketMetadataConfiguration'],
  ['POST', 'CreateBucketMetadataTableConfiguration', 'CreateBucketMetadataConfiguration'],
  ['DELETE', 'DeleteBucketMetadataTableConfiguration', 'DeleteBucketMetadataConfiguration'],
])('%s ?metadataTable is not allowed any more: its successor is named', async (method, operation, successor) => {
  const reply = await s3.call(method, '/bucket?metadataTable')
  expect(reply.status).toBe(405)
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'V1APIsNotAllowed',
    Message: `The V1 ${operation} API operation isn't available for this account. Use the corresponding V2 ${successor} API operation instead.`,
    Method: method,
  })
  expect((await s3.call(method, '/nowhere?metadataTable')).code).toBe('NoSuchBucket')
})

test('Making a metadata configuration is not implemented', async () => {
  expect(await s3.call('POST', '/bucket?metadataConfiguration')).toMatchObject({ status: 501, code: 'NotImplemented' })
})

test('?session of a general purpose bucket lists its objects', async () => {
  await s3.call('PUT', '/bucket/key', { body: 'x' })
  const reply = await s3.call('GET', '/bucket?session&prefix=k')
  expect(reply.status).toBe(200)
  expect(await reply.xml('ListBucketResult')).toMatchObject({ Contents: { Key: 'key' }, Prefix: 'k' })
})

test('S3 Select is closed: nobody is asked what is selected', async () => {
  const reply = await s3.call('POST', '/bucket/key?select&select-type=2', { body: '<SelectObjectContentRequest/>' })
  expect(reply.status).toBe(405)
  expect(await reply.xml('Error')).toMatchObject({ Code: 'MethodNotAllowed', Method: 'POST' })
  expect((await s3.call('POST', '/nowhere/key?select&select-type=2')).code).toBe('NoSuchBucket')
})

test('What is for directory buckets or Object Lambda alone is refused by its name', async () => {
  const rename = await s3.call('PUT', '/bucket/key?renameObject', { headers: { 'x-amz-rename-source': '/bucket/a' } })
  expect(rename).toMatchObject({ status: 501, code: 'NotImplemented' })
  expect(rename.text).toContain('The operation RenameObject is not implemented')
  const headers = { 'x-amz-request-route': 'r', 'x-amz-request-token': 't' }
  const lambda = await s3.call('POST', '/WriteGetObjectResponse', { headers })
  expect(lambda.text).toContain('The operation WriteGetObjectResponse is not implemented')
})
