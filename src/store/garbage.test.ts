import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type BlobId, type BlobStore, openBlobs } from './blobs.ts'
import { Database, settings } from './database.ts'
import { recordKind } from './keyspace.ts'
import { Pace } from './pace.ts'

const mebibyte = 1 << 20
const segment = Buffer.alloc(256 << 10, 's')

let folder: string
let database: Database
let blobs: BlobStore

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'garbage-'))
  await open()
})

afterEach(async () => {
  await close()
  await rm(folder, { recursive: true })
})

async function open(): Promise<void> {
  database = await Database.open({ folder })
  blobs = await openBlobs(database)
}

async function close(): Promise<void> {
  await blobs.close()
  await database.close()
}

/** The bytes of all files, in MiB. */
async function onDisk(): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  // LevelDB deletes files meanwhile.
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0) / mebibyte
}

async function* segments(count: number, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield bytes
}

async function put(count: number, bytes: Uint8Array = segment): Promise<BlobId> {
  const blob = await blobs.write(segments(count, bytes))
  await database.transact((transaction) => blobs.keep(transaction, blob))
  return blob.id
}

async function drop(...ids: BlobId[]): Promise<void> {
  await database.transact((transaction) => {
    for (const id of ids) blobs.drop(transaction, id)
  })
}

/** As the project promises it: what lives and a fifth, and the logs. */
function allowed(liveMebibytes: number): number {
  return liveMebibytes * 1.2 + 32
}

describe('the data folder', () => {
  test('is small again when a body that was overwritten many times was swept', async () => {
    let id = await put(32)
    for (let round = 0; round < 8; round++) {
      const next = await put(32)
      await drop(id)
      id = next
    }
    expect(await onDisk()).toBeGreaterThan(70)
    expect(await blobs.sweep()).toBe(8 * 32)
    expect(await onDisk()).toBeLessThan(allowed(8))
    await drop(id)
    await blobs.sweep()
    expect(await onDisk()).toBeLessThan(8)
  })

  test('is small again when every other body was deleted, and the others are whole', async () => {
    const ids: BlobId[] = []
    for (let index = 0; index < 120; index++) ids.push(await put(4))
    const isLive = (id: BlobId) => ids.indexOf(id) % 2 === 0
    await drop(...ids.filter((id) => !isLive(id)))
    expect(await blobs.sweep()).toBe(60 * 4)
    expect(await onDisk()).toBeLessThan(allowed(60))
    for (const id of ids.filter(isLive)) {
      for await (const bytes of blobs.read(id, 0, 4)) expect(segment.equals(bytes)).toBe(true)
    }
  })

  test('is small again when many small bodies were deleted', async () => {
    const kibibytes = Buffer.alloc(16 << 10, 'k')
    const ids = await Promise.all(Array.from({ length: 3200 }, () => put(1, kibibytes)))
    await drop(...ids.filter((_, index) => index % 10 > 0))
    await blobs.sweep()
    expect(await onDisk()).toBeLessThan(allowed(5))
  })

  test('is small again at once after a reset', async () => {
    await put(200)
    database = await database.clear()
    blobs = await openBlobs(database)
    expect(await onDisk()).toBeLessThan(2)
  })

  test('is small again when an upload was broken off, or the process ended in its midst', async () => {
    async function* failing() {
      yield* segments(160, segment)
      throw new Error('the client went away')
    }
    await expect(blobs.write(failing())).rejects.toThrow('the client went away')
    await blobs.write(segments(160, segment))
    await database.close()
    await open()
    await blobs.sweep()
    expect(await onDisk()).toBeLessThan(allowed(0))
  })

  test('is small again when an earlier version deleted and left the space', async () => {
    await put(256)
    const keys = await database.bodies.keys().all()
    await database.segments.delete(keys)
    await database.transact((transaction) => transaction.delete(settings, ['bodies-compacted']))
    expect(await onDisk()).toBeGreaterThan(60)
    await blobs.sweep()
    expect(await onDisk()).toBeLessThan(allowed(0))
    expect(database.get(settings, ['bodies-compacted'])).toBe(1)
  })

  test('is small again when old records were deleted', async () => {
    const events = recordKind<string>()('event', ['integer'])
    const texts = Array.from({ length: 500 }, () =>
      Buffer.from(crypto.getRandomValues(new Uint8Array(1500))).toString('base64'),
    )
    const inBatches = async (change: (transaction: ReturnType<Database['transaction']>, number: number) => void) => {
      for (let first = 0; first < 40_000; first += 500) {
        await database.transact((transaction) => {
          for (let number = first; number < first + 500; number++) change(transaction, number)
        })
      }
    }
    await inBatches((transaction, number) => transaction.add(events, [number], texts[number % 500] ?? ''))
    await database.compactRecords()
    expect(await onDisk()).toBeGreaterThan(60)
    await inBatches((transaction, number) => transaction.delete(events, [number]))
    await database.compactRecords()
    expect(await onDisk()).toBeLessThan(allowed(0))
  })
})

test('a little garbage among what lives waits until there is more', async () => {
  const ids: BlobId[] = []
  for (let index = 0; index < 32; index++) ids.push(await put(8))
  await put(64)
  await drop(...ids.slice(0, 2))
  expect(await blobs.sweep()).toBe(0)
  expect((await database.bodies.keys().all()).length).toBe(320)
  await drop(...ids.slice(2, 5))
  expect(await blobs.sweep()).toBe(40)
  expect((await database.bodies.keys().all()).length).toBe(280)
})

test('of a long body the dense part is cleared, and the rest is known of until it is worth it', async () => {
  const long = await put(270)
  const live = await put(240)
  await drop(long)
  expect(await blobs.sweep()).toBe(256)
  expect(await blobs.sweep()).toBe(0)
  expect((await database.bodies.keys().all()).length).toBe(14 + 240)
  await drop(live)
  expect(await blobs.sweep()).toBe(14 + 240)
  expect(await database.bodies.keys().all()).toEqual([])
})

test('a sweep that is told to end goes on with the next', async () => {
  const id = await put(600)
  await drop(id)
  const pace = new Pace(() => 0)
  pace.end()
  expect(await blobs.sweep(pace)).toBe(0)
  expect(await blobs.sweep()).toBe(600)
  expect(await database.bodies.keys().all()).toEqual([])
})

test('Ranges that are neighbours are cleared in one step, and those apart in one each', async () => {
  const ids: BlobId[] = []
  const kibibytes = Buffer.alloc(4 << 10, 'k')
  for (let index = 0; index < 24; index++) ids.push(await put(64, kibibytes))
  await blobs.sweep()
  // 256 segments are a range: four bodies. The ranges 0 to 2 are neighbours, 5 is alone.
  await drop(...ids.slice(0, 12), ...ids.slice(20))
  let asked = 0
  // A step asks for the time when it begins and when it ends.
  const pace = new Pace(() => 0 * asked++)
  expect(await blobs.sweep(pace)).toBe(16 * 64)
  expect(asked).toBe(2 * 2)
})
