import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { Bench, type Row } from './bench.ts'
import {
  contextHeader,
  customerAlgorithm,
  customerHeaders,
  customerKey,
  customerKeyHeader,
  customerMd5,
  encodeContext,
  keyIdHeader,
  method,
  writes,
} from './schemes.ts'
import type { Headers } from './table.ts'

/* Customer keys that a write brings wrongly: recorded codes, words and ArgumentValues, in the recorded order. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

const right = customerHeaders(customerKey)
const must = 'Requests specifying Server Side Encryption with Customer provided keys must'
const incompatible =
  'Server Side Encryption with Customer provided key is incompatible with the encryption method specified'
const unfitKey = 'The secret key was invalid for the specified algorithm.'
const md5Differs = 'The calculated MD5 hash of the key did not match the hash that was provided.'
const badAlgorithm = 'The Encryption request you specified is not valid. Supported value: AES256.'

const md5 = (bytes: Uint8Array | string) => createHash('md5').update(bytes).digest('base64')
const without = (name: string) => Object.fromEntries(Object.entries(right).filter(([other]) => other !== name))
const lengths = [0, 10, 16, 24, 31, 33, 64]

interface Case {
  name: string
  headers: Headers
  code?: string
  /** Undefined: AWS's words were not captured. */
  message?: string
  value?: string
}

const cases: Case[] = [
  ...['AES256', 'aws:kms', 'aws:kms:dsse', 'anything'].map((value) => ({
    name: `beside x-amz-server-side-encryption: ${value}`,
    headers: { ...right, [method]: value },
    message: incompatible,
    value,
  })),
  {
    name: 'beside another method, which is seen before a bad algorithm',
    headers: { ...right, [customerAlgorithm]: 'aes256', [method]: 'AES256' },
    message: incompatible,
    value: 'AES256',
  },
  { name: 'beside a KMS key id', headers: { ...right, [keyIdHeader]: 'alias/any' } },
  { name: 'beside a context', headers: { ...right, [contextHeader]: encodeContext({ a: 'b' }) } },
  ...['aes256', 'aws:kms', 'AES128', ''].map((value) => ({
    name: `with the algorithm '${value}'`,
    headers: { ...right, [customerAlgorithm]: value },
    code: 'InvalidEncryptionAlgorithmError',
    message: badAlgorithm,
    value,
  })),
  {
    name: 'without an algorithm',
    headers: without(customerAlgorithm),
    message: `${must} provide a valid encryption algorithm.`,
  },
  {
    name: 'with an MD5 alone',
    headers: { [customerMd5]: md5(customerKey) },
    message: `${must} provide a valid encryption algorithm.`,
  },
  {
    name: 'without a key',
    headers: without(customerKeyHeader),
    message: `${must} provide an appropriate secret key.`,
  },
  {
    name: 'with an algorithm alone',
    headers: { [customerAlgorithm]: 'AES256' },
    message: `${must} provide an appropriate secret key.`,
  },
  {
    name: 'without an MD5',
    headers: without(customerMd5),
    message: `${must} provide the client calculated MD5 of the secret key.`,
  },
  { name: 'with the MD5 of another key', headers: { ...right, [customerMd5]: md5('another') }, message: md5Differs },
  { name: 'with an MD5 that is not base64', headers: { ...right, [customerMd5]: '!!' }, message: md5Differs },
  { name: 'with an MD5 that is too short', headers: { ...right, [customerMd5]: 'AAAA' }, message: md5Differs },
  {
    name: 'with a wrong MD5 of a key of the wrong length, the MD5 first',
    headers: { ...customerHeaders(randomBytes(16)), [customerMd5]: md5('another') },
    message: md5Differs,
  },
  ...lengths.map((length) => ({
    name: `with a key of ${length} bytes`,
    headers: customerHeaders(randomBytes(length)),
    message: unfitKey,
  })),
  { name: 'with a key that is not base64', headers: { ...right, [customerKeyHeader]: 'not base64!' } },
]

describe.each(writes)('%s', (operation) => {
  test.each(cases.map((each) => [each.name, each] as const))('a customer key %s is refused', async (_, each) => {
    const { headers, code = 'InvalidArgument', message, value } = each
    const argument: Row['argument'] = message === undefined ? undefined : [method, value ?? 'null']
    await bench.check({ operation, headers, status: 400, code, message, argument })
  })
})

/* The order of checks: bucket and owner, then headers; what the bucket blocks comes last (blocked.test.ts). */

const malformed = { ...right, [customerAlgorithm]: 'aes256' }

test.each([
  ['a bucket that is not there', { input: { Bucket: 'no-such-bucket' }, status: 404, code: 'NoSuchBucket' }],
  [
    'another owner than expected',
    { input: { ExpectedBucketOwner: '111122223333' }, status: 403, code: 'AccessDenied' },
  ],
])('%s is told before a malformed customer key', async (_, expected) => {
  await bench.check({ operation: 'PutObject', headers: malformed, ...expected })
})

test('a malformed customer key is told before a condition that does not hold', async () => {
  const input = { Key: 'none', IfNoneMatch: '*' }
  const code = 'InvalidEncryptionAlgorithmError'
  await bench.check({ operation: 'PutObject', headers: malformed, input, status: 400, code })
  await bench.check({ operation: 'PutObject', headers: right, input, status: 412, code: 'PreconditionFailed' })
})
