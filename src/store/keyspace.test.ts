import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { afterAllBeginningWith, decodeKey, encodeKey, encodeOpenString, prefixes, recordKind } from './keyspace.ts'

const kind = recordKind<number>()('object', ['string', 'string', 'integer'])
/** Texts with NULs, FFs and characters beyond the basic plane, of which UTF-8 and UTF-16 disagree on the order. */
const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom('\0', '\u0001', 'a', 'b', '/', 'ÿ', '\uffff', '😀'), maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const integers = fc.oneof(fc.nat(3), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER))
const tuples = fc.tuple(texts, texts, integers)

function compareTuples(one: [string, string, number], other: [string, string, number]): number {
  for (const index of [0, 1] as const) {
    const order = Buffer.compare(Buffer.from(one[index]), Buffer.from(other[index]))
    if (order !== 0) return order
  }
  return Math.sign(one[2] - other[2])
}

test('a key is decoded to the tuple it was made of', () => {
  fc.assert(fc.property(tuples, (tuple) => expect(decodeKey(kind, encodeKey(kind, tuple))).toEqual(tuple)))
})

/** As LevelDB compares them. JavaScript, which compares the texts, must agree. */
function compareOnDisk(one: string, other: string): number {
  const order = Buffer.compare(Buffer.from(one), Buffer.from(other))
  expect(order).toBe(one < other ? -1 : one > other ? 1 : 0)
  return order
}

test('the order of the bytes is the order of the tuples', () => {
  fc.assert(
    fc.property(tuples, tuples, (one, other) => {
      expect(compareOnDisk(encodeKey(kind, one), encodeKey(kind, other))).toBe(compareTuples(one, other))
    }),
    { numRuns: 1000 },
  )
})

test('what begins with a tuple lies between it and it with FF, and nothing else does', () => {
  fc.assert(
    fc.property(tuples, tuples, (one, other) => {
      const beginning = encodeKey(kind, one.slice(0, 1))
      const key = encodeKey(kind, other)
      const isBetween = compareOnDisk(beginning, key) <= 0 && compareOnDisk(key, `${beginning}\xff`) < 0
      expect(isBetween).toBe(one[0] === other[0])
    }),
    { numRuns: 1000 },
  )
})

test('an open string is the beginning of all that begin with it', () => {
  fc.assert(
    fc.property(texts, texts, texts, (bucket, prefix, name) => {
      const beginning = encodeKey(kind, [bucket]) + encodeOpenString(prefix)
      const key = encodeKey(kind, [bucket, prefix + name, 0])
      const after = afterAllBeginningWith(beginning)
      expect(compareOnDisk(key, beginning)).toBeGreaterThanOrEqual(0)
      expect(compareOnDisk(key, after)).toBe(-1)
    }),
  )
})

test('behind all that begin with FF is one that begins with more', () => {
  expect(afterAllBeginningWith('\x01\xff\xff')).toBe('\x02')
  expect(compareOnDisk(afterAllBeginningWith('\xff'), '\xff\xff')).toBe(1)
})

test('no two kinds share a prefix', () => {
  const bytes = Object.values(prefixes)
  expect(new Set(bytes).size).toBe(bytes.length)
})

test('a key whose string has no end is told as damage', () => {
  expect(() => decodeKey(kind, `${kind.prefix}a`)).toThrow('The store is damaged')
})
