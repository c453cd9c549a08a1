import { expect, test } from '@jest/globals'
import { spanOf, sparkline } from './sparkline.ts'

const day = (number: number) => `2026-01-${String(number).padStart(2, '0')}T00:00:00Z`
const row = (...days: [number: number, calls: number][]) => ({
  periods: days.map(([number, calls]) => ({ start: day(number), calls, refused: 0 })),
})

test('All rows share their time, and each has a height of its own', () => {
  const rows = [row([1, 1], [2, 8]), row([4, 1000])]
  const span = spanOf({ by: 'day', calls: rows } as Parameters<typeof spanOf>[0])
  expect(span && rows.map((each) => sparkline(each, span))).toEqual(['▁█··', '···█'])
})

test('Few calls beside many are not none', () => {
  expect(sparkline(row([1, 1], [2, 10_000]), { by: 'day', first: 20_454, last: 20_455 })).toBe('▁█')
})

test('More than 24 periods share bars', () => {
  const span = { by: 'month', first: 2020 * 12, last: 2029 * 12 + 11 } as const
  const periods = [2020, 2029].map((year) => ({ start: `${year}-01-01T00:00:00Z`, calls: 1, refused: 0 }))
  const line = sparkline({ periods }, span)
  expect([line.length, line.replaceAll('·', '')]).toEqual([24, '██'])
})

test('Without calls there is no time to show', () => {
  expect(spanOf({ by: 'hour', calls: [] })).toBeUndefined()
})
