import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type BlobId, type BlobStore, openBlobs, type WrittenBlob } from './blobs.ts'
import { Database } from './database.ts'

let undo: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  undo = []
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'blobs-'))
  undo.push(() => rm(path, { recursive: true }))
  return path
}

async function* segmentsOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function textsOf(segments: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = []
  for await (const segment of segments) texts.push(Buffer.from(segment).toString())
  return texts
}

async function stored(database: Database): Promise<number> {
  return (await database.bodies.keys().all()).length
}

async function writeKept(database: Database, blobs: BlobStore, ...texts: string[]): Promise<WrittenBlob> {
  const blob = await blobs.write(segmentsOf(...texts))
  await database.transact((transaction) => blobs.keep(transaction, blob))
  return blob
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
    }
    const first = blobs.write(slow())
    const second = await blobs.write(segmentsOf('b', 'c'))
    beginSlowly()
    expect((await first).id).toBe(second.id + 2)
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
    await database.clear()
    const after = await writeKept(database, blobs, 'c')
    expect(after.id).toBeGreaterThan(before.id + 1)
    const again = await openBlobs(database)
    expect(await again.sweep()).toBe(0)
    expect((await writeKept(database, again, 'd')).id).toBeGreaterThan(after.id)
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
  expect((await writeKept(second, reopened, 'c')).id).toBe(id + 2)
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

/*
 * A model of the store under any interleaving of writes, commits, drops, sweeps, readers, crashes and clean ends: what was
 * committed and not dropped is always there, and once all is settled nothing else is.
 */
type Step =
  | { does: 'write'; segments: number }
  | { does: 'keep' | 'abandon' | 'drop' | 'advance'; which: number }
  | { does: 'open stream' | 'sweep' | 'sweep aside' | 'crash' | 'end' | 'reserve' }

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant('write' as const), segments: fc.integer({ min: 1, max: 5 }) }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        does: fc.constantFrom(
          'keep' as const,
          'keep' as const,
          'abandon' as const,
          'drop' as const,
          'advance' as const,
        ),
        which: fc.nat(20),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constantFrom('open stream', 'sweep', 'sweep aside', 'crash', 'end', 'reserve') as fc.Arbitrary<
          'open stream' | 'sweep' | 'sweep aside' | 'crash' | 'end' | 'reserve'
        >,
      }),
    },
  ),
  { maxLength: 60 },
)

/** A write that goes on segment by segment, as a slow client's does. */
class SlowWrite {
  #give: ((text: string | undefined) => void) | undefined
  readonly texts: string[] = []
  readonly written: Promise<WrittenBlob>

  constructor(blobs: BlobStore) {
    this.written = blobs.write(this.#segments())
  }

  async *#segments(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const text = await new Promise<string | undefined>((resolve) => {
        this.#give = resolve
      })
      if (text === undefined) return
      yield Buffer.from(text)
    }
  }

  async give(text: string | undefined): Promise<void> {
    await this.settled()
    const give = this.#give
    this.#give = undefined
    if (text !== undefined) this.texts.push(text)
    give?.(text)
  }

  /** Resolves once the next segment is asked for: the put of the one before is in line by then. */
  async settled(): Promise<void> {
    while (!this.#give) await new Promise((resolve) => setImmediate(resolve))
  }
}

test('no interleaving with crashes loses a committed blob or keeps an orphan', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const database = await Database.open({})
      let blobs = await openBlobs(database)
      const kept = new Map<BlobId, string[]>()
      let pending: { blob: WrittenBlob; texts: string[] }[] = []
      let streams: SlowWrite[] = []
      let aside: Promise<number>[] = []
      let counter = 0
      const restart = async () => {
        // What is under way would die with its process; here it must be issued and land before the next run begins.
        for (const stream of streams) await stream.settled()
        const end = Buffer.alloc(8, 0xff)
        const takeKey = async () => {
          // The turn has come: those before have theirs, and by the second time also the numbers that they waited for.
          await database.settled()
          await database.settled()
          return end
        }
        const { ended } = await database.putSegment(takeKey, Buffer.of(0))
        await ended
        await database.bodies.del(end)
        pending = []
        streams = []
        await Promise.all(aside)
        aside = []
        blobs = await openBlobs(database)
      }
      const take = async (step: Step) => {
        if (step.does === 'write') {
          const texts = Array.from({ length: step.segments }, () => `text ${counter++}`)
          pending.push({ blob: await blobs.write(segmentsOf(...texts)), texts })
        } else if (step.does === 'open stream') streams.push(new SlowWrite(blobs))
        else if (step.does === 'advance') {
          const stream = streams[step.which % streams.length]
          if (!stream) return
          await stream.give(`text ${counter++}`)
          if (step.which % 3 > 0) return
          await stream.give(undefined)
          pending.push({ blob: await stream.written, texts: stream.texts })
          streams = streams.filter((other) => other !== stream)
        } else if (step.does === 'keep' || step.does === 'abandon') {
          const [chosen] = pending.splice(step.which % Math.max(1, pending.length), 1)
          if (!chosen) return
          if (step.does === 'abandon') return blobs.abandon(chosen.blob)
          await database.transact((transaction) => blobs.keep(transaction, chosen.blob))
          kept.set(chosen.blob.id, chosen.texts)
        } else if (step.does === 'drop') {
          const id = [...kept.keys()][step.which % Math.max(1, kept.size)]
          if (id === undefined) return
          await database.transact((transaction) => blobs.drop(transaction, id))
          kept.delete(id)
        } else if (step.does === 'reserve') {
          const { id } = await blobs.write(segmentsOf(...Array.from({ length: 1030 }, () => '')))
          expect(id).toBeGreaterThanOrEqual(0)
        } else if (step.does === 'sweep') await blobs.sweep()
        else if (step.does === 'sweep aside') aside.push(blobs.sweep())
        else if (step.does === 'crash') await restart()
        else {
          await blobs.close()
          await restart()
        }
      }
      for (const step of script) await take(step)
      await restart()
      await blobs.sweep()
      for (const [id, texts] of kept) expect(await textsOf(blobs.read(id, 0, texts.length))).toEqual(texts)
      expect(await stored(database)).toBe([...kept.values()].flat().length)
      await database.close()
    }),
    { numRuns: 150 },
  )
})
