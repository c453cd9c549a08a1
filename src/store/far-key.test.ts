import { expect, test } from '@jest/globals'
import { farKey } from './far-key.ts'

const segmentsInTable = 8
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
    touch(tableOf(Number(farKey(first, given).readBigUInt64BE())))
    most = Math.max(most, read.size)
  }
  return most
}

test.each([1000, 4096, 20_480])(
  'of %d segments read in turn, less than half of the 64 open tables were read',
  (given) => {
    expect(mostReadTables(given)).toBeLessThan(32)
  },
)

test('a far key lies among the numbers that were given, and is no segment’s own', () => {
  for (const given of [1, 2, 3, 1000]) {
    for (let first = 0; first < given; first++) {
      const key = farKey(first, given)
      expect(key).toHaveLength(9)
      expect(Number(key.readBigUInt64BE())).toBeLessThan(given)
    }
  }
})
