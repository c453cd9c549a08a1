import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { AbstractChainedBatch } from 'abstract-level'
import { segmentsOf, stored, textsOf, writeKept } from './blobs.fixture.ts'
import { type BlobStore, openBlobs } from './blobs.ts'
import { Database } from './database.ts'
import { moment, someTurns } from './moment.fixture.ts'

type Batch = AbstractChainedBatch<unknown, unknown, unknown>

let undo: (() => Promise<void>)[] = []
afterEach(async () => {
  jest.restoreAllMocks()
  for (const step of undo.reverse()) await step()
  undo = []
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'blobs-'))
  undo.push(() => rm(path, { recursive: true }))
  return path
}

/** Segments too large to share a batch. */
async function* large(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(40_000)
}

/** What a spy is called with, whose types are lost. */
function bufferOf(bytes: unknown): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes
  throw new TypeError('not a buffer')
}

/** Lets the given one of the puts that follow wait until it may end. */
function holdPut(database: Database, held: number): { mayEnd: () => void; begun: Promise<void> } {
  const [mayEnd, begun] = [moment(), moment()]
  const put = database.bodies.put.bind(database.bodies)
  let count = 0
  jest.spyOn(database.bodies, 'put').mockImplementation(async (key, value) => {
    if (++count === held) {
      begun.come()
      await mayEnd.comes
    }
    await put(bufferOf(key), bufferOf(value))
  })
  return { mayEnd: mayEnd.come, begun: begun.comes }
}

describe.each(['memory', 'disk'])('blobs in %s', (backend) => {
  async function open(): Promise<{ database: Database; blobs: BlobStore }> {
    const database = await Database.open(backend === 'disk' ? { folder: await folder() } : {})
    undo.push(() => database.close())
    return { database, blobs: await openBlobs(database) }
  }

  test('segments come back in order, whole and in part', async () => {
    const { database, blobs } = await open()
    const texts = Array.from({ length: 11 }, (_, index) => `segment ${index}`)
    const { id } = await writeKept(database, blobs, ...texts)
    expect(await textsOf(blobs.read(id, 0, 11))).toEqual(texts)
    expect(await textsOf(blobs.read(id, 3, 1))).toEqual(texts.slice(3, 4))
    expect(await textsOf(blobs.read(id, 2, 7))).toEqual(texts.slice(2, 9))
    expect(() => blobs.read(id, 10, 2)).toThrow('has no segments')
  })

  test('interleaved writers keep their own segments', async () => {
    const { database, blobs } = await open()
    const texts = (name: string) => Array.from({ length: 20 }, (_, index) => `${name}${index}`)
    const names = ['a', 'b', 'c', 'd']
    const written = await Promise.all(names.map((name) => writeKept(database, blobs, ...texts(name))))
    for (const [index, { id }] of written.entries()) {
      expect(await textsOf(blobs.read(id, 0, 20))).toEqual(texts(names[index] ?? ''))
    }
  })

  test('a segment is asked for only when all but the last two are in the store', async () => {
    const { database, blobs } = await open()
    const stored: number[] = []
    async function* counted() {
      for (const text of ['a', 'b', 'c', 'd']) {
        stored.push((await database.bodies.keys().all()).length)
        yield Buffer.from(text)
      }
    }
    const blob = await blobs.write(counted())
    for (const [index, count] of stored.entries()) expect(count).toBeGreaterThanOrEqual(index - 2)
    await database.transact((transaction) => blobs.keep(transaction, blob))
    expect(await textsOf(blobs.read(blob.id, 0, 4))).toEqual(['a', 'b', 'c', 'd'])
  })

  test('numbers ascend as segments are put, not as bodies begin', async () => {
    const { blobs } = await open()
    let beginSlowly = () => {}
    const begun = new Promise<void>((resolve) => {
      beginSlowly = resolve
    })
    async function* slow() {
      await begun
      yield Buffer.from('a')
      yield Buffer.from('d')
    }
    const first = blobs.write(slow())
    const second = await blobs.write(segmentsOf('b', 'c'))
    beginSlowly()
    expect((await first).id).toBe(second.id + 2)
  })

  test.each([1, 2, 3])('a write of three segments resolves after put %d, whichever ends last', async (held) => {
    const { database, blobs } = await open()
    const { mayEnd, begun } = holdPut(database, held)
    let isWritten = false
    const written = blobs.write(large(3)).then(() => {
      isWritten = true
    })
    await begun
    await someTurns()
    expect(isWritten).toBe(false)
    mayEnd()
    await written
    expect(await stored(database)).toBe(3)
  })

  test('a write of a body that shares a batch resolves after its put', async () => {
    const { database, blobs } = await open()
    const mayBeWritten = moment()
    await blobs.write(segmentsOf('reserves', 'numbers'))
    jest.spyOn(AbstractChainedBatch.prototype, 'write').mockImplementationOnce(async function (this: Batch) {
      await mayBeWritten.comes
      return this.write()
    })
    let isWritten = false
    const written = blobs.write(segmentsOf('s'.repeat(5000))).then(() => {
      isWritten = true
    })
    await someTurns()
    expect(isWritten).toBe(false)
    mayBeWritten.come()
    await written
    expect(await stored(database)).toBe(3)
  })

  test.each([1, 2, 3])('a write of which put %d fails rejects, and leaves nothing', async (failing) => {
    const { database, blobs } = await open()
    const put = database.bodies.put.bind(database.bodies)
    let count = 0
    jest.spyOn(database.bodies, 'put').mockImplementation(async (key, value) => {
      if (++count === failing) throw new Error('The disk is full')
      await put(bufferOf(key), bufferOf(value))
    })
    await expect(blobs.write(large(3))).rejects.toThrow('The disk is full')
    await blobs.close()
    expect(await stored(database)).toBe(0)
  })

  test('a write of a body that shares a batch rejects when that fails, and the next one is whole', async () => {
    const { database, blobs } = await open()
    await blobs.write(segmentsOf('reserves', 'numbers'))
    jest.spyOn(AbstractChainedBatch.prototype, 'write').mockRejectedValueOnce(new Error('The disk is full'))
    await expect(blobs.write(segmentsOf('s'.repeat(5000)))).rejects.toThrow('The disk is full')
    const { id } = await writeKept(database, blobs, 'next')
    expect(await textsOf(blobs.read(id, 0, 1))).toEqual(['next'])
  })

  test('a body without any segment is refused', async () => {
    const { blobs } = await open()
    await expect(blobs.write(segmentsOf())).rejects.toThrow('A body has at least one segment')
  })

  test.each([3, 40_000])('a source may use one buffer for all its segments of %d bytes', async (length) => {
    const { database, blobs } = await open()
    const buffer = Buffer.alloc(length)
    async function* reusing() {
      for (let number = 1; number <= 9; number++) yield buffer.fill(number)
    }
    const blob = await blobs.write(reusing())
    await database.transact((transaction) => blobs.keep(transaction, blob))
    let number = 0
    for await (const segment of blobs.read(blob.id, 0, 9)) {
      expect(Buffer.compare(segment, Buffer.alloc(length, ++number))).toBe(0)
    }
    expect(number).toBe(9)
  })

  test('a write whose source fails leaves nothing', async () => {
    const { database, blobs } = await open()
    async function* failing() {
      yield Buffer.from('a')
      throw new Error('the client went away')
    }
    await expect(blobs.write(failing())).rejects.toThrow('the client went away')
    await blobs.close()
    expect(await stored(database)).toBe(0)
  })

  test('an abandoned blob is cleared', async () => {
    const { database, blobs } = await open()
    blobs.abandon(await blobs.write(segmentsOf('a', 'b')))
    await blobs.close()
    expect(await stored(database)).toBe(0)
  })

  test('much garbage is swept in several batches, and what is read among it stays', async () => {
    const { database, blobs } = await open()
    const written = await Promise.all(
      Array.from({ length: 1100 }, (_, index) => writeKept(database, blobs, `${index}`)),
    )
    const long = await writeKept(database, blobs, ...Array.from({ length: 1100 }, (_, index) => `long ${index}`))
    const [first, ...others] = [...written.map(({ id }) => id), long.id]
    const pin = blobs.pin([first ?? 0])
    await database.transact((transaction) => {
      for (const id of [first ?? 0, ...others]) blobs.drop(transaction, id)
    })
    expect(await blobs.sweep()).toBe(2199)
    expect(await textsOf(blobs.read(first ?? 0, 0, 1))).toEqual(['0'])
    pin.release()
    expect(await blobs.sweep()).toBe(1)
    expect(await stored(database)).toBe(0)
  })

  test('a dropped blob is swept when its last reader is done', async () => {
    const { database, blobs } = await open()
    const { id } = await writeKept(database, blobs, 'a', 'b', 'c')
    const pins = [blobs.pin([id]), blobs.pin([id])]
    await database.transact((transaction) => blobs.drop(transaction, id))
    expect(await blobs.sweep()).toBe(0)
    expect(await textsOf(blobs.read(id, 0, 3))).toEqual(['a', 'b', 'c'])
    pins[0]?.release()
    pins[0]?.release()
    expect(await blobs.sweep()).toBe(0)
    pins[1]?.release()
    expect(await blobs.sweep()).toBe(3)
    expect(await stored(database)).toBe(0)
    expect(() => blobs.read(id, 0, 1)).toThrow('not in the store')
  })

  test('a missing segment is an error', async () => {
    const { database, blobs } = await open()
    const { id } = await writeKept(database, blobs, 'a', 'b', 'c')
    const [, second] = await database.bodies.keys().all()
    if (second) await database.bodies.del(second)
    await expect(textsOf(blobs.read(id, 0, 3))).rejects.toThrow('is missing')
    await expect(textsOf(blobs.read(id, 1, 1))).rejects.toThrow('is missing')
  })

  test('a clearing of the store never gives a number twice', async () => {
    const { database, blobs } = await open()
    const before = await writeKept(database, blobs, 'a', 'b')
    const next = await database.clear()
    const again = await openBlobs(next)
    const after = await writeKept(next, again, 'c')
    expect(after.id).toBeGreaterThan(before.id + 1)
    expect(await again.sweep()).toBe(0)
    expect((await writeKept(next, again, 'd')).id).toBeGreaterThan(after.id)
    expect(await textsOf(again.read(after.id, 0, 1))).toEqual(['c'])
  })
})

test('what was kept is there after the store was opened again', async () => {
  const path = await folder()
  const first = await Database.open({ folder: path })
  const blobs = await openBlobs(first)
  const { id } = await writeKept(first, blobs, 'a', 'b')
  await blobs.close()
  await first.close()
  const second = await Database.open({ folder: path })
  undo.push(() => second.close())
  const reopened = await openBlobs(second)
  expect(await reopened.sweep()).toBe(0)
  expect(await textsOf(reopened.read(id, 0, 2))).toEqual(['a', 'b'])
  expect((await writeKept(second, reopened, 'c', 'd')).id).toBe(id + 2)
})

test('the first sweep after an unclean end clears what no record claims', async () => {
  const database = await Database.open({})
  const crashed = await openBlobs(database)
  const kept = await writeKept(database, crashed, 'a', 'b')
  await crashed.write(segmentsOf('lost', 'lost too'))
  const blobs = await openBlobs(database)
  const fresh = await blobs.write(segmentsOf('not yet kept'))
  expect(await blobs.sweep()).toBe(2)
  await database.transact((transaction) => blobs.keep(transaction, fresh))
  expect(await blobs.sweep()).toBe(0)
  expect(await textsOf(blobs.read(kept.id, 0, 2))).toEqual(['a', 'b'])
  expect(await textsOf(blobs.read(fresh.id, 0, 1))).toEqual(['not yet kept'])
  await database.close()
})
