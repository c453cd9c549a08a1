import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createXxHash, loadXxHash, type XxHashName } from './xxhash.ts'

/* Known answers: xxHash's own sanity tests (XSUM) for the empty input and for `a`, and AWS's of the empty body for XXHASH64. */

const known: [XxHashName, string, string][] = [
  ['XXHASH64', '', 'ef46db3751d8e999'],
  ['XXHASH64', 'a', 'd24ec4f1a98c6e5b'],
  ['XXHASH64', 'abc', '44bc2cf5ad770999'],
  ['XXHASH3', '', '2d06800538d394c2'],
  ['XXHASH3', 'a', 'e6c632b61e964e1f'],
  ['XXHASH3', 'abc', '78af5f94892f3950'],
  ['XXHASH128', '', '99aa06d3014798d86001c324468d497f'],
  ['XXHASH128', 'a', 'a96faf705af16834e6c632b61e964e1f'],
  ['XXHASH128', 'abc', '06b05ab6733a618578af5f94892f3950'],
]

test.each(known)('%s of "%s" is %s', async (name, text, expected) => {
  await loadXxHash()
  const checksum = createXxHash(name)
  checksum.update(Buffer.from(text))
  expect(checksum.digest().toString('hex')).toBe(expected)
})

test('Pieces give what the whole gives, and checksums in progress do not disturb each other', async () => {
  await loadXxHash()
  const pieces = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 6 })
  fc.assert(
    fc.property(fc.constantFrom<XxHashName>('XXHASH64', 'XXHASH3', 'XXHASH128'), pieces, pieces, (name, one, other) => {
      const whole = (parts: Uint8Array[]) => {
        const checksum = createXxHash(name)
        checksum.update(Buffer.concat(parts))
        return checksum.digest()
      }
      const [first, second] = [createXxHash(name), createXxHash(name)]
      for (let index = 0; index < Math.max(one.length, other.length); index++) {
        first.update(one[index] ?? new Uint8Array())
        second.update(other[index] ?? new Uint8Array())
      }
      expect([first.digest(), second.digest()]).toEqual([whole(one), whole(other)])
    }),
  )
})
