import { expect, test } from '@jest/globals'
import { encodeKey, recordKind } from './keyspace.ts'
import { bounds, type Range, rangesOutside } from './range.ts'

const kind = recordKind<number>()('object', ['string', 'string'])
const keys: [string, string][] = [
  ['a', 'x'],
  ['b', ''],
  ['b', 'a'],
  ['b', 'a\0'],
  ['b', 'ab'],
  ['b', 'b'],
  ['b', 'ÿ'],
  ['b\0', 'a'],
  ['c', 'a'],
]

/** The keys that lie in a range, in order. */
function within(range: Range): string[] {
  const { gte = '', lt = '' } = bounds(kind, range)
  return keys.filter((key) => encodeKey(kind, key) >= gte && encodeKey(kind, key) < lt).map((key) => key.join('/'))
}
const ofB = ['b/', 'b/a', 'b/a\0', 'b/ab', 'b/b', 'b/ÿ']

test('A range is what has all its bounds, the narrower one of each side', () => {
  expect(within({})).toEqual(keys.map((key) => key.join('/')))
  expect(within({ within: ['b'] })).toEqual(ofB)
  expect(within({ within: ['b'], beginningWith: 'a' })).toEqual(['b/a', 'b/a\0', 'b/ab'])
  expect(within({ within: ['b'], beginningWith: '' })).toEqual(ofB)
  expect(within({ within: ['b'], from: ['b', 'ab'] })).toEqual(['b/ab', 'b/b', 'b/ÿ'])
  expect(within({ within: ['b'], from: ['a'] })).toEqual(ofB)
  expect(within({ within: ['b'], after: ['b', 'a'] })).toEqual(['b/a\0', 'b/ab', 'b/b', 'b/ÿ'])
  expect(within({ within: ['b'], after: ['b', 'a'], from: ['b', 'b'] })).toEqual(['b/b', 'b/ÿ'])
  expect(within({ after: ['b'] })).toEqual(['b\0/a', 'c/a'])
  expect(within({ within: ['b'], before: ['b', 'ab'] })).toEqual(['b/', 'b/a', 'b/a\0'])
  expect(within({ within: ['b'], before: ['c'] })).toEqual(ofB)
  expect(within({ within: ['b'], beginningWith: 'a', before: ['b', 'a\0'] })).toEqual(['b/a'])
  expect(within({ before: ['b'] })).toEqual(['a/x'])
})

test('Direction and limit are handed on', () => {
  expect(bounds(kind, {})).toMatchObject({ reverse: false, limit: -1 })
  expect(bounds(kind, { reverse: true, limit: 3 })).toMatchObject({ reverse: true, limit: 3 })
})

test('Outside of some prefixes lies all before, between and behind them', () => {
  const isOutside = (kept: number[], prefix: number) =>
    rangesOutside(kept).some(({ gte, lt }) => {
      const key = `${String.fromCharCode(prefix)}x`
      return gte <= key && key < lt
    })
  for (const kept of [[], [1], [9, 1], [1, 2], [0x40]]) {
    for (let prefix = 0; prefix < 0xff; prefix++) expect(isOutside(kept, prefix)).toBe(!kept.includes(prefix))
  }
})
