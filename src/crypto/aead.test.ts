import { createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deriveKey, extractSecret, NotAuthentic, open, openSalted, seal, sealSalted } from './aead.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('Extracting and deriving give the secret and the key of RFC 5869, test case 3', () => {
  const secret = extractSecret(Buffer.alloc(22, 0x0b), Buffer.alloc(0))
  expect(secret.toString('hex')).toBe('19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04')
  expect(deriveKey(secret, Buffer.alloc(0), '').toString('hex')).toBe(
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d',
  )
})

test('Together they are the HKDF that Node has, purpose and salt as its info', () => {
  const bytes = fc.uint8Array({ maxLength: 100 })
  fc.assert(
    fc.property(bytes, bytes, bytes, fc.string(), (chosen, first, salt, purpose) => {
      const info = Buffer.concat([Buffer.from(purpose), salt])
      const expected = Buffer.from(hkdfSync('sha256', chosen, first, info, 32))
      expect(deriveKey(extractSecret(chosen, first), salt, purpose)).toEqual(expected)
    }),
  )
})

test('AES-256-GCM gives the ciphertext of the GCM specification, test case 15', () => {
  const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')
  const nonce = hex('cafebabefacedbaddecaf888')
  const plaintext = hex(
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
  )
  const sealed = seal(key, nonce, plaintext)
  expect(sealed.toString('hex')).toBe(
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
      '898015adb094dac5d93471bdec1a502270e3cc6c',
  )
  expect(open(key, nonce, sealed)).toEqual(plaintext)
})

test('one changed bit anywhere does not authenticate', () => {
  const secret = randomBytes(32)
  const associated = 'what it is bound to'
  const sealed = sealSalted(secret, randomBytes(32), 'info', associated, Buffer.from('a secret'))
  expect(openSalted(secret, 'info', associated, sealed).toString()).toBe('a secret')
  fc.assert(
    fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
      const changed = Buffer.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => openSalted(secret, 'info', associated, changed)).toThrow(NotAuthentic)
    }),
  )
})

test('keys and texts of any length up to 8,160 bytes come back, and none lies in the clear', () => {
  const length = fc.oneof(fc.nat(100), fc.constantFrom(31, 32, 33, 8159, 8160))
  const secret = randomBytes(32)
  fc.assert(
    fc.property(length, (bytes) => {
      const text = randomBytes(bytes)
      const sealed = sealSalted(secret, randomBytes(32), 'info', 'bound', text)
      expect(sealed).toHaveLength(32 + bytes + 16)
      expect(openSalted(secret, 'info', 'bound', sealed)).toEqual(text)
      if (bytes >= 8) expect(sealed.includes(text.subarray(0, 8))).toBe(false)
    }),
  )
  const tooLong = () => sealSalted(secret, randomBytes(32), 'info', '', Buffer.alloc(8161))
  expect(tooLong).toThrow(RangeError)
})

test('the same text under the same secret is sealed otherwise under another salt or purpose', () => {
  const [secret, text, salt] = [randomBytes(32), Buffer.alloc(32), randomBytes(32)]
  const bodies = [
    sealSalted(secret, salt, 'one', '', text),
    sealSalted(secret, salt, 'two', '', text),
    sealSalted(secret, randomBytes(32), 'one', '', text),
  ].map((sealed) => sealed.subarray(32, 64).toString('hex'))
  expect(new Set(bodies).size).toBe(3)
})

test('a shorter text, another purpose and another binding do not authenticate', () => {
  const secret = randomBytes(32)
  const sealed = sealSalted(secret, randomBytes(32), 'info', 'one', Buffer.from('a secret'))
  for (let length = 0; length < sealed.length; length++) {
    expect(() => openSalted(secret, 'info', 'one', sealed.subarray(0, length))).toThrow(NotAuthentic)
  }
  expect(() => openSalted(secret, 'other', 'one', sealed)).toThrow(NotAuthentic)
  expect(() => openSalted(secret, 'other', 'one', sealed)).toThrow('The sealed bytes do not authenticate')
  expect(() => openSalted(secret, 'info', 'two', sealed)).toThrow(NotAuthentic)
})

test('what is bound to a text is told from the text by its length', () => {
  const [secret, salt] = [randomBytes(32), randomBytes(32)]
  const sealed = sealSalted(secret, salt, 'info', 'bound', Buffer.from('a secret'))
  // The tag's input would be the same without a length: the end of what is bound, put before the ciphertext.
  const moved = Buffer.concat([salt, Buffer.from('nd'), sealed.subarray(32)])
  expect(() => openSalted(secret, 'info', 'bou', moved)).toThrow(NotAuthentic)
})

test('A sealed text is what its layout says, computed by Node’s own HMAC', () => {
  const [secret, salt] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const prf = (...parts: Uint8Array[]) => createHmac('sha256', secret).update(Buffer.concat(parts)).digest()
  const [info, bound, text] = ['info', 'bound to', 't'.repeat(40)].map((part) => Buffer.from(part))
  if (!info || !bound || !text) throw new Error('Three parts')
  const stream = Buffer.concat([prf(info, salt, Buffer.of(1)), prf(info, salt, Buffer.of(2))])
  const ciphertext = text.map((byte, index) => byte ^ (stream[index] ?? 0))
  const tag = prf(info, salt, Buffer.of(0, 0, 0, 0, bound.length), bound, ciphertext).subarray(0, 16)
  const sealed = sealSalted(secret, salt, 'info', 'bound to', text)
  expect(sealed).toEqual(Buffer.concat([salt, ciphertext, tag]))
  expect(sealed.subarray(32).toString('hex')).toBe(
    '048908c16dc29aef88fba47aa1787dc404141d8773b5b4d597d7c2db221ad52bd9c683b2af0d568ceeaed38e9f1f6e51a2af63daa80aca8b',
  )
})
