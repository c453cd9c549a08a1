import { createHash } from 'node:crypto'
import { afterEach, expect, test } from '@jest/globals'
import { openS3, type S3Fixture } from '../s3.fixture.ts'

let s3: S3Fixture
afterEach(() => s3.close())

async function openWithBucket(mode: 'classic' | '2023' | 'current'): Promise<void> {
  s3 = await openS3(mode)
  await s3.call('PUT', '/bucket')
}

const wrap = (rule: string) => `<ServerSideEncryptionConfiguration>${rule}</ServerSideEncryptionConfiguration>`
const byDefault = (content: string) =>
  `<ApplyServerSideEncryptionByDefault>${content}</ApplyServerSideEncryptionByDefault>`
const md5 = (body: string) => createHash('md5').update(body).digest('base64')

function put(body: string) {
  return s3.call('PUT', '/bucket?encryption', { body, headers: { 'content-md5': md5(body) } })
}

async function rule() {
  const { Rule } = await (await s3.call('GET', '/bucket?encryption')).xml('ServerSideEncryptionConfiguration')
  return Rule
}

const unset = {
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
  BucketKeyEnabled: 'false',
  BlockedEncryptionTypes: { EncryptionType: 'SSE-C' },
}

test('classic: nothing is encrypted until somebody asks, and nothing again after Delete', async () => {
  await openWithBucket('classic')
  const notFound = async () => {
    const reply = await s3.call('GET', '/bucket?encryption')
    expect(reply.status).toBe(404)
    expect(await reply.xml('Error')).toMatchObject({
      Code: 'ServerSideEncryptionConfigurationNotFoundError',
      Message: 'The server side encryption configuration was not found',
    })
  }
  await notFound()
  expect((await put(wrap('<Rule/>'))).status).toBe(200)
  expect(await rule()).toEqual({ ...unset, BlockedEncryptionTypes: { EncryptionType: 'NONE' } })
  expect((await s3.call('DELETE', '/bucket?encryption')).status).toBe(204)
  expect((await s3.call('DELETE', '/bucket?encryption')).status).toBe(204)
  await notFound()
})

test('current: AES256 with SSE-C blocked, and that again after Delete', async () => {
  await openWithBucket('current')
  expect(await rule()).toEqual(unset)
  await put(wrap(`<Rule>${byDefault('<SSEAlgorithm>aws:kms</SSEAlgorithm>')}</Rule>`))
  expect(await rule()).toEqual({ ...unset, ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } })
  await s3.call('DELETE', '/bucket?encryption')
  expect(await rule()).toEqual(unset)
})

test('The KMS key is echoed as it was given and not looked at', async () => {
  await openWithBucket('classic')
  const keyed = byDefault('<SSEAlgorithm>aws:kms:dsse</SSEAlgorithm><KMSMasterKeyID>no-such-key</KMSMasterKeyID>')
  const blocked = '<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes>'
  const reply = await put(wrap(`<Rule>${keyed}<BucketKeyEnabled>true</BucketKeyEnabled>${blocked}</Rule>`))
  expect([reply.status, reply.text]).toEqual([200, ''])
  expect(await rule()).toEqual({
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: 'no-such-key' },
    BucketKeyEnabled: 'true',
    BlockedEncryptionTypes: { EncryptionType: 'SSE-C' },
  })
})

test('A Put replaces the rule: only BlockedEncryptionTypes means AES256 and no key', async () => {
  await openWithBucket('current')
  await put(wrap(`<Rule>${byDefault('<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>')}</Rule>`))
  await put(wrap('<Rule><BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes></Rule>'))
  expect(await rule()).toEqual({ ...unset, BlockedEncryptionTypes: { EncryptionType: 'NONE' } })
  await put(wrap('<Rule/>'))
  expect(await rule()).toEqual(unset)
})

const types = (...names: string[]) =>
  `<Rule><BlockedEncryptionTypes>${names.map((name) => `<EncryptionType>${name}</EncryptionType>`).join('')}</BlockedEncryptionTypes></Rule>`

test.each([
  ['no rule', '', 'MalformedXML'],
  ['two rules', '<Rule/><Rule/>', 'MalformedXML'],
  ['an unknown element', '<Rule><Other/></Rule>', 'MalformedXML'],
  ['an unknown algorithm', `<Rule>${byDefault('<SSEAlgorithm>aes256</SSEAlgorithm>')}</Rule>`, 'MalformedXML'],
  ['no algorithm', `<Rule>${byDefault('')}</Rule>`, 'MalformedXML'],
  ['a flag that is no flag', '<Rule><BucketKeyEnabled>yes</BucketKeyEnabled></Rule>', 'MalformedXML'],
  ['an unknown blocked type', types('AES256'), 'MalformedXML'],
  ['no blocked type', types(), 'InvalidArgument'],
  ['both blocked types', types('NONE', 'SSE-C'), 'InvalidArgument'],
  ['a blocked type twice', types('SSE-C', 'SSE-C'), 'InvalidArgument'],
])('PutBucketEncryption with %s changes nothing', async (_, content, code) => {
  await openWithBucket('current')
  const reply = await put(wrap(content))
  expect([reply.status, reply.code]).toEqual([400, code])
  expect(await rule()).toEqual(unset)
})

test.each([
  [
    'that is no digest',
    { 'x-amz-checksum-crc32': 'zz' },
    'InvalidRequest',
    'Value for x-amz-checksum-crc32 header is invalid.',
  ],
  [
    'that is another',
    { 'x-amz-checksum-crc32': 'AAAAAA==' },
    'BadDigest',
    'The CRC32 you specified did not match the calculated checksum.',
  ],
  [
    'beside a second one',
    { 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-sha1': 'AAAA' },
    'InvalidRequest',
    'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
  ],
  ['of a wrong MD5', { 'content-md5': 'zz' }, 'InvalidDigest', 'The Content-MD5 you specified was invalid.'],
])('A document with a checksum %s is refused as an object is', async (_, headers, Code, Message) => {
  await openWithBucket('current')
  const reply = await s3.call('PUT', '/bucket?encryption', { body: wrap('<Rule/>'), headers })
  expect(await reply.xml('Error')).toMatchObject({ Code, Message })
})

test('AES256 takes no KMS key', async () => {
  await openWithBucket('classic')
  const reply = await put(
    wrap(`<Rule>${byDefault('<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>')}</Rule>`),
  )
  expect(await reply.xml('Error')).toMatchObject({
    Code: 'InvalidArgument',
    ArgumentName: 'ApplyServerSideEncryptionByDefault',
    Message: 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
  })
})

test('2023: AES256 and nothing blocked, and that again after Delete', async () => {
  await openWithBucket('2023')
  const { BlockedEncryptionTypes, ...open } = unset
  expect(await rule()).toEqual(open)
  await put(wrap(`<Rule>${byDefault('<SSEAlgorithm>aws:kms</SSEAlgorithm>')}</Rule>`))
  expect(await rule()).toEqual({ ...open, ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } })
  await put(wrap(types('SSE-C')))
  expect(await rule()).toEqual({ ...open, BlockedEncryptionTypes })
  await s3.call('DELETE', '/bucket?encryption')
  expect(await rule()).toEqual(open)
})

test.each(['classic', '2023', 'current'] as const)(
  '%s: a copy onto itself changes something where AES256 was set, even the same, until it is deleted',
  async (mode) => {
    await openWithBucket(mode)
    const encryption = { 'x-amz-server-side-encryption': 'AES256' }
    await s3.call('PUT', '/bucket/key', { body: 'x', headers: encryption })
    const copy = () => s3.call('PUT', '/bucket/key', { headers: { 'x-amz-copy-source': '/bucket/key' } })
    await put(wrap(`<Rule>${byDefault('<SSEAlgorithm>AES256</SSEAlgorithm>')}</Rule>`))
    expect((await copy()).status).toBe(200)
    await s3.call('DELETE', '/bucket?encryption')
    if (mode === 'classic') await s3.call('PUT', '/bucket/key', { body: 'x' })
    expect((await copy()).code).toBe('InvalidRequest')
  },
)

test('The body may come without a proof, as older SDKs send it; a proof that is sent must hold', async () => {
  await openWithBucket('classic')
  const body = wrap('<Rule/>')
  const send = async (headers: Record<string, string>) =>
    (await s3.call('PUT', '/bucket?encryption', { body, headers })).code
  expect(await send({})).toBeUndefined()
  expect(await send({ 'content-md5': 'x' })).toBe('InvalidDigest')
  expect(await send({ 'content-md5': md5('other') })).toBe('BadDigest')
  const sha256 = (text: string) => createHash('sha256').update(text).digest('base64')
  expect(await send({ 'x-amz-checksum-sha256': sha256('other') })).toBe('BadDigest')
  expect(await send({ 'x-amz-checksum-sha256': sha256(body) })).toBeUndefined()
})

test('A missing bucket is told before the document is looked at', async () => {
  s3 = await openS3()
  const reply = await s3.call('PUT', '/nowhere?encryption', { body: 'x', headers: { 'content-md5': md5('x') } })
  expect([reply.status, reply.code]).toEqual([404, 'NoSuchBucket'])
})
