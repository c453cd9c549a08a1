import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { TrailRecord } from '../../../trail/event.ts'
import { accountId, openS3, owner, type Reply, type S3Fixture } from '../../s3.fixture.ts'

/** KMS calls per S3 request, and what copies do with the encryption of source and target. */

let s3: S3Fixture
let keyArn: string
let keyId: string
let seen: number

beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
  const { KeyMetadata } = (await kms('CreateKey')) as { KeyMetadata: { Arn: string; KeyId: string } }
  keyArn = KeyMetadata.Arn
  keyId = KeyMetadata.KeyId
  seen = 0
  await kmsCalls()
})
afterEach(() => s3.close())

const outcome = ({ status, code }: Reply) => [status, code]

function kms(operation: string, input: object = {}) {
  const from = { clientAddress: '127.0.0.1', userAgent: 'test', secure: false, requestId: s3.ambient.uuid() }
  return s3.kms.invoke(operation, input, { caller: owner, region: 'us-east-1', ...from })
}

/** The KMS events since the last look, oldest first: name and the ARN in the context. */
async function kmsCalls(): Promise<string[]> {
  const { records } = await s3.trail.lookup({ accountId, region: 'us-east-1', limit: 1000 })
  const events = records.filter(({ eventSource }) => eventSource === 'kms.amazonaws.com').reverse()
  const fresh = events.slice(seen)
  seen = events.length
  return fresh.map((event) => `${event.eventName}${arnOf(event)}`)
}

function arnOf({ requestParameters }: TrailRecord): string {
  const context = requestParameters?.encryptionContext as Record<string, string> | undefined
  return context ? ` ${context['aws:s3:arn']?.replace('arn:aws:s3:::', '')}` : ''
}

const underKms = () => ({
  'x-amz-server-side-encryption': 'aws:kms',
  'x-amz-server-side-encryption-aws-kms-key-id': keyId,
})

function customer(key: Buffer, prefix = 'x-amz-') {
  const name = `${prefix}server-side-encryption-customer`
  return {
    [`${name}-algorithm`]: 'AES256',
    [`${name}-key`]: key.toString('base64'),
    [`${name}-key-md5`]: createHash('md5').update(key).digest('base64'),
  }
}

const put = (key: string, body: string, headers: Record<string, string> = {}) =>
  s3.call('PUT', `/bucket/${key}`, { body, headers })
const get = (key: string, headers: Record<string, string> = {}) => s3.call('GET', `/bucket/${key}`, { headers })
const head = (key: string, headers: Record<string, string> = {}) => s3.call('HEAD', `/bucket/${key}`, { headers })
const copy = (from: string, to: string, headers: Record<string, string> = {}) =>
  s3.call('PUT', `/bucket/${to}`, { headers: { 'x-amz-copy-source': `/bucket/${from}`, ...headers } })

test('PutObject under a KMS key costs one GenerateDataKey, every GET with a body one Decrypt', async () => {
  const stored = await put('key', 'hello', underKms())
  expect(stored.headers.get('x-amz-server-side-encryption-aws-kms-key-id')).toBe(keyArn)
  expect(stored.headers.get('etag')).not.toContain(createHash('md5').update('hello').digest('hex'))
  expect(await kmsCalls()).toEqual(['GenerateDataKey bucket/key'])
  const read = await get('key')
  expect([read.text, read.headers.get('x-amz-server-side-encryption')]).toEqual(['hello', 'aws:kms'])
  expect((await get('key', { range: 'bytes=1-2' })).text).toBe('el')
  expect(await kmsCalls()).toEqual(['Decrypt bucket/key', 'Decrypt bucket/key'])
  await put('empty', '', underKms())
  expect((await get('empty')).text).toBe('')
  expect(await kmsCalls()).toEqual(['GenerateDataKey bucket/empty', 'Decrypt bucket/empty'])
})

test('304, 412, 416 and HEAD ask KMS nothing; HEAD with checksum mode asks once, because the checksum is sealed', async () => {
  const etag = (await put('key', 'hello', underKms())).headers.get('etag') ?? ''
  await kmsCalls()
  expect((await get('key', { 'if-none-match': etag })).status).toBe(304)
  expect((await get('key', { 'if-match': '"x"' })).status).toBe(412)
  expect((await get('key', { range: 'bytes=9-' })).status).toBe(416)
  expect(outcome(await get('key', { 'x-amz-server-side-encryption': 'aws:kms' }))).toEqual([400, 'InvalidArgument'])
  expect((await head('key')).headers.get('x-amz-server-side-encryption-aws-kms-key-id')).toBe(keyArn)
  expect(await kmsCalls()).toEqual([])
  const told = await head('key', { 'x-amz-checksum-mode': 'ENABLED' })
  expect(told.headers.get('x-amz-checksum-crc64nvme')).toMatch(/^[\w+/]{11}=$/)
  expect(await kmsCalls()).toEqual(['Decrypt bucket/key'])
})

test('A disabled key fails the write and the read in AWS’s words, and the object stays as it was', async () => {
  await put('key', 'before', underKms())
  await kms('DisableKey', { KeyId: keyId })
  expect(outcome(await get('key'))).toEqual([400, 'KMS.DisabledException'])
  expect(outcome(await put('key', 'after', underKms()))).toEqual([400, 'KMS.DisabledException'])
  await kms('EnableKey', { KeyId: keyId })
  expect((await get('key')).text).toBe('before')
})

test('A multipart upload asks KMS once at Create, once a part, once at Complete', async () => {
  const created = await s3.call('POST', '/bucket/key?uploads', { headers: underKms() })
  const { UploadId } = await created.xml('InitiateMultipartUploadResult')
  await put('source', 'copied', underKms())
  expect(await kmsCalls()).toEqual(['GenerateDataKey bucket/key', 'GenerateDataKey bucket/source'])
  const body = Buffer.alloc(5 << 20, 'x')
  const one = await s3.call('PUT', `/bucket/key?partNumber=1&uploadId=${UploadId}`, { body })
  expect(one.headers.get('x-amz-server-side-encryption')).toBe('aws:kms')
  expect(await kmsCalls()).toEqual(['Decrypt bucket/key'])
  const headers = { 'x-amz-copy-source': 'bucket/source', 'x-amz-copy-source-range': 'bytes=1-3' }
  const two = await s3.call('PUT', `/bucket/key?partNumber=2&uploadId=${UploadId}`, { headers })
  const { ETag } = await two.xml('CopyPartResult')
  expect((await kmsCalls()).sort()).toEqual(['Decrypt bucket/key', 'Decrypt bucket/source'])
  const document =
    `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${one.headers.get('etag')}</ETag></Part>` +
    `<Part><PartNumber>2</PartNumber><ETag>${ETag}</ETag></Part></CompleteMultipartUpload>`
  const completed = await s3.call('POST', `/bucket/key?uploadId=${UploadId}`, { body: document })
  expect(completed.headers.get('x-amz-server-side-encryption-aws-kms-key-id')).toBe(keyArn)
  expect(completed.text).not.toContain('Checksum')
  expect(await kmsCalls()).toEqual(['Decrypt bucket/key'])
  const read = await get('key', { range: `bytes=${(5 << 20) - 1}-` })
  expect(read.text).toBe('xopi')
  const told = await head('key', { 'x-amz-checksum-mode': 'ENABLED' })
  expect(told.headers.get('x-amz-checksum-type')).toBe('FULL_OBJECT')
})

test('An upload under a customer’s key takes parts with that key only, and completes without it', async () => {
  const key = randomBytes(32)
  const created = await s3.call('POST', '/bucket/key?uploads', { headers: customer(key) })
  const { UploadId } = await created.xml('InitiateMultipartUploadResult')
  const part = (headers: Record<string, string>) =>
    s3.call('PUT', `/bucket/key?partNumber=1&uploadId=${UploadId}`, { body: 'part', headers })
  const without = await part({})
  expect(outcome(without)).toEqual([400, 'InvalidRequest'])
  expect(without.text).toContain('The multipart upload initiate requested encryption.')
  const other = await part(customer(randomBytes(32)))
  expect(other.text).toContain('The provided encryption parameters did not match the ones used originally.')
  const etag = (await part(customer(key))).headers.get('etag')
  const document = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`
  expect((await s3.call('POST', `/bucket/key?uploadId=${UploadId}`, { body: document })).status).toBe(200)
  expect((await get('key', customer(key))).text).toBe('part')
  expect(outcome(await get('key'))).toEqual([400, 'InvalidRequest'])
  expect(outcome(await get('key', customer(randomBytes(32))))).toEqual([403, 'AccessDenied'])
  expect((await head('key', customer(randomBytes(32)))).status).toBe(403)
  const beyond = { ...customer(randomBytes(32)), range: 'bytes=99-' }
  expect(outcome(await get('key', beyond))).toEqual([416, 'InvalidRange'])
})

test('A copy inherits nothing: KMS to KMS asks twice, an unasked copy is plain and gets an MD5 as ETag', async () => {
  await put('source', 'hello', { ...underKms(), 'x-amz-meta-a': 'b' })
  await kmsCalls()
  const again = await copy('source', 'target', underKms())
  expect(again.status).toBe(200)
  expect(again.headers.get('x-amz-server-side-encryption')).toBe('aws:kms')
  expect(await kmsCalls()).toEqual(['Decrypt bucket/source', 'GenerateDataKey bucket/target'])
  const plain = await copy('source', 'plain')
  expect(plain.headers.has('x-amz-server-side-encryption')).toBe(false)
  expect(await plain.xml('CopyObjectResult')).toMatchObject({
    ETag: `"${createHash('md5').update('hello').digest('hex')}"`,
    ChecksumType: 'FULL_OBJECT',
  })
  expect(await kmsCalls()).toEqual(['Decrypt bucket/source'])
  const read = await get('plain')
  expect([read.text, read.headers.get('x-amz-meta-a')]).toEqual(['hello', 'b'])
})

test('A copy from a customer’s key to another needs both', async () => {
  const [from, to] = [randomBytes(32), randomBytes(32)]
  await put('source', 'hello', customer(from))
  expect(outcome(await copy('source', 'target', customer(to)))).toEqual([400, 'InvalidRequest'])
  const wrong = { ...customer(to), ...customer(to, 'x-amz-copy-source-') }
  expect(outcome(await copy('source', 'target', wrong))).toEqual([403, 'AccessDenied'])
  const right = { ...customer(to), ...customer(from, 'x-amz-copy-source-') }
  expect((await copy('source', 'target', right)).status).toBe(200)
  expect((await get('target', customer(to))).text).toBe('hello')
})

test('A copy onto itself must change metadata or encryption', async () => {
  await put('key', 'hello')
  const unchanged = await copy('key', 'key')
  expect(outcome(unchanged)).toEqual([400, 'InvalidRequest'])
  expect(unchanged.text).toContain('This copy request is illegal because it is trying to copy an object to itself')
  const replaced = await copy('key', 'key', { 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-new': 'yes' })
  expect(replaced.status).toBe(200)
  expect((await get('key')).headers.get('x-amz-meta-new')).toBe('yes')
  expect((await copy('key', 'key', underKms())).status).toBe(200)
  expect((await get('key')).headers.get('x-amz-server-side-encryption')).toBe('aws:kms')
  expect((await copy('key', 'key')).status).toBe(200)
  expect((await get('key')).headers.has('x-amz-server-side-encryption')).toBe(false)
})

test('Copy conditions, and sources that are not there', async () => {
  const etag = (await put('key', 'hello')).headers.get('etag') ?? ''
  const failed = await copy('key', 'target', { 'x-amz-copy-source-if-match': '"other"' })
  expect(await failed.xml('Error')).toMatchObject({ Condition: 'x-amz-copy-source-If-Match' })
  const same = await copy('key', 'target', { 'x-amz-copy-source-if-none-match': etag })
  expect(outcome(same)).toEqual([412, 'PreconditionFailed'])
  expect(outcome(await copy('nothing', 'target'))).toEqual([404, 'NoSuchKey'])
  const elsewhere = await copy('key', 'target', { 'x-amz-copy-source': 'nowhere/key' })
  expect(outcome(elsewhere)).toEqual([404, 'NoSuchBucket'])
  const malformed = await copy('key', 'target', { 'x-amz-copy-source': 'bucket' })
  expect(outcome(malformed)).toEqual([400, 'InvalidArgument'])
  expect((await get('target')).status).toBe(404)
})

test.each(['copy', 'uploadPartCopy'])(
  'The owner of the source that is expected must be the owner: %s',
  async (operation) => {
    await put('key', 'hello')
    const created = await (await s3.call('POST', '/bucket/target?uploads')).xml('InitiateMultipartUploadResult')
    const target = operation === 'copy' ? 'target' : `target?partNumber=1&uploadId=${created.UploadId}`
    const expecting = (account: string) => copy('key', target, { 'x-amz-source-expected-bucket-owner': account })
    expect(outcome(await expecting('111122223333'))).toEqual([403, 'AccessDenied'])
    expect(outcome(await expecting('nobody'))).toEqual([400, 'InvalidBucketOwnerAWSAccountID'])
    expect((await expecting(accountId)).status).toBe(200)
  },
)

test('What is read stays whole when it is overwritten and swept while KMS is asked for its key', async () => {
  const text = 'the source '.repeat(60_000)
  const created = await (await s3.call('POST', '/bucket/parts?uploads')).xml('InitiateMultipartUploadResult')
  const ways: Record<string, (from: string) => Promise<Reply>> = {
    GetObject: (from) => get(from),
    CopyObject: (from) => copy(from, 'target'),
    UploadPartCopy: (from) => copy(from, `parts?partNumber=1&uploadId=${created.UploadId}`),
  }
  const changes: Record<string, () => Promise<Reply>> = {
    overwritten: () => put('key', 'another'),
    deleted: () => s3.call('DELETE', '/bucket/key'),
  }
  for (const [way, read] of Object.entries(ways)) {
    for (const [change, make] of Object.entries(changes)) {
      await put('key', text, underKms())
      const { reading } = await s3.whileKeyIsHeld(keyId, async () => {
        const reading = read('key')
        await make()
        await s3.blobs.sweep()
        return { reading }
      })
      const reply = await reading
      expect([way, change, reply.status]).toEqual([way, change, 200])
      const etag = createHash('md5').update(text).digest('hex')
      expect(way === 'GetObject' ? createHash('md5').update(reply.text).digest('hex') : reply.text).toContain(etag)
    }
  }
  expect((await get('target')).text).toBe(text)
})

test('GetObjectAttributes tells what is asked for', async () => {
  await put('key', 'hello', underKms())
  await kmsCalls()
  const attributes = (names: string) =>
    s3.call('GET', '/bucket/key?attributes', { headers: { 'x-amz-object-attributes': names } })
  const plain = await (await attributes('ETag,ObjectSize,StorageClass')).xml('GetObjectAttributesResponse')
  expect(plain).toMatchObject({ ObjectSize: '5', StorageClass: 'STANDARD' })
  expect(await kmsCalls()).toEqual([])
  const sealed = await (await attributes('Checksum')).xml('GetObjectAttributesResponse')
  expect(sealed).toMatchObject({ Checksum: { ChecksumType: 'FULL_OBJECT' } })
  expect(await kmsCalls()).toEqual(['Decrypt bucket/key'])
  expect(outcome(await attributes('Colour'))).toEqual([400, 'InvalidArgument'])
})
