import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PatternBits } from './pattern-bits.ts'
import { PatternList } from './pattern-list.ts'
import { arnPattern, compileText, matches } from './wildcard.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b', ':', '*', '?', '😀'), maxLength: 10 })
const plain = fc.string({ unit: fc.constantFrom('a', 'b', ':', '😀'), maxLength: 12 })

test('Of many patterns one fits when one of them alone does', () => {
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 40 }), plain, (texts, text) => {
      const patterns = texts.map(compileText)
      const oracle = patterns.some((pattern) => matches(pattern, text))
      expect(new PatternList(patterns).matches(text)).toBe(oracle)
      const bits = new PatternBits(patterns)
      expect([bits.matches(text), bits.matches(text)]).toEqual([oracle, oracle])
    }),
    { numRuns: 1000 },
  )
})

test('Patterns of ARNs are compared part by part, alone and among many', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 3 })
  const written = fc.tuple(part, part, part, part, part, letters).map((parts) => parts.join(':'))
  const named = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }), { minLength: 4, maxLength: 8 })
  const oracle = (pattern: string, text: string) => {
    const cut = (whole: string) => [...whole.split(':').slice(0, 5), whole.split(':').slice(5).join(':')]
    if (text.split(':').length < 6) return false
    return cut(pattern).every((piece, at) => matches(compileText(piece), cut(text)[at] ?? ''))
  }
  fc.assert(
    fc.property(fc.array(written, { minLength: 1, maxLength: 12 }), named, (texts, parts) => {
      const text = parts.join(':')
      const patterns = texts.map((one) => arnPattern(compileText(one)) ?? [])
      const expected = texts.map((one) => oracle(one, text))
      expect(patterns.map((pattern) => matches(pattern, text))).toEqual(expected)
      expect(patterns.map((pattern) => new PatternBits([pattern]).matches(text))).toEqual(expected)
      expect(new PatternList(patterns).matches(text)).toBe(expected.includes(true))
    }),
    { numRuns: 1000 },
  )
})

test('Thousands of patterns that nearly fit everywhere are decided before anybody waits for it', () => {
  const list = new PatternList(Array.from({ length: 2500 }, (_, index) => compileText(`*a*a*a${index % 10}*`)))
  for (let time = 0; time < 50; time++) expect(list.matches(`arn:aws:s3:::b/${'a'.repeat(1024)}`)).toBe(false)
  expect(list.matches(`${'a'.repeat(1024)}7`)).toBe(true)
})
