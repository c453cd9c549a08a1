import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  openedSize,
  sealedSize,
  segmentCount,
  segmentLength,
  segmentSize,
  segmentsOfRange,
} from './segment-arithmetic.ts'

const sizes = fc.oneof(
  fc.nat(10),
  fc.nat(3 * segmentSize),
  fc.tuple(fc.nat(2000), fc.integer({ min: -3, max: 3 })).map(([count, off]) => Math.max(0, count * segmentSize + off)),
  fc.integer({ min: 0, max: 5 * 2 ** 40 }),
)
const overheads = fc.constantFrom(0, 16, 32)

test('plaintext and stored sizes take each other back', () => {
  fc.assert(
    fc.property(sizes, overheads, (size, overhead) => openedSize(sealedSize(size, overhead), overhead) === size),
  )
})

test('a stored size that no body has is told', () => {
  expect(openedSize(15, 16)).toBeUndefined()
  expect(openedSize(16, 16)).toBe(0)
  expect(openedSize(segmentSize + 16 + 5, 16)).toBeUndefined()
})

test('the segments of a body add up to it', () => {
  const bodies = fc.nat(40 * segmentSize)
  fc.assert(
    fc.property(bodies, (size) => {
      const lengths = Array.from({ length: segmentCount(size) }, (_, index) => segmentLength(size, index))
      expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(size)
      for (const length of lengths.slice(0, -1)) expect(length).toBe(segmentSize)
    }),
  )
})

test('the segments of a range hold it, and none is needless', () => {
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const [first, last] = a < b ? [a, b] : [b, a]
      const range = segmentsOfRange(first, last)
      expect(range.first * segmentSize + range.skip).toBe(first)
      expect(range.skip).toBeLessThan(segmentSize)
      expect(range.length).toBe(last - first + 1)
      const end = (range.first + range.count) * segmentSize
      expect(end).toBeGreaterThan(last)
      expect(end - segmentSize).toBeLessThanOrEqual(last)
    }),
  )
})

test('an empty body is one empty segment', () => {
  expect(segmentCount(0)).toBe(1)
  expect(segmentsOfRange(0, -1)).toEqual({ first: 0, count: 1, skip: 0, length: 0 })
})
