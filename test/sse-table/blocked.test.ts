import { PutBucketEncryptionCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountId } from '../emulator.ts'
import { Bench, run } from './bench.ts'
import {
  asking,
  customerAlgorithm,
  customerHeaders,
  customerKey,
  method,
  schemes,
  sourceHeaders,
  success,
  writes,
} from './schemes.ts'

/* The two kinds of new buckets, and buckets that block customer keys. */

function setBlocked(bench: Bench, type: 'SSE-C' | 'NONE') {
  const BlockedEncryptionTypes = { EncryptionType: [type] }
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BlockedEncryptionTypes }]
  const input = { Bucket: bench.bucket, ServerSideEncryptionConfiguration: { Rules } }
  return bench.table.journey.s3.send(new PutBucketEncryptionCommand(input))
}

const right = customerHeaders(customerKey)
const s3Managed = { [method]: 'AES256' }
const allWrites = [...writes, 'UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload'] as const

function refusal(bucket: string, key: string) {
  return {
    status: 403,
    code: 'AccessDenied',
    message:
      `User: arn:aws:iam::${accountId}:user/test is not authorized to perform: s3:PutObject on resource: ` +
      `"arn:aws:s3:::${bucket}/${key}" because this bucket has blocked upload requests that specify Server Side ` +
      'Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type.',
  }
}

describe('--bucket-defaults current', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await Bench.open({ bucketDefaults: 'current' }, 'current')
  })
  afterAll(() => bench.table.stop())

  test.each(allWrites)('%s that asks for nothing is under AES256', async (operation) => {
    await bench.check({ operation, status: success(operation), encryption: s3Managed })
  })

  test.each(writes)('%s with a customer key is blocked in a new bucket', async (operation) => {
    const Key = bench.newKey()
    await bench.check({ operation, headers: right, input: { Key }, ...refusal('current', Key) })
  })

  test('an object under a scheme of the table stays under it', async () => {
    for (const scheme of schemes.filter((name) => name !== 'SSE-C')) {
      const answer = await bench.get(scheme)
      const expected = asking(scheme, bench.keyArn)[method] ?? 'AES256'
      expect([scheme, answer.headers[method]]).toEqual([scheme, expected])
    }
  })

  test('BlockedEncryptionTypes NONE lets customer keys in, and blocking them again keeps readers', async () => {
    await setBlocked(bench, 'NONE')
    const { Key, UploadId } = await bench.createUpload('SSE-C')
    await bench.put('SSE-C', right)
    await setBlocked(bench, 'SSE-C')
    expect((await bench.get('SSE-C', right)).status).toBe(200)
    const part = { input: { Key, UploadId }, headers: right }
    await bench.check({ operation: 'UploadPart', ...part, ...refusal('current', Key) })
    await bench.check({ operation: 'UploadPartCopy', ...part, ...refusal('current', Key) })
    // The source's key is no customer key of the target.
    const copied = await bench.table.send(sourceHeaders(customerKey), (s3) =>
      run(s3, 'CopyObject', { Bucket: 'current', Key: 'opened', CopySource: 'current/SSE-C' }),
    )
    expect([copied.status, copied.headers[method]]).toEqual([200, 'AES256'])
  })
})

describe('--bucket-defaults 2023', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await Bench.open({ bucketDefaults: '2023' }, 'of-2023')
  })
  afterAll(() => bench.table.stop())

  test.each(allWrites)('%s that asks for nothing is under AES256', async (operation) => {
    await bench.check({ operation, status: success(operation), encryption: s3Managed })
  })

  test('customer keys are let in until the bucket blocks them', async () => {
    expect((await bench.put('free', right)).status).toBe(200)
    await setBlocked(bench, 'SSE-C')
    const Key = bench.newKey()
    await bench.check({ operation: 'PutObject', headers: right, input: { Key }, ...refusal('of-2023', Key) })
  })
})

describe('--bucket-defaults classic', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await Bench.open({ bucketDefaults: 'classic' }, 'classic')
  })
  afterAll(() => bench.table.stop())

  test.each(allWrites)('%s that asks for nothing is not encrypted', async (operation) => {
    await bench.check({ operation, status: success(operation) })
  })

  test('customer keys are let in until the bucket blocks them, malformed ones told first', async () => {
    expect((await bench.put('free', right)).status).toBe(200)
    await setBlocked(bench, 'SSE-C')
    for (const operation of writes) {
      const Key = bench.newKey()
      await bench.check({ operation, headers: right, input: { Key }, ...refusal('classic', Key) })
      const malformed = { ...right, [customerAlgorithm]: 'aes256' }
      await bench.check({ operation, headers: malformed, status: 400, code: 'InvalidEncryptionAlgorithmError' })
    }
    const [operation, Key] = ['CopyObject', bench.newKey()] as const
    await bench.check({ operation, source: 'SSE-KMS', headers: right, input: { Key }, ...refusal('classic', Key) })
  })
})
