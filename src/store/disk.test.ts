import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { MemoryLevel } from 'memory-level'
import { type BlobStore, openBlobs } from './blobs.ts'
import { Database } from './database.ts'
import { StoreUnavailable } from './disk.ts'
import { StoreNotOpened } from './files/open-errors.ts'
import { recordKind } from './keyspace.ts'
import type { Levels } from './level.ts'

/*
 * LevelDBs on a disk that a test fills. As LevelDB does, one fails every write after one that failed, until it is opened anew; what
 * it holds outlives that.
 */

const mebibyte = 1 << 20
const buckets = recordKind<string>()('bucket', ['string'])
const text = { keyEncoding: 'utf8', valueEncoding: 'utf8', storeEncoding: 'buffer' } as const
const bytes = { keyEncoding: 'buffer', valueEncoding: 'buffer', storeEncoding: 'buffer' } as const

let space: { free: number; size: number; logs: number }
/** Whether LevelDB's next write finds no room; in truth the rest is never all of what statfs tells. */
let isFull: boolean
/** Whether opening finds none. */
let failsToOpen: boolean
let openings: number
let levels: Levels
let database: Database
let blobs: BlobStore

type Write = (...parameters: unknown[]) => Promise<void>

function onFullDisk<Key, Value>(level: MemoryLevel<Key, Value>): MemoryLevel<Key, Value> {
  let hasFailed = false
  const failing = (write: Write): Write => {
    return async (...parameters) => {
      hasFailed ||= isFull
      if (hasFailed) throw new Error('IO error: 000003.log: No space left on device')
      await write.apply(level, parameters)
    }
  }
  const open = async () => {
    openings++
    if (failsToOpen) throw new Error('IO error: 000007.ldb: No space left on device')
    hasFailed = false
  }
  const own = level as unknown as { _put: Write; _batch: Write }
  Object.assign(level, { _put: failing(own._put), _batch: failing(own._batch), _open: open })
  return level
}

beforeEach(async () => {
  space = { free: 1024 * mebibyte, size: 4096 * mebibyte, logs: 0 }
  isFull = false
  failsToOpen = false
  openings = 0
  const records = onFullDisk(new MemoryLevel<string, string>(text))
  const bodies = onFullDisk(new MemoryLevel<Buffer, Buffer>(bytes))
  await Promise.all([records.open(), bodies.open()])
  openings = 0
  levels = [records, bodies] as unknown as Levels
  await reopen()
})

async function reopen(): Promise<void> {
  database = await Database.open({ storage: { levels, measure: async () => space } })
  blobs = await openBlobs(database)
}

afterEach(async () => {
  await blobs.close()
  await database.close()
})

async function* segments(count: number, size = 40_000): AsyncGenerator<Uint8Array> {
  for (let number = 1; number <= count; number++) yield Buffer.alloc(size, number)
}

async function putBody(count: number): Promise<number> {
  const blob = await blobs.write(segments(count))
  await database.transact((transaction) => blobs.keep(transaction, blob))
  return blob.id
}

async function sizeOf(id: number, count: number): Promise<number> {
  let size = 0
  for await (const segment of blobs.read(id, 0, count)) size += segment.length
  return size
}

const putBucket = (name: string) => database.transact((transaction) => transaction.put(buckets, [name], 'x'))
const deleteBucket = (name: string) => database.transact((transaction) => transaction.delete(buckets, [name]))

test('a write that finds no room is refused, what is stored can be read, and with room again all works', async () => {
  await putBucket('before')
  const id = await putBody(4)
  isFull = true
  space.free = 0
  await expect(putBucket('refused')).rejects.toThrow(StoreUnavailable)
  await expect(putBody(3)).rejects.toThrow(StoreUnavailable)
  await expect(deleteBucket('before')).rejects.toThrow(StoreUnavailable)
  expect(database.get(buckets, ['before'])).toBe('x')
  expect(database.get(buckets, ['refused'])).toBeUndefined()
  expect(await sizeOf(id, 4)).toBe(160_000)
  expect(await database.disk.trouble()).toMatch(/^The data folder cannot be written: .*No space left on device$/)
  expect(openings).toBe(0)
  isFull = false
  space.free = 1024 * mebibyte
  await putBucket('after')
  expect(openings).toBe(2)
  expect(await sizeOf(await putBody(3), 3)).toBe(120_000)
  expect(await sizeOf(id, 4)).toBe(160_000)
  expect(await database.disk.trouble()).toBeUndefined()
})

test('after a write that failed the next ones do not reach LevelDB, though it would take them', async () => {
  isFull = true
  await expect(putBucket('refused')).rejects.toThrow(StoreUnavailable)
  isFull = false
  space = { ...space, free: 10 * mebibyte, logs: 12 * mebibyte }
  await expect(putBucket('refused too')).rejects.toThrow(StoreUnavailable)
  expect(openings).toBe(0)
})

test('a segment that LevelDB does not take ends its turn like one that it does', async () => {
  const key = Buffer.of(1)
  isFull = true
  for (let time = 0; time < 3; time++) {
    const { ended } = await database.segments.putSegment(async () => key, Buffer.of(2))
    await expect(ended).rejects.toThrow(StoreUnavailable)
  }
  isFull = false
  const { ended } = await database.segments.putSegment(async () => key, Buffer.of(3))
  await ended
  expect(await database.bodies.get(key)).toEqual(Buffer.of(3))
})

test('a body that breaks off for want of room leaves nothing when there is room again', async () => {
  async function* filling() {
    yield* segments(3)
    isFull = true
    yield* segments(3)
  }
  await expect(blobs.write(filling())).rejects.toThrow(StoreUnavailable)
  isFull = false
  await putBucket('after')
  await blobs.close()
  blobs = await openBlobs(database)
  await blobs.sweep()
  expect(await database.bodies.keys().all()).toEqual([])
})

test('with less than the reserve what is new is refused, and deleting goes on', async () => {
  await putBucket('old')
  const id = await putBody(4)
  space.free = 32 * mebibyte
  await reopen()
  await expect(putBody(16)).rejects.toThrow(/^The disk of the data folder is full: 32.0 MiB are left$/)
  await expect(putBucket('new')).rejects.toThrow(StoreUnavailable)
  expect(await database.disk.trouble()).toMatch('The disk of the data folder is full')
  await deleteBucket('old')
  await database.transact((transaction) => blobs.drop(transaction, id))
  expect(await blobs.sweep()).toBeGreaterThanOrEqual(4)
  space.free = 33 * mebibyte
  await putBucket('new')
  expect(await database.disk.trouble()).toBeUndefined()
  expect(openings).toBe(0)
})

test('a disk that others filled is told before any write has come to know of it, after a start too', async () => {
  expect(await database.disk.trouble()).toBeUndefined()
  space.free = 20 * mebibyte
  expect(await database.disk.trouble()).toBe('The disk of the data folder is full: 20.0 MiB are left')
  await reopen()
  expect(await database.disk.trouble()).toBe('The disk of the data folder is full: 20.0 MiB are left')
})

test('a first start that finds no room names the folder and the cause', async () => {
  await database.close()
  isFull = true
  const empty = [onFullDisk(new MemoryLevel<string, string>(text)), onFullDisk(new MemoryLevel<Buffer, Buffer>(bytes))]
  await Promise.all(empty.map((level) => level.open()))
  const storage = { levels: empty as unknown as Levels, measure: async () => ({ ...space, free: 1000 }) }
  const opening = Database.open({ folder: '/data', storage })
  await expect(opening).rejects.toThrow(StoreNotOpened)
  await expect(opening).rejects.toThrow(
    'The data folder /data cannot be opened: ENOSPC, its disk is full (IO error: 000003.log: No space left on device)',
  )
})

test('at the edge of the reserve a disk that was full stays full until there is a mebibyte more, after a start too', async () => {
  const full = /^The disk of the data folder is full: 32.5 MiB are left$/
  space.free = 32.5 * mebibyte
  expect(await database.disk.trouble()).toBeUndefined()
  space.free = 32 * mebibyte
  expect(await database.disk.trouble()).toBeDefined()
  space.free = 32.5 * mebibyte
  expect(await database.disk.trouble()).toMatch(full)
  await expect(putBucket('new')).rejects.toThrow(full)
  space.free = 33 * mebibyte
  expect(await database.disk.trouble()).toBeUndefined()
  space.free = 32.5 * mebibyte
  await reopen()
  expect(await database.disk.trouble()).toMatch(full)
})

test('of a small disk an eighth is the reserve, and an eighth of that the room it needs beyond', async () => {
  space = { free: 5 * mebibyte, size: 40 * mebibyte, logs: 0 }
  await reopen()
  await expect(putBucket('too much')).rejects.toThrow(StoreUnavailable)
  space.free = 5.6 * mebibyte
  await expect(putBucket('still too much')).rejects.toThrow(StoreUnavailable)
  space.free = 5.65 * mebibyte
  await putBucket('fits')
})

test('a store that cannot be opened again is closed to readers, until it can', async () => {
  const id = await putBody(4)
  isFull = true
  await expect(putBucket('refused')).rejects.toThrow(StoreUnavailable)
  failsToOpen = true
  await expect(putBucket('refused')).rejects.toThrow(
    /^The data folder cannot be opened again: .*No space left on device$/,
  )
  expect(() => database.get(buckets, ['any'])).toThrow(StoreUnavailable)
  expect(() => blobs.read(id, 0, 4)).toThrow(StoreUnavailable)
  expect(await database.disk.trouble()).toMatch('cannot be opened again')
  isFull = false
  failsToOpen = false
  expect(await database.disk.trouble()).toBeUndefined()
  expect(await sizeOf(id, 4)).toBe(160_000)
})

test('what was known of records is forgotten when the store is opened again: a write that failed may be there', async () => {
  expect(database.get(buckets, ['a'])).toBeUndefined()
  isFull = true
  await expect(putBucket('b')).rejects.toThrow(StoreUnavailable)
  isFull = false
  await putBucket('c')
  expect(database.get(buckets, ['b'])).toBeUndefined()
  await putBucket('b')
  expect(database.get(buckets, ['b'])).toBe('x')
})

test('memory has no disk, and nothing is wrong with it', async () => {
  const inMemory = await Database.open({})
  expect(await inMemory.disk.trouble()).toBeUndefined()
  await inMemory.close()
})

test('a reset goes on below the reserve, and so does the end', async () => {
  await putBucket('a')
  space.free = 0
  database = await database.clear()
  blobs = await openBlobs(database)
  expect(database.get(buckets, ['a'])).toBeUndefined()
})
