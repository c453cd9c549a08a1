import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compilePattern, matches } from './wildcard.ts'

test('The wildcard matcher agrees with a regular expression', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 12 })
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const escaped = pattern.replace(/[.]/g, '\\.').replaceAll('*', '.*').replaceAll('?', '.')
      const oracle = new RegExp(`^${escaped}$`, 's').test(text)
      expect(matches(compilePattern(pattern) ?? [], text)).toBe(oracle)
    }),
    { numRuns: 2000 },
  )
})

test('A pattern of many stars is decided in no time', () => {
  expect(matches(compilePattern(`${'*a'.repeat(1000)}b`) ?? [], 'a'.repeat(5000))).toBe(false)
})
