import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  bucketContext,
  contextHeader,
  objectContext,
  ownPairs,
  parseContextHeader,
  strictBase64,
} from './encryption-context.ts'
import { EnvelopeFixture, sessionOf, target } from './envelopes.fixture.ts'

const texts = fc.oneof(
  fc.constantFrom('', '__proto__', 'constructor', '\0', 'é', 'e\u0301', '😀', 'aws:s3:arn '),
  fc.string({ unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)),
)
const contexts = fc.array(fc.tuple(texts, texts), { maxLength: 5 }).map((pairs) => {
  const context: Record<string, string> = Object.create(null)
  for (const [name, value] of pairs) context[name] = value
  return context
})

test('any context of strings survives its header', () => {
  fc.assert(
    fc.property(contexts, (context) => {
      expect(Object.entries(parseContextHeader(contextHeader(context)))).toEqual(Object.entries(context))
    }),
  )
})

test('the ARN of the object addressed is what KMS is told, whatever the record says', () => {
  const moved = { tenant: 'a', 'aws:s3:arn': 'arn:aws:s3:::elsewhere/key' }
  expect({ ...objectContext(moved, target) }).toEqual({
    tenant: 'a',
    'aws:s3:arn': 'arn:aws:s3:::uploads/folder/a file',
  })
  expect({ ...bucketContext(target) }).toEqual({ 'aws:s3:arn': 'arn:aws:s3:::uploads' })
  expect({ ...ownPairs(undefined, target) }).toEqual({})
})

test('an object with any context opens again, and with another context does not', async () => {
  const fixture = await EnvelopeFixture.open()
  const keyId = await fixture.createKey()
  await fc.assert(
    fc.asyncProperty(contexts, contexts, async (context, other) => {
      const envelope = await fixture.envelopes.envelopeFor(
        { scheme: 'SSE-KMS', keyId, context },
        undefined,
        target,
        sessionOf(),
      )
      const record = JSON.parse(JSON.stringify(envelope.recordFor(target)))
      const open = (changed: object) =>
        fixture.envelopes.openEnvelope({ ...record, ...changed }, target, undefined, sessionOf())
      expect((await open({})).scheme).toBe('SSE-KMS')
      const sorted = (pairs: Record<string, string>) => JSON.stringify(Object.entries(pairs).sort())
      if (sorted(context) !== sorted(other)) {
        await expect(open({ context: other })).rejects.toMatchObject({ code: 'KMS.InvalidCiphertextException' })
      }
    }),
    { numRuns: 40 },
  )
  await fixture.database.close()
})

test.each(['', 'QQ==', 'QUI=', 'QUJD', '+/+/'])('%j is base64', (text) => {
  expect(strictBase64(text)?.toString('base64')).toBe(text)
})

test.each(['Q', 'QQ', 'QQ=', 'Q===', '====', '=QQ=', 'QQ==QQ==', 'Q-_=', 'QUJD\n', ' QUJD', 'QUJ!'])(
  '%j is no base64',
  (text) => {
    expect(strictBase64(text)).toBeUndefined()
  },
)

test('the object’s own ARN may be given, is no pair of the caller’s, and nothing else of it is changed', () => {
  const given = { 'aws:s3:arn': 'arn:aws:s3:::uploads/folder/a file', tenant: 'a' }
  expect({ ...ownPairs(given, target) }).toEqual({ tenant: 'a' })
  expect(given).toHaveProperty('aws:s3:arn')
  const other = { 'aws:s3:arn': 'arn:aws:s3:::uploads' }
  expect(() => ownPairs(other, target)).toThrow('The encryption context aws:s3:arn must be the ARN of the object')
})

test('a byte order mark is part of a text', () => {
  const header = Buffer.from('\ufeff{}').toString('base64')
  expect(() => parseContextHeader(header)).toThrow('shall be Base64-encoded UTF-8 string holding JSON')
})
