import { expect, test } from '@jest/globals'
import { MemoryLevel } from 'memory-level'
import { CoalescedWrites } from './coalesced-writes.ts'
import { Disk } from './disk.ts'
import type { Level } from './level.ts'

async function openLevel(): Promise<{ level: Level<Buffer>; batches: number[] }> {
  const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer', storeEncoding: 'buffer' } as const
  const level = new MemoryLevel<Buffer, Buffer>(encodings)
  await level.open()
  const batches: number[] = []
  level.on('write', (operations: unknown[]) => batches.push(operations.length))
  return { level: level as unknown as Level<Buffer>, batches }
}

const put = (name: string) => [{ type: 'put' as const, key: Buffer.from(name), value: Buffer.from(name) }]

test('Writes of one turn travel in one batch, and those made while it is written in the next', async () => {
  const { level, batches } = await openLevel()
  const writes = new CoalescedWrites(level, { sync: false }, new Disk([level], undefined))
  const first = [writes.write(put('a')), writes.write(put('b'))]
  const second = Promise.race(first).then(() => Promise.all([writes.write(put('c')), writes.write(put('d'))]))
  await Promise.all([...first, second])
  expect(batches).toEqual([2, 2])
  expect((await level.keys().all()).map(String)).toEqual(['a', 'b', 'c', 'd'])
})

test('ended waits for the batch that gathers, too', async () => {
  const { level, batches } = await openLevel()
  const writes = new CoalescedWrites(level, { sync: false }, new Disk([level], undefined))
  const one = writes.write(put('a'))
  await writes.ended()
  expect(batches).toEqual([1])
  await one
})

test('A batch that fails fails for each of its writers, and the next one is written', async () => {
  const { level } = await openLevel()
  const writes = new CoalescedWrites(level, { sync: false }, new Disk([level], undefined))
  await level.close()
  const failed = await Promise.allSettled([writes.write(put('a')), writes.write(put('b'))])
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await level.open()
  await writes.write(put('c'))
  expect((await level.keys().all()).map(String)).toEqual(['c'])
})
