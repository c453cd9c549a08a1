import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Bench } from './bench.ts'
import {
  bucketKeyHeader,
  contextHeader,
  customerAlgorithm,
  customerHeaders,
  customerKey,
  customerKeyHeader,
  customerMd5,
  encodeContext,
  keyIdHeader,
  method,
  operations,
  schemes,
} from './schemes.ts'
import { element } from './table.ts'

/* Encryption headers in any mixture, with right, wrong and odd values: AWS's answers, never a fault of the emulator's. */

let bench: Bench

beforeAll(async () => {
  bench = await Bench.open()
})
afterAll(() => bench.table.stop())

const own = [method, keyIdHeader, contextHeader, bucketKeyHeader, customerAlgorithm, customerKeyHeader, customerMd5]
const ofSource = [customerAlgorithm, customerKeyHeader, customerMd5].map((name) =>
  name.replace('x-amz-', 'x-amz-copy-source-'),
)
const right = customerHeaders(customerKey)
const values = fc.oneof(
  fc.constantFrom('', 'AES256', 'aws:kms', 'aws:kms:dsse', 'true', 'false', 'alias/aws/s3', 'arn:aws:kms:::', 'x'),
  fc.constantFrom(...Object.values(right), encodeContext({}), encodeContext({ a: 'b' }), encodeContext([])),
  fc.constantFrom('A'.repeat(3000), '=', '====', '__proto__', '{}', 'bnVsbA==', 'W10=', 'eyJhIjoxfQ=='),
  fc.string({ maxLength: 20 }).map((text) => Buffer.from(text).toString('base64')),
)
const headers = fc.dictionary(fc.constantFrom(...own, ...ofSource), values, { maxKeys: 6, noNullPrototype: true })

test('no mixture of encryption headers is an InternalError', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...operations),
    fc.constantFrom(...schemes),
    fc.constantFrom(...schemes),
    headers,
    async (operation, on, source, sent) => {
      const reply = await bench.send({ operation, on, source, headers: sent })
      expect(reply.status).toBeLessThan(500)
      const hasDocument = reply.status >= 400 && operation !== 'HeadObject'
      expect(hasDocument ? element(reply, 'Code') : 'NoError').toMatch(/^[A-Za-z.]+$/)
    },
  )
  await fc.assert(property, { numRuns: 250 })
})
