import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createChecksum } from '../../../crypto/checksums.ts'
import type { ChecksumAlgorithm } from '../../records/object-record.ts'
import { openS3, type Reply, type S3Fixture } from '../../s3.fixture.ts'

/* Which checksums a multipart upload demands, takes and tells. Values recorded from AWS. */

let s3: S3Fixture
beforeEach(async () => {
  s3 = await openS3()
  await s3.call('PUT', '/bucket')
})
afterEach(() => s3.close())

type Headers = Record<string, string>

const body = Buffer.from('the one part')
const other = Buffer.from('something else')

const outcome = ({ status, code }: Reply) => [status, code]
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

function digestOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  const checksum = createChecksum(algorithm)
  checksum.update(bytes)
  return checksum.digest().toString('base64')
}

async function create(headers: Headers = {}): Promise<string> {
  const reply = await s3.call('POST', '/bucket/key?uploads', { headers })
  return String((await reply.xml('InitiateMultipartUploadResult')).UploadId)
}

function upload(id: string, headers: Headers = {}) {
  return s3.call('PUT', `/bucket/key?partNumber=1&uploadId=${id}`, { body, headers })
}

async function complete(id: string, part: Reply, checksum = '', headers: Headers = {}) {
  const members = `<PartNumber>1</PartNumber><ETag>${part.headers.get('etag')}</ETag>${checksum}`
  const document = `<CompleteMultipartUpload><Part>${members}</Part></CompleteMultipartUpload>`
  return s3.call('POST', `/bucket/key?uploadId=${id}`, { body: document, headers })
}

const composite = { 'x-amz-checksum-algorithm': 'SHA256' }
const partHeaders = { 'x-amz-checksum-sha256': sha256(body).toString('base64') }
const listed = `<ChecksumSHA256>${sha256(body).toString('base64')}</ChecksumSHA256>`

test('GetObjectAttributes tells a composite checksum without the number of parts, all other answers with it', async () => {
  const id = await create(composite)
  const completed = await complete(id, await upload(id, partHeaders), listed)
  const digest = sha256(sha256(body)).toString('base64')
  const told = { ChecksumSHA256: `${digest}-1`, ChecksumType: 'COMPOSITE' }
  expect(await completed.xml('CompleteMultipartUploadResult')).toMatchObject(told)
  const mode = { 'x-amz-checksum-mode': 'ENABLED' }
  for (const method of ['HEAD', 'GET']) {
    const { headers } = await s3.call(method, '/bucket/key', { headers: mode })
    expect([headers.get('x-amz-checksum-sha256'), headers.get('x-amz-checksum-type')]).toEqual(Object.values(told))
  }
  const asked = { 'x-amz-object-attributes': 'Checksum, ObjectParts,' }
  const attributes = await s3.call('GET', '/bucket/key?attributes', { headers: asked })
  expect(await attributes.xml('GetObjectAttributesResponse')).toMatchObject({
    Checksum: { ChecksumSHA256: digest, ChecksumType: 'COMPOSITE' },
    ObjectParts: { Part: { PartNumber: '1', ChecksumSHA256: sha256(body).toString('base64') } },
  })
})

test('A part of a composite object is told with its own checksum, of the object’s type', async () => {
  const id = await create(composite)
  const first = Buffer.alloc(5 << 20, 'a')
  const target = `/bucket/key?partNumber=1&uploadId=${id}`
  const headers = { 'x-amz-checksum-sha256': sha256(first).toString('base64') }
  const one = await s3.call('PUT', target, { body: first, headers })
  const two = await s3.call('PUT', target.replace('=1', '=2'), { body, headers: partHeaders })
  const elements = [
    { number: 1, reply: one, digest: sha256(first) },
    { number: 2, reply: two, digest: sha256(body) },
  ].map(
    ({ number, reply, digest }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${reply.headers.get('etag')}</ETag>` +
      `<ChecksumSHA256>${digest.toString('base64')}</ChecksumSHA256></Part>`,
  )
  const document = `<CompleteMultipartUpload>${elements.join('')}</CompleteMultipartUpload>`
  expect((await s3.call('POST', `/bucket/key?uploadId=${id}`, { body: document })).status).toBe(200)
  const mode = { 'x-amz-checksum-mode': 'ENABLED' }
  const read = await s3.call('GET', '/bucket/key?partNumber=2', { headers: mode })
  expect(read.headers.get('x-amz-checksum-sha256')).toBe(sha256(body).toString('base64'))
  expect(read.headers.get('x-amz-checksum-type')).toBe('COMPOSITE')
})

test.each([
  [undefined, 'InvalidRequest', 'is either missing or empty'],
  [' , ', 'InvalidRequest', 'is either missing or empty'],
  ['ETag,etag', 'InvalidArgument', '<ArgumentValue>etag</ArgumentValue>'],
  ['ETag,,Checksum', 'InvalidArgument', '<ArgumentValue></ArgumentValue>'],
])('GetObjectAttributes of %j is refused', async (attributes, code, words) => {
  await s3.call('PUT', '/bucket/key', { body })
  const headers: Headers = attributes === undefined ? {} : { 'x-amz-object-attributes': attributes }
  const reply = await s3.call('GET', '/bucket/key?attributes', { headers })
  expect(outcome(reply)).toEqual([400, code])
  expect(reply.text).toContain(words)
})

test.each(['DISABLED', ''])('A checksum mode %j is refused', async (mode) => {
  await s3.call('PUT', '/bucket/key', { body })
  const reply = await s3.call('GET', '/bucket/key', { headers: { 'x-amz-checksum-mode': mode } })
  expect(outcome(reply)).toEqual([400, 'InvalidRequest'])
  expect(reply.text).toContain('Value for x-amz-checksum-mode header is invalid.')
})

test('A part without the checksum that its composite upload declared is refused; of a full-object one it is computed', async () => {
  const refused = await upload(await create(composite))
  expect(outcome(refused)).toEqual([400, 'InvalidRequest'])
  expect(refused.text).toContain(
    'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: null',
  )
  const whole = { 'x-amz-checksum-algorithm': 'CRC32C', 'x-amz-checksum-type': 'FULL_OBJECT' }
  const part = await upload(await create(whole))
  expect([part.status, part.headers.get('x-amz-checksum-crc32c')]).toEqual([200, digestOf('CRC32C', body)])
})

test('Complete naming checksums of parts that the upload never had is InvalidPart', async () => {
  const id = await create()
  const part = await upload(id, partHeaders)
  expect(outcome(await complete(id, part, listed))).toEqual([400, 'InvalidPart'])
  expect((await complete(id, part)).status).toBe(200)
})

test.each<[string, Headers, string]>([
  ['a type', { 'x-amz-checksum-type': 'FULL_OBJECT' }, 'was created using the null checksum mode'],
  ['CRC64NVME', { 'x-amz-checksum-crc64nvme': digestOf('CRC64NVME', body) }, 'expected checksum Type: null'],
])(
  'Complete with %s for an upload without an algorithm is refused, with a checksum of 2022 not',
  async (_, headers, words) => {
    const id = await create()
    const part = await upload(id)
    const refused = await complete(id, part, '', headers)
    expect(outcome(refused)).toEqual([400, 'InvalidRequest'])
    expect(refused.text).toContain(words)
    expect((await complete(id, part, '', { 'x-amz-checksum-sha1': digestOf('SHA1', other) })).status).toBe(200)
  },
)

test.each<[ChecksumAlgorithm, Uint8Array]>([
  ['CRC32C', other],
  ['CRC32', body],
])('Complete of a full-object CRC32C upload with a wrong checksum of %s is BadDigest', async (algorithm, bytes) => {
  const id = await create({ 'x-amz-checksum-algorithm': 'CRC32C', 'x-amz-checksum-type': 'FULL_OBJECT' })
  const part = await upload(id)
  const name = algorithm.toLowerCase()
  const refused = await complete(id, part, '', { [`x-amz-checksum-${name}`]: digestOf(algorithm, bytes) })
  expect(outcome(refused)).toEqual([400, 'BadDigest'])
  expect(refused.text).toContain(`The ${name} you specified did not match the calculated checksum.`)
  const right = { 'x-amz-checksum-crc32c': digestOf('CRC32C', body) }
  expect((await complete(id, part, '', right)).status).toBe(200)
})

test('A wrong checksum of a part is InvalidPart, or BadDigest beside one of the object; what is none is InvalidArgument', async () => {
  const id = await create(composite)
  const part = await upload(id, partHeaders)
  const wrong = `<ChecksumSHA256>${digestOf('SHA256', other)}</ChecksumSHA256>`
  expect(outcome(await complete(id, part, wrong))).toEqual([400, 'InvalidPart'])
  const object = { 'x-amz-checksum-sha256': sha256(sha256(body)).toString('base64') }
  const beside = await complete(id, part, wrong, object)
  expect(outcome(beside)).toEqual([400, 'BadDigest'])
  expect(beside.text).toContain('The sha256 you specified for part 1 did not match what we received.')
  const none = await complete(id, part, '<ChecksumSHA256>value</ChecksumSHA256>')
  expect(await none.xml('Error')).toMatchObject({
    Code: 'InvalidArgument',
    Message: 'Invalid Base64 or multiple checksums present in request',
    ArgumentName: 'Checksum',
    ArgumentValue: 'SHA256:value;',
  })
  expect((await complete(id, part, listed, object)).status).toBe(200)
})

test('An upload under a customer’s key that asked for no checksum tells none', async () => {
  const key = Buffer.alloc(32, 'k')
  const name = 'x-amz-server-side-encryption-customer'
  const customer = {
    [`${name}-algorithm`]: 'AES256',
    [`${name}-key`]: key.toString('base64'),
    [`${name}-key-md5`]: createHash('md5').update(key).digest('base64'),
  }
  const id = await create(customer)
  const completed = await complete(id, await upload(id, customer))
  expect(completed.text).not.toContain('Checksum')
  const read = await s3.call('GET', '/bucket/key', { headers: { ...customer, 'x-amz-checksum-mode': 'ENABLED' } })
  expect([read.text, read.headers.get('x-amz-checksum-crc64nvme'), read.headers.get('x-amz-checksum-type')]).toEqual([
    body.toString(),
    null,
    null,
  ])
})
