import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { variable } from './policy.fixture.ts'
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

test('Long patterns that nearly fit everywhere are decided alike, and before anybody waits for it', () => {
  const nearly = fc.tuple(fc.constantFrom('a', 'ab', 'a?', '😀'), fc.integer({ min: 1, max: 40 }))
  const pieces = fc.array(nearly, { minLength: 1, maxLength: 2 })
  const joined = (found: [string, number][]) => found.map(([text, count]) => text.repeat(count))
  fc.assert(
    fc.property(pieces, pieces, fc.constantFrom('', 'a', 'b'), (wanted, given, end) => {
      const pattern = `*${joined(wanted).join('*')}${end}`
      const text = `${joined(given).join('').repeat(8)}${end}`
      const oracle = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su').test(text)
      expect(matches(compilePattern(pattern) ?? [], text)).toBe(oracle)
    }),
    { numRuns: 300 },
  )
  // Sixteen million steps back and forth each; by bits some hundred thousand.
  const worst = compilePattern(`*${'a'.repeat(4000)}b`) ?? []
  for (let time = 0; time < 20; time++) expect(matches(worst, 'a'.repeat(8000))).toBe(false)
  expect(matches(compilePattern(`*${'a?'.repeat(2000)}b*`) ?? [], `${'a'.repeat(8000)}b`)).toBe(true)
})

test('A question mark is one character, of one or of two of JavaScript’s units', () => {
  const fits = (pattern: string, text: string) => matches(compilePattern(pattern) ?? [], text)
  expect([fits('?', '😀'), fits('??', '😀'), fits('?b', '😀b'), fits('a?', 'a😀')]).toEqual([true, false, true, true])
  expect([fits('?', '\uffff'), fits('?b', '\uffffb'), fits('?b', '\u{10000}b')]).toEqual([true, true, true])
  expect([fits('*?b', '😀😀b'), fits('?*?', '😀'), fits('*😀', 'a😀😀')]).toEqual([true, false, true])
})

test('Wildcards are plain characters where they do not count, and variables are plain text where there are none', () => {
  expect(compilePattern('a*?', undefined, false)).toEqual(['a*?'])
  expect(compilePattern('*?', undefined)).toEqual([0, 1])
  expect(compilePattern(variable('a'))).toEqual(['$' + '{a}'])
})

test('A variable has its value, its default, or makes the pattern match nothing', () => {
  const values = new Map([
    ['a', ['x*']],
    ['many', ['x', 'y']],
  ])
  const variables = (name: string) => values.get(name) ?? []
  const textOf = (pattern: string) => compilePattern(pattern, variables)?.join('')
  expect([
    textOf(`-${variable('a')}-`),
    textOf(variable(' a ')),
    textOf(variable("a, 'd'")),
    textOf(variable("b, 'd' ")),
  ]).toEqual(['-x*-', 'x*', 'x*', 'd'])
  expect([
    textOf(variable('b')),
    textOf(variable('b, d')),
    textOf(variable("b,'d")),
    textOf(variable("b,d'")),
    textOf(variable("b,'d'e")),
  ]).toEqual(Array(5).fill(undefined))
  expect([textOf(variable("b, ''")), textOf('${'), textOf('}${a'), textOf(`${variable('a')}}`)]).toEqual([
    '',
    '${',
    '}${a',
    'x*}',
  ])
  expect(matches(compilePattern(variable('a'), variables) ?? [], 'xy')).toBe(false)
  expect([textOf(variable('many')), textOf(variable("many, 'd'"))]).toEqual([undefined, undefined])
})
