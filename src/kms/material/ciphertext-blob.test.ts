import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { openBlob, parseBlob, sealBlob } from './ciphertext-blob.ts'
import { canonicalContext } from './encryption-context.ts'

const material = randomBytes(32)
const header = { keyId: '12345678-1234-4234-8234-123456789012', materialId: 'ab'.repeat(32) }
const context = canonicalContext({ a: 'b' })

function sealed(plaintext: Uint8Array, keyId = header.keyId): Buffer {
  return sealBlob('Encrypt', { ...header, keyId }, material, randomBytes(32), plaintext, context)
}

test('a blob is 152 bytes longer than its plaintext, names its key and opens', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), (plaintext) => {
      const blob = sealed(plaintext)
      expect(blob).toHaveLength(plaintext.length + 152)
      expect(parseBlob(blob)).toEqual(header)
      expect(openBlob(blob, material, context)).toEqual(Buffer.from(plaintext))
    }),
    { numRuns: 50 },
  )
})

test("base64 begins as AWS's: AQICAH from Encrypt, AQIDAH for data keys", () => {
  expect(sealed(Buffer.of(1)).toString('base64')).toMatch(/^AQICAH/)
  const dataKey = sealBlob('DataKey', header, material, randomBytes(32), Buffer.of(1), context)
  expect(dataKey.toString('base64')).toMatch(/^AQIDAH/)
})

test('the id of a multi-Region key survives', () => {
  const keyId = `mrk-${'0f'.repeat(16)}`
  expect(parseBlob(sealed(Buffer.of(1), keyId))?.keyId).toBe(keyId)
})

test('a blob with any one bit flipped does not open', () => {
  const blob = sealed(Buffer.from('secret'))
  for (let bit = 0; bit < blob.length * 8; bit++) {
    const flipped = Buffer.from(blob)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(parseBlob(flipped) && openBlob(flipped, material, context)).toBeUndefined()
  }
})

test('a blob that was cut or lengthened does not open', () => {
  const blob = sealed(Buffer.from('secret'))
  for (let length = 0; length < blob.length; length++) {
    const cut = blob.subarray(0, length)
    expect(parseBlob(cut) && openBlob(cut, material, context)).toBeUndefined()
  }
  expect(openBlob(Buffer.concat([blob, Buffer.of(0)]), material, context)).toBeUndefined()
})

test('other material does not open a blob', () => {
  expect(openBlob(sealed(Buffer.of(1)), randomBytes(32), context)).toBeUndefined()
})

test('bytes that are no blob are not taken for one', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => parseBlob(Buffer.from(bytes)) === undefined))
})
