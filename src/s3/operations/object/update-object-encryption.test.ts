import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { nullVersion, objectParts } from '../../records/object-record.ts'
import { accountId, type CallOptions, openS3, owner, type S3Fixture } from '../../s3.fixture.ts'

let s3: S3Fixture
let oldKey: string
let newKey: string

beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  oldKey = await createKey()
  newKey = await createKey()
})
afterEach(() => s3.close())

const kms = (operation: string, input: object = {}) => {
  const from = { clientAddress: '127.0.0.1', userAgent: 'test', secure: false, requestId: s3.ambient.uuid() }
  return s3.kms.invoke(operation, input, { caller: owner, region: 'us-east-1', ...from })
}

async function createKey(): Promise<string> {
  const { KeyMetadata } = (await kms('CreateKey')) as { KeyMetadata: { Arn: string } }
  return KeyMetadata.Arn
}

/** The KMS events while `action` ran: name, key, and the ARN in the context. */
async function kmsCallsDuring(action: () => Promise<unknown>): Promise<unknown[]> {
  const all = async () => {
    const { records } = await s3.trail.lookup({ accountId, region: 'us-east-1', limit: 1000 })
    return records.filter(({ eventSource }) => eventSource === 'kms.amazonaws.com').reverse()
  }
  const before = (await all()).length
  await action()
  return (await all()).slice(before).map(({ eventName, resources, requestParameters, errorCode }) => {
    const context = requestParameters?.encryptionContext as Record<string, string> | undefined
    return [eventName, resources?.[0]?.ARN, context?.['aws:s3:arn'], ...(errorCode ? [errorCode] : [])]
  })
}

const underKms = (key: string) => ({
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': key,
})

const document = (content: string) =>
  `<ObjectEncryption xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</ObjectEncryption>`
const toKey = (arn: string, more = '') => document(`<SSE-KMS><KMSKeyArn>${arn}</KMSKeyArn>${more}</SSE-KMS>`)

function update(body: string, key = 'key', options: CallOptions = {}) {
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
  return s3.call('PUT', `/bucket/${key}?encryption`, { body, headers, ...options })
}

const get = (key = 'key') => s3.call('GET', `/bucket/${key}`)
const put = (headers: Record<string, string>, key = 'key') =>
  s3.call('PUT', `/bucket/${key}`, { body: 'hello', headers })

test('An object under SSE-S3 comes under a KMS key; ETag, date, metadata, checksum and stored bytes stay', async () => {
  await put({ 'x-amz-server-side-encryption': 'AES256', 'x-amz-meta-a': 'b' })
  const checksum = () => s3.call('HEAD', '/bucket/key', { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
  const [before, checksumBefore] = [await get(), (await checksum()).headers.get('x-amz-checksum-crc64nvme')]
  s3.ambient.turn(60_000)
  const calls = await kmsCallsDuring(async () => {
    const reply = await update(toKey(newKey))
    expect([reply.status, reply.text]).toEqual([200, ''])
  })
  expect(calls).toEqual([['GenerateDataKey', newKey, 'arn:aws:s3:::bucket/key']])
  const after = await get()
  expect(after.text).toBe('hello')
  for (const name of ['etag', 'last-modified', 'x-amz-meta-a'])
    expect(after.headers.get(name)).toBe(before.headers.get(name))
  expect(after.headers.get('etag')).toBe(`"${createHash('md5').update('hello').digest('hex')}"`)
  expect(after.headers.get('x-amz-server-side-encryption-aws-kms-key-id')).toBe(newKey)
  const sealed = await kmsCallsDuring(async () => {
    expect((await checksum()).headers.get('x-amz-checksum-crc64nvme')).toBe(checksumBefore)
  })
  expect(sealed).toEqual([['Decrypt', newKey, 'arn:aws:s3:::bucket/key']])
})

test('An object changes its KMS key: afterwards the old key may go', async () => {
  await put(underKms(oldKey))
  const calls = await kmsCallsDuring(() => update(toKey(newKey, '<BucketKeyEnabled>true</BucketKeyEnabled>')))
  expect(calls).toEqual([
    ['Decrypt', oldKey, 'arn:aws:s3:::bucket/key'],
    ['GenerateDataKey', newKey, 'arn:aws:s3:::bucket'],
  ])
  await kms('DisableKey', { KeyId: oldKey })
  const read = await get()
  expect([read.text, read.headers.get('x-amz-server-side-encryption-bucket-key-enabled')]).toEqual(['hello', 'true'])
  await kms('DisableKey', { KeyId: newKey })
  s3.ambient.turn(301_000)
  expect((await get()).code).toBe('KMS.DisabledException')
})

test('A multipart object is re-sealed whole, its parts readable by number', async () => {
  const created = await s3.call('POST', '/bucket/key?uploads', { headers: underKms(oldKey) })
  const { UploadId } = await created.xml('InitiateMultipartUploadResult')
  const part = async (number: number, body: Uint8Array) => {
    const stored = await s3.call('PUT', `/bucket/key?partNumber=${number}&uploadId=${UploadId}`, { body })
    return `<Part><PartNumber>${number}</PartNumber><ETag>${stored.headers.get('etag')}</ETag></Part>`
  }
  const parts = (await part(1, Buffer.alloc(5 << 20, 'a'))) + (await part(2, Buffer.from('second')))
  const body = `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`
  expect((await s3.call('POST', `/bucket/key?uploadId=${UploadId}`, { body })).status).toBe(200)
  expect((await update(toKey(newKey))).status).toBe(200)
  await kms('DisableKey', { KeyId: oldKey })
  expect((await s3.call('GET', '/bucket/key?partNumber=2')).text).toBe('second')
  expect((await get()).text.length).toBe((5 << 20) + 6)
})

test('The checksums of parts that SSE-S3 kept in clear are sealed, and told as before', async () => {
  const headers = { 'x-amz-server-side-encryption': 'AES256', 'x-amz-checksum-algorithm': 'SHA256' }
  const created = await s3.call('POST', '/bucket/key?uploads', { headers })
  const { UploadId } = await created.xml('InitiateMultipartUploadResult')
  const part = async (number: number, body: Uint8Array) => {
    const value = createHash('sha256').update(body).digest('base64')
    const place = `/bucket/key?partNumber=${number}&uploadId=${UploadId}`
    const stored = await s3.call('PUT', place, { body, headers: { 'x-amz-checksum-sha256': value } })
    const etag = stored.headers.get('etag')
    const xml = `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><ChecksumSHA256>${value}</ChecksumSHA256></Part>`
    return { value, xml }
  }
  const parts = [await part(1, Buffer.alloc(5 << 20, 'a')), await part(2, Buffer.from('second'))]
  const body = `<CompleteMultipartUpload>${parts.map(({ xml }) => xml).join('')}</CompleteMultipartUpload>`
  expect((await s3.call('POST', `/bucket/key?uploadId=${UploadId}`, { body })).status).toBe(200)
  const kept = () => JSON.stringify(s3.database.get(objectParts, ['bucket', 'key', nullVersion]))
  const told = async () => {
    const asked = { headers: { 'x-amz-object-attributes': 'ObjectParts,Checksum' } }
    return (await s3.call('GET', '/bucket/key?attributes', asked)).text
  }
  const before = await told()
  for (const { value } of parts) {
    expect(before).toContain(value)
    expect(kept()).toContain(value)
  }
  expect((await update(toKey(newKey))).status).toBe(200)
  for (const { value } of parts) expect(kept()).not.toContain(value)
  expect(await told()).toBe(before)
  await kms('DisableKey', { KeyId: newKey })
  expect(await told()).toContain('KMS.DisabledException')
})

test('A key that KMS refuses leaves the object as it was', async () => {
  await put(underKms(oldKey))
  await kms('DisableKey', { KeyId: newKey })
  const calls = await kmsCallsDuring(async () => {
    const reply = await update(toKey(newKey))
    expect([reply.status, reply.code]).toEqual([400, 'KMS.DisabledException'])
  })
  expect(calls).toEqual([
    ['Decrypt', oldKey, 'arn:aws:s3:::bucket/key'],
    ['GenerateDataKey', newKey, 'arn:aws:s3:::bucket/key', 'DisabledException'],
  ])
  expect((await get()).headers.get('x-amz-server-side-encryption-aws-kms-key-id')).toBe(oldKey)
  const unknown = await update(toKey(newKey.replace(/.{12}$/, '000000000000')))
  expect([unknown.status, unknown.code]).toEqual([400, 'KMS.NotFoundException'])
})

test('Only objects under SSE-S3 and SSE-KMS can be updated', async () => {
  const key = randomBytes(32)
  const customer = 'x-amz-server-side-encryption-customer'
  const customerKey = {
    [`${customer}-algorithm`]: 'AES256',
    [`${customer}-key`]: key.toString('base64'),
    [`${customer}-key-md5`]: createHash('md5').update(key).digest('base64'),
  }
  const refusal = async (headers: Record<string, string>) => {
    await put(headers)
    const calls = await kmsCallsDuring(async () => expect((await update(toKey(newKey))).code).toBe('InvalidRequest'))
    expect(calls).toEqual([])
    return (await (await update(toKey(newKey))).xml('Error')).Message
  }
  expect(await refusal({})).toBe(
    "The UpdateObjectEncryption operation doesn't support unencrypted source objects. " +
      'Only source objects encrypted with SSE-S3 or SSE-KMS are supported.',
  )
  const unsupported =
    "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. " +
    'Only source objects encrypted with SSE-S3 or SSE-KMS are supported.'
  expect(await refusal(customerKey)).toBe(unsupported)
  expect(await refusal({ 'x-amz-server-side-encryption': 'aws:kms:dsse' })).toBe(unsupported)
  expect((await update(toKey(newKey), 'nothing')).code).toBe('NoSuchKey')
})

test.each([
  ['another type', '<SSE-S3/>', 'require a valid new encryption type'],
  ['no type', '', 'require a valid new encryption type'],
  ['DSSE-KMS', '<DSSE-KMS/>', "doesn't support updating the encryption type to DSSE-KMS or SSE-C"],
  ['no key', '<SSE-KMS></SSE-KMS>', 'require an AWS KMS key Amazon Resource Name (ARN)'],
  [
    'a key id',
    '<SSE-KMS><KMSKeyArn>1234</KMSKeyArn></SSE-KMS>',
    'require a valid AWS KMS key Amazon Resource Name (ARN)',
  ],
  [
    'an alias',
    '<SSE-KMS><KMSKeyArn>arn:aws:kms:us-east-1:000000000000:alias/a</KMSKeyArn></SSE-KMS>',
    'require a valid AWS KMS key Amazon Resource Name (ARN)',
  ],
  [
    'a bucket key that is neither',
    '<SSE-KMS><KMSKeyArn>arn:aws:kms:us-east-1:000000000000:key/a</KMSKeyArn><BucketKeyEnabled>yes</BucketKeyEnabled></SSE-KMS>',
    "The BucketKeyEnabled value isn't valid.",
  ],
])('A document with %s is refused in the documented words', async (_, content, words) => {
  await put(underKms(oldKey))
  const reply = await update(document(content))
  expect([reply.status, reply.code]).toEqual([400, 'InvalidRequest'])
  expect((await reply.xml('Error')).Message).toContain(words)
})

test('A key of another account, a document of another root, and a body without proof are refused', async () => {
  await put(underKms(oldKey))
  const foreign = await update(toKey('arn:aws:kms:us-east-1:111122223333:key/a'))
  expect([foreign.status, foreign.code]).toEqual([403, 'AccessDenied'])
  expect((await update('<Other/>')).code).toBe('MalformedXML')
  expect((await update('')).code).toBe('MissingRequestBodyError')
  expect((await update(toKey(newKey), 'key', { headers: {} })).code).toBe('InvalidRequest')
  expect((await update(toKey(newKey), 'key', { caller: 'anonymous' })).status).toBe(403)
})

test('An object that was written anew meanwhile is left as it is now', async () => {
  await put(underKms(oldKey))
  const updated = update(toKey(newKey))
  const written = put({}, 'key')
  const [first, second] = await Promise.all([updated, written])
  expect(second.status).toBe(200)
  const scheme = (await get()).headers.get('x-amz-server-side-encryption')
  // Whoever came first: the write is never undone.
  expect([first.status, scheme]).toEqual(first.status === 200 ? [200, null] : [409, null])
})

test('GetObjectTorrent refuses what is under a customer’s key, and there are no others any more', async () => {
  await put({})
  for (const key of ['key', 'nothing']) {
    const reply = await s3.call('GET', `/bucket/${key}?torrent`)
    expect([reply.status, await reply.xml('Error')]).toMatchObject([405, { Method: 'GET', ResourceType: 'TORRENT' }])
  }
})
