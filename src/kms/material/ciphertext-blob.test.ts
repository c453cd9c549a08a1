import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
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

/** A blob made by hand, as the layout at the head of the code says. */
function madeByHand({ head = '0102020078', commitment }: { head?: string; commitment?: Buffer }): Buffer {
  const salt = Buffer.alloc(32, 2)
  const derived = createHmac('sha512', material)
    .update(Buffer.concat([Buffer.from('s3kms-emu/ciphertext-blob/1'), salt, Buffer.of(1)]))
    .digest()
  const id = Buffer.from(header.keyId.replaceAll('-', ''), 'hex')
  const start = Buffer.concat([
    Buffer.from(head + header.materialId, 'hex'),
    Buffer.of(1, 0),
    id,
    salt,
    commitment ?? derived.subarray(32),
    Buffer.of(0),
  ])
  const checked = Buffer.concat([start, createHash('sha256').update(start).digest().subarray(0, 16)])
  const cipher = createCipheriv('aes-256-gcm', derived.subarray(0, 32), Buffer.alloc(12))
  cipher.setAAD(Buffer.concat([checked, context]))
  return Buffer.concat([checked, cipher.update('secret'), cipher.final(), cipher.getAuthTag()])
}

test('a blob is what its layout says, byte for byte', () => {
  const byHand = madeByHand({})
  expect(sealBlob('Encrypt', header, material, Buffer.alloc(32, 2), Buffer.from('secret'), context)).toEqual(byHand)
  expect(openBlob(byHand, material, context)?.toString()).toBe('secret')
})

test('a blob with another commitment does not open, though its tag is right', () => {
  for (const commitment of [randomBytes(32), Buffer.alloc(32)]) {
    const blob = madeByHand({ commitment })
    expect(parseBlob(blob)).toEqual(header)
    expect(openBlob(blob, material, context)).toBeUndefined()
  }
})

test('a blob with any bit of its header flipped does not open, though its checksum fits again', () => {
  const blob = sealed(Buffer.from('secret'))
  const changedBytes = 120
  for (let bit = 0; bit < changedBytes * 8; bit++) {
    const flipped = Buffer.from(blob)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    createHash('sha256').update(flipped.subarray(0, 120)).digest().copy(flipped, 120, 0, 16)
    expect([bit, openBlob(flipped, material, context)]).toEqual([bit, undefined])
  }
})

test('a blob is what it was when the first store was written', () => {
  const fixed = Buffer.alloc(32, 1)
  const known = sealBlob('DataKey', header, fixed, Buffer.alloc(32, 2), Buffer.from('known text'), context)
  expect(known.toString('base64')).toBe(
    'AQIDAHirq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urqwEAEjRWeBI0QjSCNBI0VniQEgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICUj2C4IKeilC+4WKRjvtmS5bpLBUQPe4Q7fC1yK5+5TYAfntAzv6x4T+6vyEJN/pYHrG4VOHo5fOZwHrvm4e8p5XNWzJQ79bvs6CE',
  )
})
