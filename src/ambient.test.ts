import { expect, test } from '@jest/globals'
import { systemAmbient } from './ambient.ts'

test('Random bytes have the length asked for and never come twice', () => {
  const { randomBytes } = systemAmbient()
  const seen = new Set<string>()
  for (let index = 0; index < 2000; index++) {
    const bytes = randomBytes(32)
    expect(bytes).toHaveLength(32)
    seen.add(bytes.toString('hex'))
  }
  expect(seen.size).toBe(2000)
  expect([0, 1, 255, 256, 257, 10_000].map((length) => randomBytes(length).length)).toEqual([
    0, 1, 255, 256, 257, 10_000,
  ])
})
