import { expect, test } from '@jest/globals'
import { readManifest } from './manifest.ts'
import { maskedChecksum } from './masked-checksum.ts'

function logOf(...changes: number[][]): Buffer {
  const records = changes.map((change) => {
    const content = Buffer.from([1, ...change])
    const head = Buffer.alloc(6)
    head.writeUInt32LE(maskedChecksum(content), 0)
    head.writeUInt16LE(change.length, 4)
    return Buffer.concat([head, content])
  })
  return Buffer.concat(records)
}

test('Tables are those that were added and not removed, logs those from the last number on', () => {
  const add = (number: number, size: number) => [7, 0, number, size, 1, 97, 2, 98, 99]
  const log = logOf(
    [1, 3, 120, 121, 122, 2, 4, 3, 9, 4, 7],
    [...add(5, 100), ...add(6, 50), 5, 1, 2, 98, 99],
    [6, 1, 5, ...add(8, 70), 2, 9, 9, 3],
  )
  expect(readManifest(log)).toEqual({
    firstLog: 9,
    earlierLog: 3,
    tables: new Map([
      [6, 50],
      [8, 70],
    ]),
  })
})

test('A manifest that holds nothing, or what nobody knows, is a fault', () => {
  expect(() => readManifest(Buffer.alloc(0))).toThrow('holds nothing')
  expect(() => readManifest(logOf([8, 1]))).toThrow('has an unknown entry (8)')
  expect(() => readManifest(logOf([2]))).toThrow('ends within a number')
  expect(readManifest(logOf([]))).toEqual({ firstLog: 0, earlierLog: 0, tables: new Map() })
})

test('An entry that is not about tables takes none away, whatever their numbers', () => {
  const addNone = [7, 0, 0, 100, 1, 97, 2, 98, 99]
  const others = [1, 1, 120, 2, 4, 3, 9, 4, 7, 5, 1, 2, 98, 99, 9, 3]
  expect(readManifest(logOf(addNone, others)).tables).toEqual(new Map([[0, 100]]))
})
