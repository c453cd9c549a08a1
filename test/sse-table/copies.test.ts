import { createHash } from 'node:crypto'
import { DeleteBucketEncryptionCommand, PutBucketEncryptionCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bench, body, type Row, run } from './bench.ts'
import {
  anotherKey,
  asking,
  contextHeader,
  customerAlgorithm,
  customerHeaders,
  customerKey,
  encodeContext,
  hasMd5Etag,
  kmsCall,
  method,
  opening,
  type SchemeName,
  schemes,
  sourceHeaders,
  told,
} from './schemes.ts'
import { element, type Headers, type Reply } from './table.ts'

/* Copies: from every scheme to every scheme, and onto themselves. Nothing of the source's encryption is inherited. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

const pairs = schemes.flatMap((source) => schemes.map((target) => [source, target] as const))
const md5 = createHash('md5').update(body).digest('hex')

test.each(pairs)('a copy from %s to %s', async (source, target) => {
  const Key = bench.newKey()
  const reply = await bench.check({
    operation: 'CopyObject',
    source,
    headers: asking(target, bench.keyArn),
    input: { Key },
    status: 200,
    encryption: told('CopyObject', target, bench.keyArn),
    kms: [...kmsCall(source, 'Decrypt', 'source'), ...kmsCall(target, 'GenerateDataKey')],
  })
  expect(element(reply, 'ETag') === `"${md5}"`).toBe(hasMd5Etag(target))
  expect((await bench.get(Key, opening(target))).text).toBe(body)
})

test.each(pairs)('a part copied from %s into an upload under %s', async (source, on) => {
  const encryption = told('UploadPartCopy', on, bench.keyArn)
  const kms = [...kmsCall(source, 'Decrypt', 'source'), ...kmsCall(on, 'Decrypt')]
  await bench.check({ operation: 'UploadPartCopy', source, on, headers: opening(on), status: 200, encryption, kms })
})

test('a copy that KMS refuses on either side leaves no object', async () => {
  const headers = { ...asking('SSE-KMS', 'fake-key-id') }
  const Key = bench.newKey()
  const kms = ['Decrypt source', 'GenerateDataKey object !NotFoundException']
  await bench.check({ operation: 'CopyObject', source: 'SSE-KMS', headers, input: { Key }, status: 400, kms })
  await bench.check({ operation: 'GetObject', input: { Key }, status: 404, code: 'NoSuchKey' })
})

test('copy conditions that fail, a source that is not there and a malformed key ask KMS nothing', async () => {
  const headers = asking('SSE-KMS', bench.keyArn)
  const operation = 'CopyObject'
  const conditions = { CopySourceIfMatch: '"other"' }
  await bench.check({ operation, source: 'SSE-KMS', headers, input: conditions, status: 412 })
  const missing = { CopySource: `${bench.bucket}/nothing` }
  await bench.check({ operation, headers, input: missing, status: 404, code: 'NoSuchKey' })
  const wrongKey = { ...headers, ...sourceHeaders(anotherKey) }
  const input = { CopySource: bench.copySource('SSE-C') }
  await bench.check({ operation, headers: wrongKey, input, status: 403, code: 'AccessDenied' })
})

describe('what is wrong with the target is told before KMS is asked for the source', () => {
  const malformedKey = { ...customerHeaders(customerKey), [customerAlgorithm]: 'aes256' }
  const foreignContext = encodeContext({ 'aws:s3:arn': 'arn:aws:s3:::another/object' })
  const kms = { [method]: 'aws:kms' }

  test.each<[string, Headers, Row['input'], number, string]>([
    ['an unknown method', { [method]: 'aes:kms' }, {}, 400, 'InvalidArgument'],
    ['a malformed customer key', malformedKey, {}, 400, 'InvalidEncryptionAlgorithmError'],
    ['a malformed context', { ...kms, [contextHeader]: '{}' }, {}, 400, 'InvalidArgument'],
    ['the context of another object', { ...kms, [contextHeader]: foreignContext }, {}, 400, 'InvalidArgument'],
    ['an object at the key', {}, { Key: 'none', IfNoneMatch: '*' }, 412, 'PreconditionFailed'],
    ['another ETag', {}, { Key: 'none', IfMatch: '"other"' }, 412, 'PreconditionFailed'],
  ])('%s', async (_, headers, input, status, code) => {
    await bench.check({ operation: 'CopyObject', source: 'SSE-KMS', headers, input, status, code })
  })
})

describe('a copy onto itself', () => {
  const illegal =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."

  async function copyOnto(scheme: SchemeName, headers: Headers): Promise<{ Key: string; reply: Reply }> {
    const Key = bench.newKey()
    await bench.put(Key, asking(scheme, bench.keyArn))
    const reply = await bench.table.send(headers, (s3) =>
      run(s3, 'CopyObject', { Bucket: bench.bucket, Key, CopySource: `${bench.bucket}/${Key}` }),
    )
    return { Key, reply }
  }

  test('without any change is refused', async () => {
    const { reply } = await copyOnto('none', {})
    expect([reply.status, element(reply, 'Code'), element(reply, 'Message')]).toEqual([400, 'InvalidRequest', illegal])
  })

  const targets = schemes.filter((scheme) => scheme !== 'none')
  const changes = targets.flatMap((from) => targets.map((to) => [from, to] as const))

  test.each(changes)('changes %s to %s, or names the same anew', async (from, to) => {
    const source = from === 'SSE-C' ? sourceHeaders(customerKey) : {}
    const { Key, reply } = await copyOnto(from, { ...source, ...asking(to, bench.keyArn) })
    expect(reply.status).toBe(200)
    const read = await bench.get(Key, opening(to))
    expect(read.text).toBe(body)
    expect(read.headers).toMatchObject(told('GetObject', to, bench.keyArn))
  })

  test('exchanges one customer key for another', async () => {
    const { Key, reply } = await copyOnto('SSE-C', { ...sourceHeaders(customerKey), ...customerHeaders(anotherKey) })
    expect(reply.status).toBe(200)
    expect((await bench.get(Key, customerHeaders(customerKey))).status).toBe(403)
    expect((await bench.get(Key, customerHeaders(anotherKey))).text).toBe(body)
  })

  test('without headers is legal where the source is under another scheme than the bucket’s default gives', async () => {
    const { Key, reply } = await copyOnto('SSE-KMS', {})
    expect(reply.status).toBe(200)
    expect((await bench.get(Key)).headers['x-amz-server-side-encryption']).toBeUndefined()
  })

  test('without headers is legal where the bucket has an explicitly set default encryption', async () => {
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const } }]
    const setting = { Bucket: bench.bucket, ServerSideEncryptionConfiguration: { Rules } }
    await bench.table.journey.s3.send(new PutBucketEncryptionCommand(setting))
    const { reply } = await copyOnto('SSE-KMS', {})
    expect(reply.status).toBe(200)
    await bench.table.journey.s3.send(new DeleteBucketEncryptionCommand({ Bucket: bench.bucket }))
  })
})
