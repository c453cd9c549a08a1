import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Bench, type Row } from './bench.ts'
import {
  anotherKey,
  customerAlgorithm,
  customerHeaders,
  customerKey,
  customerKeyHeader,
  customerMd5,
  method,
  type SchemeName,
  schemes,
  sourceHeaders,
} from './schemes.ts'
import { element, type Headers } from './table.ts'

/* Reading what a customer's key seals, and bringing a customer's key where none is wanted: five ways to read. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

type Reader = Pick<Row, 'operation'> & {
  /** The headers that bring a key to this operation. */
  bring(key: Uint8Array): Headers
  prefix: 'x-amz-' | 'x-amz-copy-source-'
}

const plainReader = { bring: customerHeaders, prefix: 'x-amz-' } as const
const copyReader = { bring: sourceHeaders, prefix: 'x-amz-copy-source-' } as const

const readers: Reader[] = [
  { operation: 'GetObject', ...plainReader },
  { operation: 'HeadObject', ...plainReader },
  { operation: 'GetObjectAttributes', ...plainReader },
  { operation: 'CopyObject', ...copyReader },
  { operation: 'UploadPartCopy', ...copyReader },
]

const must = 'Requests specifying Server Side Encryption with Customer provided keys must'
const keyMissing =
  'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.'
const wrongKey = `${must} provide the correct secret key.`
const notApplicable = 'The encryption parameters are not applicable to this object.'
const badAlgorithm = 'The Encryption request you specified is not valid. Supported value: AES256.'

/** A HEAD answers the status alone. */
function refusal({ operation }: Reader, status: number, code: string, message?: string, value?: string) {
  if (operation === 'HeadObject') return { status, code: undefined }
  return { status, code, message, ...(value !== undefined && { argument: [method, value] as [string, string] }) }
}

describe.each(readers.map((reader) => [reader.operation, reader] as const))('%s', (_, reader) => {
  const { operation, bring, prefix } = reader
  const name = (header: string) => header.replace('x-amz-', prefix)
  const reading = (scheme: SchemeName) => ({ operation, on: prefix === 'x-amz-' ? scheme : ('none' as const) })

  /** The row's own source headers, or none: the bench's would come between. */
  const read = (scheme: SchemeName, headers: Headers, expected: Omit<Row, 'operation'>) =>
    bench.check({ ...reading(scheme), ...expected, headers, input: sourceInput(scheme) })
  const sourceInput = (scheme: SchemeName) => (prefix === 'x-amz-' ? {} : { CopySource: bench.copySource(scheme) })

  test('needs the key of an SSE-C object', async () => {
    await read('SSE-C', {}, refusal(reader, 400, 'InvalidRequest', keyMissing))
  })

  test.each([32, 16, 44])('refuses another key, of %s bytes', async (length) => {
    await read('SSE-C', bring(randomBytes(length)), refusal(reader, 403, 'AccessDenied', wrongKey))
  })

  test.each(['aes256', 'aws:kms', ''])('refuses the algorithm %s', async (value) => {
    const headers = { ...bring(customerKey), [name(customerAlgorithm)]: value }
    const expected = refusal(reader, 400, 'InvalidEncryptionAlgorithmError', badAlgorithm, value)
    await read('SSE-C', headers, expected)
  })

  test.each([
    [customerAlgorithm, `${must} provide a valid encryption algorithm.`],
    [customerKeyHeader, `${must} provide an appropriate secret key.`],
    [customerMd5, `${must} provide the client calculated MD5 of the secret key.`],
  ])('needs %s beside the other two', async (missing, message) => {
    const { [name(missing)]: _, ...headers } = bring(customerKey)
    await read('SSE-C', headers, refusal(reader, 400, 'InvalidArgument', message, 'null'))
  })

  test('refuses an MD5 that is not the key’s', async () => {
    const headers = { ...bring(customerKey), [name(customerMd5)]: bring(anotherKey)[name(customerMd5)] ?? '' }
    const message = 'The calculated MD5 hash of the key did not match the hash that was provided.'
    await read('SSE-C', headers, refusal(reader, 400, 'InvalidArgument', message, 'null'))
  })

  test.each(schemes.filter((scheme) => scheme !== 'SSE-C'))('refuses a key for an object under %s', async (scheme) => {
    await read(scheme, bring(customerKey), refusal(reader, 400, 'InvalidRequest', notApplicable))
  })
})

const beyond = { Range: 'bytes=900-' }

test.each([
  ['a range beyond the object without the key: the key first', {}, beyond, 400, 'InvalidRequest'],
  [
    'a range beyond the object with a wrong key: the range first',
    customerHeaders(anotherKey),
    beyond,
    416,
    'InvalidRange',
  ],
  ['a range within it with a wrong key', customerHeaders(anotherKey), { Range: 'bytes=0-1' }, 403, 'AccessDenied'],
  [
    'a part that is not there with a wrong key',
    customerHeaders(anotherKey),
    { PartNumber: 2 },
    416,
    'InvalidPartNumber',
  ],
  ['If-Match that fails without the key: the key first', {}, { IfMatch: '"x"' }, 400, 'InvalidRequest'],
])('%s', async (_, headers, input, status, code) => {
  await bench.check({ operation: 'GetObject', on: 'SSE-C', headers, input, status, code })
  await bench.check({ operation: 'HeadObject', on: 'SSE-C', headers, input, status })
})

test('an object that is not there is told before a malformed customer key', async () => {
  const headers = { ...customerHeaders(customerKey), [customerAlgorithm]: 'aes256' }
  await bench.check({ operation: 'GetObject', headers, input: { Key: 'nothing' }, status: 404, code: 'NoSuchKey' })
})

test('an object written anew with another key opens with that one only', async () => {
  const Key = bench.newKey()
  await bench.put(Key, customerHeaders(customerKey), 'first')
  await bench.put(Key, customerHeaders(anotherKey), 'second')
  expect((await bench.get(Key, customerHeaders(customerKey))).status).toBe(403)
  expect((await bench.get(Key, customerHeaders(anotherKey))).text).toBe('second')
})

test('neither the key nor anything of it but its MD5 is in any answer', async () => {
  const answers = [await bench.put(bench.newKey(), customerHeaders(customerKey)), await bench.get('SSE-C', {})]
  answers.push(await bench.get('SSE-C', customerHeaders(customerKey)))
  for (const answer of answers) {
    expect(JSON.stringify(answer.headers)).not.toContain(customerKey.toString('base64'))
    expect(element(answer, 'Message') ?? '').not.toContain(customerKey.toString('base64'))
  }
})
