import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { numbersOf, type Run } from './blob-records.ts'
import { SegmentSet } from './segment-set.ts'

const runs: fc.Arbitrary<Run[]> = fc.array(
  fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 })).map(([first, count]): Run => [first, count, count * 10]),
  { maxLength: 12 },
)

test('what is inside of a set and what is outside are the runs, cut at its edges', () => {
  fc.assert(
    fc.property(runs, runs, (members, given) => {
      const numbers = new Set(numbersOf(members, 0, Number.MAX_SAFE_INTEGER))
      const { inside, outside } = new SegmentSet(members).divide(given)
      const all = numbersOf(given, 0, Number.MAX_SAFE_INTEGER)
      expect(numbersOf(inside, 0, Number.MAX_SAFE_INTEGER)).toEqual(all.filter((number) => numbers.has(number)))
      expect(numbersOf(outside, 0, Number.MAX_SAFE_INTEGER)).toEqual(all.filter((number) => !numbers.has(number)))
      for (const [, count, bytes] of [...inside, ...outside]) expect(bytes).toBe(count * 10)
    }),
  )
})

test('the whole and the empty set', () => {
  const given: Run[] = [[5, 2, 20]]
  expect(SegmentSet.empty.divide(given)).toEqual({ inside: [], outside: given })
  expect(SegmentSet.everything.divide(given)).toEqual({ inside: given, outside: [] })
  expect([SegmentSet.empty.isEmpty, SegmentSet.everything.isEmpty]).toEqual([true, false])
})
