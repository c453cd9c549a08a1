import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PrefixIndex } from './prefix-index.ts'

test('All values are found whose texts begin a text, and no others', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\u{10000}', '\uffff'), maxLength: 6 })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), text, (prefixes, asked) => {
      const index = new PrefixIndex(prefixes.map((prefix, at) => [prefix, at]))
      const oracle = prefixes.flatMap((prefix, at) => (asked.startsWith(prefix) ? [at] : []))
      expect(index.under(asked).sort((a, b) => a - b)).toEqual(oracle)
    }),
    { numRuns: 1000 },
  )
})
