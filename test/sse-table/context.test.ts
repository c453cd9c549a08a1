import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Bench } from './bench.ts'
import {
  asking,
  contextHeader,
  encodeContext,
  method,
  type OperationName,
  type SchemeName,
  success,
  told,
  writes,
} from './schemes.ts'
import type { Headers } from './table.ts'

/* The encryption context of a write: what may be in the header, what KMS is told of it, who is told it back. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

const form = `The header '${contextHeader}' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map`
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
const objectArn = (key: string) => `arn:aws:s3:::${bench.bucket}/${key}`

/** The answer to a form tells no context. */
function tellingContext(operation: OperationName, scheme: SchemeName, context: string): Headers {
  const headers = told(operation, scheme, bench.keyArn)
  return operation === 'PostObject' ? headers : { ...headers, [contextHeader]: context }
}

describe.each(writes)('%s', (operation) => {
  test.each([
    ['not base64', '{"a":"b"}'],
    ['base64 that is cut', base64('{"a":"b"}').slice(0, -1)],
    ['not JSON', base64('a=b')],
    ['nothing', ''],
    ['not UTF-8', base64(Buffer.from('7b2261223a22ff227d', 'hex'))],
    ['an array', base64('["a"]')],
    ['a string', base64('"a"')],
    ['null', base64('null')],
    ['a number for a value', base64('{"a":1}')],
    ['null for a value', base64('{"a":null}')],
    ['an object for a value', base64('{"a":{"b":"c"}}')],
    ['a lone surrogate', base64('{"a":"\\ud800"}')],
  ])('refuses a context that is %s', async (_, value) => {
    const headers = { ...asking('SSE-KMS', bench.keyArn), [contextHeader]: value }
    await bench.check({ operation, headers, status: 400, code: 'InvalidArgument', message: form })
  })

  test.each([
    ['with AES256', { [method]: 'AES256' }],
    ['without a method', {}],
  ])('refuses a context %s', async (_, headers) => {
    const sent = { ...headers, [contextHeader]: encodeContext({ a: 'b' }) }
    await bench.check({ operation, headers: sent, status: 400, code: 'InvalidArgument' })
  })

  test('adds aws:s3:arn to the caller’s pairs, and tells those back', async () => {
    const context = encodeContext({ b: '2', a: '1' })
    const headers = { ...asking('SSE-KMS', bench.keyArn), [contextHeader]: context }
    const encryption = tellingContext(operation, 'SSE-KMS', context)
    await bench.check({
      operation,
      headers,
      status: success(operation),
      encryption,
      kms: ['GenerateDataKey object a=1 b=2'],
    })
  })

  test('takes an empty context for none', async () => {
    const headers = { ...asking('SSE-KMS', bench.keyArn), [contextHeader]: encodeContext({}) }
    const encryption = tellingContext(operation, 'SSE-KMS', encodeContext({}))
    await bench.check({ operation, headers, status: success(operation), encryption, kms: ['GenerateDataKey object'] })
  })

  test('refuses an aws:s3:arn that is not the object’s', async () => {
    const context = encodeContext({ 'aws:s3:arn': objectArn('another') })
    const headers = { ...asking('SSE-KMS', bench.keyArn), [contextHeader]: context }
    await bench.check({ operation, headers, status: 400, code: 'InvalidArgument' })
  })

  test('takes the object’s own aws:s3:arn, once', async () => {
    const Key = bench.newKey()
    const context = encodeContext({ 'aws:s3:arn': objectArn(Key), team: 'a' })
    const headers = { ...asking('DSSE-KMS', bench.keyArn), [contextHeader]: context }
    const encryption = tellingContext(operation, 'DSSE-KMS', context)
    const kms = ['GenerateDataKey object team=a']
    await bench.check({ operation, headers, input: { Key }, status: success(operation), encryption, kms })
  })
})

test('a reader gives no context and is told none; KMS is told all of it at every read', async () => {
  const encryption = told('GetObject', 'SSE-KMS', bench.keyArn)
  const on = 'SSE-KMS with a context'
  await bench.check({ operation: 'GetObject', on, status: 200, encryption, kms: ['Decrypt object team=a'] })
  await bench.check({ operation: 'HeadObject', on, status: 200, encryption })
})

test('a copy takes no pair of its source’s context along', async () => {
  const headers = asking('SSE-KMS', bench.keyArn)
  const encryption = told('CopyObject', 'SSE-KMS', bench.keyArn)
  const kms = ['Decrypt source team=a', 'GenerateDataKey object']
  const source = 'SSE-KMS with a context'
  await bench.check({ operation: 'CopyObject', source, headers, status: 200, encryption, kms })
})

const text = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', '', '\0', 'é', 'e\u0301', 'A', 'a', '🔑'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)
const contexts = fc.uniqueArray(fc.tuple(text, text), { maxLength: 5, selector: ([name]) => name })

test('whatever strings a context holds, the object opens, and the trail has them as they were sent', async () => {
  const property = fc.asyncProperty(contexts, async (pairs) => {
    const context: Record<string, string> = Object.fromEntries(pairs)
    const Key = bench.newKey()
    const headers = { ...asking('SSE-KMS', bench.keyArn), [contextHeader]: encodeContext(context) }
    await bench.table.events()
    expect(await bench.put(Key, headers, Key)).toMatchObject({ status: 200 })
    expect((await bench.get(Key)).text).toBe(Key)
    const calls = await bench.table.freshRecords()
    const full = Object.fromEntries([...pairs, ['aws:s3:arn', objectArn(Key)]])
    const told = calls.map(({ requestParameters }) => requestParameters?.encryptionContext)
    expect(told.map((one) => sorted(one as object))).toEqual([sorted(full), sorted(full)])
  })
  await fc.assert(property, { numRuns: 60 })
})

function sorted(context: object): [string, string][] {
  return Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))
}
