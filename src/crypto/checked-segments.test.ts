import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { NotAuthentic } from './aead.ts'
import { addCheck, checkSaltSize, checkSize, takeCheck } from './checked-segments.ts'
import type { Segment } from './segments.ts'

const salt = randomBytes(checkSaltSize)
const place = { index: 3, isLast: false }

function checked(bytes: Uint8Array, of: Omit<Segment, 'bytes'> = place, under = salt): Buffer {
  return addCheck(under, { bytes, ...of })
}

test.each([0, 1, 1000, 262_144])('a segment of %d bytes comes back', (size) => {
  const bytes = randomBytes(size)
  expect(Buffer.from(takeCheck(salt, { bytes: checked(bytes), ...place })).equals(bytes)).toBe(true)
})

test('the same bytes at another offset of memory have the same checksum', () => {
  const stored = Buffer.concat([
    Buffer.from('before'),
    checked(Buffer.alloc(0)),
    checked(Buffer.from('text')),
  ]).subarray(6)
  expect(takeCheck(salt, { bytes: stored.subarray(0, checkSize), ...place })).toHaveLength(0)
  expect(Buffer.from(takeCheck(salt, { bytes: stored.subarray(checkSize), ...place })).toString()).toBe('text')
})

test('a segment with room behind it is checked where it is', () => {
  const withRoom = Buffer.concat([Buffer.from('text'), Buffer.alloc(checkSize)])
  const bytes = withRoom.subarray(0, 4)
  const stored = addCheck(salt, { bytes, withRoom, ...place })
  expect(stored).toBe(withRoom)
  expect(stored.equals(checked(Buffer.from('text')))).toBe(true)
})

test('every changed bit is noticed', () => {
  const stored = checked(Buffer.from('some text'))
  for (let bit = 0; bit < stored.length * 8; bit++) {
    const bytes = Buffer.from(stored)
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => takeCheck(salt, { bytes, ...place })).toThrow(NotAuthentic)
  }
})

test.each([
  ['another body', { salt: randomBytes(checkSaltSize), ...place }],
  ['no body', { salt: Buffer.alloc(0), ...place }],
  ['another place', { salt, index: 4, isLast: false }],
  ['the end of a body', { salt, index: 3, isLast: true }],
])('a segment is not taken for one of %s', (_, { salt: other, ...of }) => {
  expect(() => takeCheck(other, { bytes: checked(Buffer.from('text')), ...of })).toThrow(NotAuthentic)
})

test('what is shorter than a checksum is refused', () => {
  for (const size of [0, 4, checkSize - 1]) {
    expect(() => takeCheck(salt, { bytes: Buffer.alloc(size), ...place })).toThrow(NotAuthentic)
  }
})

test('a salt that differs from what the segment tells is refused though its checksum fits', () => {
  const bytes = checked(Buffer.from('text'))
  const other = Buffer.from(salt.map((byte) => byte ^ 1))
  const fitting = checked(Buffer.from('text'), place, other)
  bytes.set(fitting.subarray(-4), bytes.length - 4)
  expect(() => takeCheck(other, { bytes, ...place })).toThrow(NotAuthentic)
})

test('a checked segment is what it was when the first store was written', () => {
  const stored = checked(Buffer.from('known text'), { index: 258, isLast: true }, Buffer.alloc(checkSaltSize, 2))
  // The CRC-32 by Python: zlib.crc32(b'known text' + b'\x02' * 8 + b'\0\0\1\2\1')
  expect(stored.toString('hex')).toBe('6b6e6f776e207465787402020202020202026586decf')
})
