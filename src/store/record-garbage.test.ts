import { expect, test } from '@jest/globals'
import type { Level } from './level.ts'
import { RecordGarbage } from './record-garbage.ts'

const mebibyte = 1 << 20

/** A level that tells a size and writes down what is compacted. */
function levelOf(size: number) {
  const compacted: [string, string][] = []
  const asked: [string, string][] = []
  const level = {
    approximateSize: async (from: string, to: string) => {
      asked.push([from, to])
      return size
    },
    compactRange: async (from: string, to: string) => {
      compacted.push([from, to])
    },
  } as unknown as Level<string>
  return { garbage: new RecordGarbage(level), compacted, asked }
}

test('A kind is compacted once two mebibytes of it are garbage, and counted anew', async () => {
  const { garbage, compacted, asked } = levelOf(16 * mebibyte)
  garbage.note('a1', 'x'.repeat(2 * mebibyte - 3))
  await garbage.compact()
  expect(compacted).toEqual([])
  garbage.note('b1', 'x')
  garbage.note('a', '')
  await garbage.compact()
  expect(compacted).toEqual([['a', 'b']])
  expect(asked).toContainEqual(['a', 'b'])
  await garbage.compact()
  expect(compacted).toHaveLength(1)
})

test('Of a large kind an eighth must be garbage', async () => {
  const { garbage, compacted } = levelOf(80 * mebibyte)
  garbage.note('a', 'x'.repeat(10 * mebibyte - 2))
  await garbage.compact()
  expect(compacted).toEqual([])
  garbage.note('a', '')
  await garbage.compact()
  expect(compacted).toEqual([['a', 'b']])
})

test('A deleted record counts as 512 bytes and its key', async () => {
  const { garbage, compacted } = levelOf(0)
  garbage.note('a', 'x'.repeat(2 * mebibyte - 515))
  garbage.note('a', undefined)
  await garbage.compact()
  expect(compacted).toEqual([])
  garbage.note('a', '')
  await garbage.compact()
  expect(compacted).toEqual([['a', 'b']])
})

test('All is measured and compacted from the first key to the last, and then nothing is garbage', async () => {
  const { garbage, compacted, asked } = levelOf(7)
  garbage.note('a', 'x'.repeat(3 * mebibyte))
  expect(await garbage.size()).toBe(7)
  expect(asked).toEqual([['', '\xff']])
  await garbage.compactAll()
  await garbage.compact()
  expect(compacted).toEqual([['', '\xff']])
})

test('A store in memory has neither sizes nor tables', async () => {
  const garbage = new RecordGarbage({} as unknown as Level<string>)
  garbage.note('a', 'x'.repeat(3 * mebibyte))
  expect(await garbage.size()).toBe(0)
  await garbage.compact()
  await garbage.compactAll()
  expect(await garbage.size()).toBe(0)
})
