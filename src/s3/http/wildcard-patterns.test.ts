import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { wildcardPatterns } from './wildcard-patterns.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 })
const patterns = fc.array(
  fc.oneof(
    letters,
    fc.tuple(letters, letters).map((parts) => parts.join('*')),
  ),
)

test('A text fits where one of the patterns fits it', () => {
  fc.assert(
    fc.property(patterns, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (some, text) => {
      const expected = some.some((pattern) => new RegExp(`^${pattern.replace('*', '.*')}$`).test(text))
      expect(wildcardPatterns(some).fit(text)).toBe(expected)
    }),
  )
})

test('Many texts are held against many patterns without a look at each pattern', () => {
  const many = Array.from({ length: 2000 }, (_, index) => `*-${index}`)
  const patterns = wildcardPatterns(many)
  const begin = process.cpuUsage()
  for (let index = 0; index < 20_000; index++) patterns.fit(`a-${index}`)
  // 40 million comparisons take seconds.
  expect(process.cpuUsage(begin).user).toBeLessThan(500_000)
  expect([patterns.fit('a-1999'), patterns.fit('a-2000')]).toEqual([true, false])
})
