import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio'
import { type Journey, startJourney } from '../emulator.ts'

/** The client of MinIO for Node (npm `minio`), which shares no code with AWS's own. */

let journey: Journey
let keyArn: string
let client: Client
const bucket = 'minio-client'

beforeAll(async () => {
  journey = await startJourney()
  keyArn = await journey.createKey()
  const { port } = journey
  const place = { endPoint: '127.0.0.1', port, useSSL: false }
  client = new Client({ ...place, accessKey: 'test', secretKey: 'test', partSize: 5 << 20 })
  await client.makeBucket(bucket)
})

afterAll(() => journey.stop())

const method = 'X-Amz-Server-Side-Encryption'
const underKms = () => ({ [method]: 'aws:kms', [`${method}-Aws-Kms-Key-Id`]: keyArn })
const key = randomBytes(32)
const customer = {
  SSECustomerAlgorithm: 'AES256',
  SSECustomerKey: key.toString('base64'),
  SSECustomerKeyMD5: createHash('md5').update(key).digest('base64'),
}
const customerHeaders = (prefix = 'X-Amz-') => ({
  [`${prefix}Server-Side-Encryption-Customer-Algorithm`]: customer.SSECustomerAlgorithm,
  [`${prefix}Server-Side-Encryption-Customer-Key`]: customer.SSECustomerKey,
  [`${prefix}Server-Side-Encryption-Customer-Key-MD5`]: customer.SSECustomerKeyMD5,
})

const read = async (name: string, options = {}) => buffer(await client.getObject(bucket, name, options))

test('an object under SSE-KMS goes there and back, and says so', async () => {
  const body = randomBytes(100_000)
  await client.putObject(bucket, 'sealed', body, body.length, underKms())
  expect((await read('sealed')).equals(body)).toBe(true)
  const part = await buffer(await client.getPartialObject(bucket, 'sealed', 10, 20))
  expect(part.equals(body.subarray(10, 30))).toBe(true)
  const { metaData, size } = await client.statObject(bucket, 'sealed')
  expect(size).toBe(body.length)
  expect(metaData['x-amz-server-side-encryption-aws-kms-key-id']).toBe(keyArn)
})

test('a stream goes up in parts under SSE-KMS', async () => {
  const body = randomBytes(11 << 20)
  const calls = await journey.kmsCallsDuring(async () => {
    const stored = await client.putObject(bucket, 'parts', Readable.from(pieces(body)), body.length, underKms())
    expect(stored.etag).toMatch(/-2$/)
  })
  const names = calls.map(({ eventName }) => eventName)
  // Create, two parts (5 and 6 MiB), Complete. (This client sends no customer's key with its parts: S3 refuses such uploads.)
  expect(names).toEqual(['GenerateDataKey', 'Decrypt', 'Decrypt', 'Decrypt'])
  expect((await read('parts')).equals(body)).toBe(true)
})

function* pieces(body: Buffer) {
  for (let start = 0; start < body.length; start += 1 << 20) yield body.subarray(start, start + (1 << 20))
}

test('an object under a customer’s key goes there and back with it alone', async () => {
  const body = randomBytes(1000)
  await client.putObject(bucket, 'customer', body, body.length, customerHeaders())
  expect((await read('customer', customer)).equals(body)).toBe(true)
  await expect(read('customer')).rejects.toMatchObject({
    code: 'InvalidRequest',
    message: expect.stringContaining('The object was stored using a form of Server Side Encryption.'),
  })
})

test('copies go from one scheme to the other, and are composed of several', async () => {
  const body = randomBytes(6 << 20)
  await client.putObject(bucket, 'source', body, body.length, underKms())
  const toCustomer = new CopyDestinationOptions({ Bucket: bucket, Object: 'copy-c', Headers: customerHeaders() })
  await client.copyObject(new CopySourceOptions({ Bucket: bucket, Object: 'source' }), toCustomer)
  expect((await read('copy-c', customer)).equals(body)).toBe(true)
  const Headers = { ...underKms(), ...customerHeaders('X-Amz-Copy-Source-') }
  const toKms = new CopyDestinationOptions({ Bucket: bucket, Object: 'copy-kms', Headers })
  await client.copyObject(new CopySourceOptions({ Bucket: bucket, Object: 'copy-c' }), toKms)
  expect((await read('copy-kms')).equals(body)).toBe(true)
  const composed = new CopyDestinationOptions({ Bucket: bucket, Object: 'composed', Headers: underKms() })
  const sources = ['source', 'copy-kms'].map((name) => new CopySourceOptions({ Bucket: bucket, Object: name }))
  await client.composeObject(composed, sources)
  expect((await read('composed')).equals(Buffer.concat([body, body]))).toBe(true)
})

test('parts under a customer’s key, copied from an object under a KMS key', async () => {
  const body = randomBytes(6 << 20)
  await client.putObject(bucket, 'source', body, body.length, underKms())
  const target = { bucketName: bucket, objectName: 'parts-c' }
  const uploadID = await client.initiateNewMultipartUpload(bucket, target.objectName, customerHeaders())
  const parts = []
  for (const partNumber of [1, 2]) {
    const headers = { ...customerHeaders(), 'x-amz-copy-source': `${bucket}/source` }
    parts.push(await client.uploadPart({ ...target, uploadID, partNumber, headers }, ''))
  }
  await client.completeMultipartUpload(bucket, target.objectName, uploadID, parts)
  expect((await read('parts-c', customer)).equals(Buffer.concat([body, body]))).toBe(true)
})

test('presigned URLs and forms', async () => {
  const put = await client.presignedPutObject(bucket, 'presigned', 3600)
  expect((await fetch(put, { method: 'PUT', body: 'presigned' })).status).toBe(200)
  const get = await client.presignedGetObject(bucket, 'presigned', 3600)
  expect(await (await fetch(get)).text()).toBe('presigned')
  const policy = client.newPostPolicy()
  policy.setBucket(bucket)
  policy.setKey('posted')
  policy.setExpires(new Date(journey.ambient.now() + 3_600_000))
  policy.setContentLengthRange(1, 100)
  const { postURL, formData } = await client.presignedPostPolicy(policy)
  const data = new FormData()
  for (const [name, value] of Object.entries(formData)) data.append(name, String(value))
  data.append('file', new Blob(['posted']), 'a')
  expect((await fetch(postURL, { method: 'POST', body: data })).status).toBe(204)
  expect((await read('posted')).toString()).toBe('posted')
})

test('the default encryption of a bucket, lists and removal', async () => {
  const name = 'minio-default'
  await client.makeBucket(name)
  const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn }
  await client.setBucketEncryption(name, { Rule: [{ ApplyServerSideEncryptionByDefault }] })
  expect(JSON.stringify(await client.getBucketEncryption(name))).toContain(keyArn)
  const [call] = await journey.kmsCallsDuring(() => client.putObject(name, 'folder/object', 'x'))
  expect(call).toMatchObject({ eventName: 'GenerateDataKey', resources: [{ ARN: keyArn }] })
  const listed: (string | undefined)[] = []
  for await (const item of client.listObjectsV2(name, '', true)) listed.push(item.name)
  expect(listed).toEqual(['folder/object'])
  await client.removeObjects(name, ['folder/object'])
  await client.removeBucketEncryption(name)
  await client.removeBucket(name)
  expect(await client.bucketExists(name)).toBe(false)
})

test('versions, tags, locks and lifecycles', async () => {
  const name = 'minio-versions'
  await client.makeBucket(name, 'us-east-1', { ObjectLocking: true })
  expect((await client.getBucketVersioning(name)).Status).toBe('Enabled')
  const { versionId: first } = await client.putObject(name, 'k', 'first')
  await client.putObject(name, 'k', 'second')
  const versionId = first ?? ''
  expect((await buffer(await client.getObject(name, 'k', { versionId }))).toString()).toBe('first')
  await client.setObjectTagging(name, 'k', { of: 'first', 'a b': 'ü' }, { versionId })
  expect(await client.getObjectTagging(name, 'k', { versionId })).toEqual(
    expect.arrayContaining([{ Key: 'of', Value: 'first' }]),
  )
  // S3 answers 204, which this client takes for a failure.
  await expect(client.setBucketTagging(name, { team: 'blue' })).rejects.toMatchObject({ code: '' })
  expect(await client.getBucketTagging(name)).toEqual([{ Key: 'team', Value: 'blue' }])
  await client.setObjectLegalHold(name, 'k', { versionId, status: 'ON' })
  await expect(client.removeObject(name, 'k', { versionId })).rejects.toMatchObject({ code: 'AccessDenied' })
  await client.setObjectLegalHold(name, 'k', { versionId, status: 'OFF' })
  await client.removeObject(name, 'k')
  const listed: unknown[] = []
  for await (const item of client.listObjects(name, '', true, { IncludeVersion: true })) listed.push(item)
  expect(listed).toHaveLength(3)
  const Rule = [{ ID: 'old', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } }]
  await client.setBucketLifecycle(name, { Rule })
  expect(JSON.stringify(await client.getBucketLifecycle(name))).toContain('"Days":3')
})
