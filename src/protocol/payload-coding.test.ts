import { expect, test } from '@jest/globals'
import { payloadCoding, unsignedPayloadCoding } from './payload-coding.ts'

const signing = { key: Buffer.alloc(32), seed: 's', date: 'd', scope: 'c' }
const digest = 'aB'.repeat(32)

test.each([
  ['UNSIGNED-PAYLOAD', { coding: 'unsigned' }],
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', { coding: 'aws-chunked', trailer: true }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', { coding: 'aws-chunked', trailer: false, signing }],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', { coding: 'aws-chunked', trailer: true, signing }],
  [digest, { coding: 'sha256', digest: 'ab'.repeat(32) }],
])('A body that is declared as %s is read so', (declared, coding) => {
  expect(payloadCoding(declared, signing)).toEqual(coding)
})

test.each(['', 'x', digest.slice(1), `${digest}0`, `${digest.slice(1)}g`, 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD'])(
  'A body cannot be declared as %j',
  (declared) => {
    expect(() => payloadCoding(declared)).toThrow(
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, ' +
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, ' +
        'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
    )
  },
)

test('A body that no SigV4 signature speaks of is framed where coding and length say so, unless it is declared', () => {
  const framed = { 'content-encoding': 'gzip , aws-chunked', 'x-amz-decoded-content-length': '5' }
  expect(unsignedPayloadCoding(framed)).toEqual({ coding: 'aws-chunked', trailer: true })
  expect(unsignedPayloadCoding({ 'content-encoding': 'aws-chunked' })).toEqual({ coding: 'unsigned' })
  expect(unsignedPayloadCoding({ 'x-amz-decoded-content-length': '5' })).toEqual({ coding: 'unsigned' })
  expect(unsignedPayloadCoding({ ...framed, 'content-encoding': 'aws-chunkedgzip' })).toEqual({ coding: 'unsigned' })
  expect(unsignedPayloadCoding({})).toEqual({ coding: 'unsigned' })
  expect(unsignedPayloadCoding({ ...framed, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })).toEqual({
    coding: 'unsigned',
  })
})
