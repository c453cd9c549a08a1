import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type HmacHash, hmac, hmacText } from './hmac.ts'

test('an HMAC is the one of RFC 4231, test case 2', () => {
  expect(hmac('sha256', Buffer.from('Jefe'), 'what do ya want ', 'for nothing?').toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test('whatever key and parts are, short or long, an HMAC is the one Node makes', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'grapheme', minLength: 1000, maxLength: 2000 }),
    fc.uint8Array({ minLength: 4090, maxLength: 4100 }),
  )
  const algorithm = fc.constantFrom<HmacHash>('sha256', 'sha512')
  fc.assert(
    fc.property(algorithm, fc.uint8Array({ maxLength: 140 }), fc.array(part), (name, key, parts) => {
      const expected = createHmac(name, key)
      for (const one of parts) expected.update(one)
      const digest = expected.digest()
      expect(hmac(name, key, ...parts)).toEqual(digest)
      expect(hmacText(name, key, parts, 'hex')).toBe(digest.toString('hex'))
      expect(hmacText(name, key, parts, 'base64')).toBe(digest.toString('base64'))
    }),
  )
})
