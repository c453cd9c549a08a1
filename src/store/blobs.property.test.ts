import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { segmentsOf, stored, textsOf } from './blobs.fixture.ts'
import { type BlobId, type BlobStore, openBlobs, type WrittenBlob } from './blobs.ts'
import { Database } from './database.ts'

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
  #hasEnded = false
  readonly texts: string[] = []
  readonly written: Promise<WrittenBlob>

  constructor(blobs: BlobStore) {
    this.written = blobs.write(this.#segments())
    const end = () => {
      this.#hasEnded = true
    }
    this.written.then(end, end)
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

  /** Resolves once the next segment is asked for: the put of the one before is in line by then. Or never will be. */
  async settled(): Promise<void> {
    while (!this.#give && !this.#hasEnded) await new Promise((resolve) => setImmediate(resolve))
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
        const { ended } = await database.segments.putSegment(takeKey, Buffer.of(0))
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
