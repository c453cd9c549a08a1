import { expect, test } from '@jest/globals'
import { uncompressSnappy } from './snappy.ts'
import { FileFault } from './store-damaged.ts'

const bytesOf = (...parts: (number | string)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part, 'latin1'))))

/** A literal's tag, and a copy's of each kind, as the format's description has them. */
const literal = (text: string) => bytesOf((text.length - 1) << 2, text)
const copy1 = (length: number, back: number) => bytesOf(1 | ((length - 4) << 2) | ((back >> 8) << 5), back & 255)
const copy2 = (length: number, back: number) => bytesOf(2 | ((length - 1) << 2), back & 255, back >> 8)
const copy4 = (length: number, back: number) => bytesOf(3 | ((length - 1) << 2), back & 255, back >> 8, 0, 0)
const compressed = (length: number, ...elements: Buffer[]) =>
  Buffer.concat([length < 128 ? Buffer.of(length) : Buffer.of((length & 127) | 128, length >> 7), ...elements])
const textOf = (bytes: Buffer) => uncompressSnappy(bytes).toString('latin1')

test('Literals and copies of every kind come back', () => {
  expect(textOf(compressed(0))).toBe('')
  expect(textOf(compressed(3, literal('abc')))).toBe('abc')
  expect(textOf(compressed(7, literal('abc'), copy1(4, 3)))).toBe('abcabca')
  expect(textOf(compressed(6, literal('abc'), copy2(3, 3)))).toBe('abcabc')
  expect(textOf(compressed(5, literal('abc'), copy4(2, 2)))).toBe('abcbc')
  expect(textOf(compressed(12, literal('a'), copy1(11, 1)))).toBe('a'.repeat(12))
})

test('A long literal has its length in bytes of its own, and copies reach far back', () => {
  const text = Array.from({ length: 300 }, (_, index) => String.fromCharCode(index % 251)).join('')
  const sixty = text.slice(0, 60)
  expect(textOf(compressed(60, bytesOf(59 << 2, sixty)))).toBe(sixty)
  expect(textOf(compressed(61, bytesOf(60 << 2, 60, text.slice(0, 61))))).toBe(text.slice(0, 61))
  const two = bytesOf(61 << 2, 299 & 255, 299 >> 8, text)
  expect(textOf(compressed(300, two))).toBe(text)
  expect(textOf(compressed(310, two, copy1(10, 299)))).toBe(text + text.slice(1, 11))
  expect(textOf(compressed(364, two, copy2(64, 300)))).toBe(text + text.slice(0, 64))
  expect(textOf(compressed(303, bytesOf(62 << 2, 299 & 255, 299 >> 8, 0, text), copy4(3, 270)))).toBe(
    text + text.slice(30, 33),
  )
})

test.each([
  ['has a compressed block of an impossible length', compressed(65)],
  ['has a compressed block that is too long', compressed(2, literal('abc'))],
  ['has a compressed block that is too short', compressed(4, literal('abc'))],
  ['has a compressed block that copies what is not there', compressed(7, literal('abc'), copy1(4, 4))],
  ['has a compressed block that copies what is not there', compressed(7, literal('abc'), copy1(4, 0))],
  ['has a compressed block that copies what is not there', compressed(6, literal('abc'), copy1(4, 3))],
  ['ends too early', compressed(3, bytesOf(2 << 2, 'ab'))],
  ['ends too early', compressed(5, literal('abc'), Buffer.of(1))],
])('A block is refused that %s', (words, bytes) => {
  expect(() => uncompressSnappy(bytes)).toThrow(FileFault)
  expect(() => uncompressSnappy(bytes)).toThrow(words)
})
