import { expect, test } from '@jest/globals'
import { farKeys } from './far-keys.ts'

const segmentsInTable = 12
const tableOf = (number: number) => Math.floor(number / segmentsInTable)

/** What LevelDB has open after each read of two segments, and which of it was read. */
function mostReadTables(given: number): number {
  let open: number[] = []
  const read = new Set<number>()
  let most = 0
  const touch = (table: number) => {
    open = [...open.filter((other) => other !== table), table].slice(-64)
    for (const other of read) if (!open.includes(other)) read.delete(other)
  }
  for (let first = 0; first < given; first += 2) {
    touch(tableOf(first))
    read.add(tableOf(first))
    for (const key of farKeys(first, given)) touch(tableOf(Number(key.readBigUInt64BE())))
    most = Math.max(most, read.size)
  }
  return most
}

test.each([2000, 4096, 20_480])(
  'of %d segments read in turn, a quarter of the 64 open tables were read at most',
  (given) => {
    expect(mostReadTables(given)).toBeLessThanOrEqual(16)
  },
)

test('far keys lie among the numbers that were given, and are no segment’s own', () => {
  for (const given of [1, 2, 3, 1000]) {
    for (let first = 0; first < given; first++) {
      for (const key of farKeys(first, given)) {
        expect(key).toHaveLength(9)
        expect(Number(key.readBigUInt64BE())).toBeLessThan(given)
      }
    }
  }
})
