import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { firstDue, nextDue } from './inventory-schedule.ts'

const at = (text: string) => Date.parse(text)
const shown = (time: number) => new Date(time).toISOString()

test('The first report is due at the next midnight in UTC', () => {
  expect(shown(firstDue(at('2026-11-29T21:30:00Z')))).toBe('2026-11-30T00:00:00.000Z')
  expect(shown(firstDue(at('2026-11-30T00:00:00Z')))).toBe('2026-12-01T00:00:00.000Z')
})

test.each([
  ['Daily', '2026-11-30T00:00:00Z', '2026-12-01T00:00:00.000Z'],
  ['Daily', '2026-11-30T23:59:59Z', '2026-12-01T00:00:00.000Z'],
  ['Weekly', '2026-11-30T00:00:00Z', '2026-12-06T00:00:00.000Z'],
  ['Weekly', '2026-12-05T23:59:59Z', '2026-12-06T00:00:00.000Z'],
  ['Weekly', '2026-12-06T00:00:00Z', '2026-12-13T00:00:00.000Z'],
] as const)('%s, after one at %s, the next is due at %s', (frequency, now, expected) => {
  expect(shown(nextDue(at(now), frequency))).toBe(expected)
})

test('The next report is due at a midnight behind this moment, a weekly one on a Sunday within seven days', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: at('2100-01-01') }), (now) => {
      for (const [frequency, days] of [
        ['Daily', 1],
        ['Weekly', 7],
      ] as const) {
        const due = nextDue(now, frequency)
        expect(due % 86_400_000).toBe(0)
        expect(due).toBeGreaterThan(now)
        expect(due - now).toBeLessThanOrEqual(days * 86_400_000)
      }
      expect(new Date(nextDue(now, 'Weekly')).getUTCDay()).toBe(0)
    }),
  )
})
