import { expect, test } from '@jest/globals'
import { table } from './output.ts'

test('A table is as wide as its widest cell, however many rows it has', () => {
  const rows = Array.from({ length: 200_000 }, () => ['a', 'b'])
  const lines = table(['X', 'Y'], [...rows, ['wide', 'c']]).split('\n')
  expect(lines).toHaveLength(200_002)
  expect([lines[0], lines[1], lines.at(-1)]).toEqual(['X     Y', 'a     b', 'wide  c'])
})
