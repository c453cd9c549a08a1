import { expect, test } from '@jest/globals'
import { fittedTo, rowOf, table } from './output.ts'

test('A table is as wide as its widest cell, however many rows it has', () => {
  const rows = Array.from({ length: 200_000 }, () => ['a', 'b'])
  const lines = table(['X', 'Y'], [...rows, ['wide', 'c']]).split('\n')
  expect(lines).toHaveLength(200_002)
  expect([lines[0], lines[1], lines.at(-1)]).toEqual(['X     Y', 'a     b', 'wide  c'])
})

test('What does not fit the terminal is cut in the widest column, never wrapped', () => {
  const rows = [['short', 'x'.repeat(200), 'y'.repeat(30)]]
  const lines = table(['A', 'B', 'C'], rows, { width: 60 }).split('\n')
  expect(lines.map((line) => line.length <= 60)).toEqual([true, true])
  expect(lines[1]).toBe(`short  ${'x'.repeat(25)}…  ${'y'.repeat(24)}…`)
  expect(table(['A', 'B', 'C'], rows)).toContain('x'.repeat(200))
  expect(fittedTo([100, 100], 3)).toEqual([4, 4])
})

test('Letters of East Asia take two columns, and what stands on a letter takes none', () => {
  expect(rowOf(['鍵の名前', 'b'], [10, 1])).toBe('鍵の名前    b')
  expect(rowOf(['e\u0301', 'b'], [3, 1])).toBe('e\u0301    b')
  expect(rowOf(['鍵の名前', 'b'], [5, 1], 8)).toBe('鍵の…  b')
})
