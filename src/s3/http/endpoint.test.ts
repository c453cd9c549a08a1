import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { userCaller } from '../../aws/caller.ts'
import { accountId, openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
})
afterEach(() => s3.close())

const stranger = userCaller('111122223333', 'stranger', 'stranger')

test('Every answer carries its ids and S3 as its server', async () => {
  const { headers } = await s3.call('GET', '/')
  expect(headers.get('x-amz-request-id')).toMatch(/^[A-Z0-9]{16}$/)
  expect(headers.get('x-amz-id-2')).toMatch(/^[A-Za-z0-9+/]{64}$/)
  expect(headers.get('server')).toBe('AmazonS3')
  expect(headers.get('content-type')).toBe('application/xml')
})

test('An error is a document with its own elements and the ids of the headers', async () => {
  const reply = await s3.call('GET', '/nowhere')
  expect(reply.status).toBe(404)
  expect(reply.headers.get('content-type')).toBe('application/xml')
  expect(await reply.xml('Error')).toEqual({
    Code: 'NoSuchBucket',
    Message: 'The specified bucket does not exist',
    BucketName: 'nowhere',
    RequestId: reply.headers.get('x-amz-request-id'),
    HostId: reply.headers.get('x-amz-id-2'),
  })
})

test('The error of a HEAD has no body', async () => {
  const reply = await s3.call('HEAD', '/nowhere')
  expect([reply.status, reply.text]).toEqual([404, ''])
})

test('What is not there is refused by its name', async () => {
  await s3.call('PUT', '/bucket')
  for (const [method, target, name] of [
    ['POST', '/bucket?metadataConfiguration', 'CreateBucketMetadataConfiguration'],
    ['PUT', '/bucket/key?renameObject', 'RenameObject'],
  ] as const) {
    const reply = await s3.call(method, target)
    expect([reply.status, reply.code]).toEqual([501, 'NotImplemented'])
    expect(reply.text).toContain(name)
  }
  const reply = await s3.call('PATCH', '/bucket')
  expect([reply.status, reply.code]).toEqual([405, 'MethodNotAllowed'])
})

test('A path that is not UTF-8 is not a URI', async () => {
  const reply = await s3.call('GET', '/bucket/%FF')
  expect([reply.status, reply.code]).toEqual([400, 'InvalidURI'])
})

test.each([
  ['DELETE', '/bucket/key', { 'x-amz-mfa': 'serial 123456' }, 'x-amz-mfa'],
  ['PUT', '/bucket/key', { 'x-amz-write-offset-bytes': '6' }, 'x-amz-write-offset-bytes'],
])('%s %s with %j is refused by the header that would have no effect', async (method, target, headers, name) => {
  await s3.call('PUT', '/bucket')
  const reply = await s3.call(method, target, { headers })
  expect(reply.status).toBe(501)
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'NotImplemented',
    Message: `The header ${name}: ${Object.values(headers)[0]} is not implemented by this emulator`,
    Header: name,
  })
})

test('A bucket without a lock has no retention to bypass', async () => {
  await s3.call('PUT', '/bucket')
  const headers = { 'x-amz-bypass-governance-retention': 'true' }
  const reply = await s3.call('DELETE', '/bucket/key', { headers })
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidArgument',
    Message: 'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.',
  })
})

test('A bucket without ACLs refuses them in words of its own', async () => {
  await s3.call('PUT', '/bucket', { headers: { 'x-amz-object-ownership': 'BucketOwnerEnforced' } })
  const reply = await s3.call('PUT', '/bucket/key', { headers: { 'x-amz-acl': 'public-read' } })
  expect([reply.status, reply.code]).toEqual([400, 'AccessControlListNotSupported'])
})

test('Strangers and the anonymous are denied', async () => {
  await s3.call('PUT', '/bucket')
  for (const caller of [stranger, 'anonymous'] as const) {
    for (const [method, target] of [
      ['GET', '/bucket'],
      ['GET', '/bucket/key'],
      ['PUT', '/bucket/key'],
      ['GET', '/bucket?encryption'],
      ['DELETE', '/bucket'],
    ] as const) {
      const reply = await s3.call(method, target, { caller })
      expect([method, target, reply.status, reply.code]).toEqual([method, target, 403, 'AccessDenied'])
    }
  }
  expect((await s3.call('GET', '/', { caller: 'anonymous' })).code).toBe('AccessDenied')
  expect((await s3.call('PUT', '/another', { caller: 'anonymous' })).code).toBe('AccessDenied')
})

test('An anonymous GET may not ask for response headers', async () => {
  await s3.call('PUT', '/bucket')
  const reply = await s3.call('GET', '/bucket/key?response-content-type=text/plain', { caller: 'anonymous' })
  expect(reply.status).toBe(400)
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidRequest',
    Message: 'Request specific response headers cannot be used for anonymous GET requests.',
  })
})

test('An anonymous write that asks for a KMS key hears that it must sign', async () => {
  await s3.call('PUT', '/bucket')
  const headers = { 'x-amz-server-side-encryption': 'aws:kms' }
  const reply = await s3.call('PUT', '/bucket/key', { headers, caller: 'anonymous' })
  expect([reply.status, reply.code]).toEqual([400, 'InvalidArgument'])
  expect(reply.text).toContain('require AWS Signature Version 4.')
})

test.each([
  ['000000000000', 200, undefined],
  ['111122223333', 403, 'AccessDenied'],
  ['me', 400, 'InvalidBucketOwnerAWSAccountID'],
])('x-amz-expected-bucket-owner %s', async (expected, status, code) => {
  await s3.call('PUT', '/bucket')
  const reply = await s3.call('GET', '/bucket', { headers: { 'x-amz-expected-bucket-owner': expected } })
  expect([reply.status, reply.code]).toEqual([status, code])
})

test('Management calls are recorded with the change they make, refused ones too; object calls are not', async () => {
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket', { region: 'eu-west-1' })
  await s3.call('PUT', '/bucket/key', { body: 'x' })
  await s3.call('DELETE', '/bucket')
  await s3.call('GET', '/nowhere?encryption')
  const { records } = await s3.trail.lookup({ accountId, region: 'us-east-1', limit: 10 })
  expect(records.reverse().map(({ eventName, errorCode, readOnly }) => [eventName, errorCode, readOnly])).toEqual([
    ['CreateBucket', undefined, false],
    ['DeleteBucket', 'BucketNotEmpty', false],
    ['GetBucketEncryption', 'NoSuchBucket', true],
  ])
  expect(records[2]).toMatchObject({
    eventSource: 's3.amazonaws.com',
    requestParameters: { bucketName: 'nowhere', encryption: '' },
    requestID: expect.stringMatching(/^[A-Z0-9]{16}$/),
  })
  const elsewhere = await s3.trail.lookup({ accountId, region: 'eu-west-1', limit: 10 })
  expect(elsewhere.records.map(({ errorCode }) => errorCode)).toEqual(['IllegalLocationConstraintException'])
})

test('A document that is too long is refused unread', async () => {
  await s3.call('PUT', '/bucket')
  const reply = await s3.call('PUT', '/bucket?encryption', { body: Buffer.alloc(2 << 20, 'x') })
  expect([reply.status, reply.code]).toEqual([400, 'MaxMessageLengthExceeded'])
})

test('A bucket is found by its host', async () => {
  await s3.call('PUT', '/bucket')
  await s3.call('PUT', '/bucket/a//b', { body: 'hello' })
  const reply = await s3.call('GET', '/a//b', { headers: { host: 'bucket.example.test' } })
  expect([reply.status, reply.text]).toEqual([200, 'hello'])
})

test('A browser’s preflight is refused: no bucket has a CORS configuration', async () => {
  await s3.call('PUT', '/bucket')
  const ask = async (target: string, headers: Record<string, string>) => {
    const reply = await s3.call('OPTIONS', target, { headers, caller: 'anonymous' })
    return [reply.status, reply.code, /<Message>(.*)<\/Message>/.exec(reply.text)?.[1]]
  }
  const headers = { origin: 'http://example.test', 'access-control-request-method': 'PUT' }
  expect(await ask('/bucket/key', {})).toEqual([
    400,
    'BadRequest',
    'Insufficient information. Origin request header needed.',
  ])
  expect(await ask('/bucket/key', headers)).toEqual([
    403,
    'AccessForbidden',
    'CORSResponse: CORS is not enabled for this bucket.',
  ])
  expect(await ask('/nowhere/key', headers)).toEqual([403, 'AccessForbidden', 'CORSResponse: Bucket not found'])
})
