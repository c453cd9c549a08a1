import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type BlobId, blobRecords, garbageRecords, lengthOf } from './blob-records.ts'
import { segmentsOf, stored, textsOf, writeKept } from './blobs.fixture.ts'
import { type BlobStore, openBlobs } from './blobs.ts'
import { Database, type Moment } from './database.ts'
import { decodeKey, encodeKey, recordKind } from './keyspace.ts'
import { SegmentSet } from './segment-set.ts'
import { type Entry, runsIn, type State } from './state.ts'

/*
 * A store whose states are kept and loaded at any moment, by the same numbers or, as an import brings them, under new ones. It holds what
 * a model holds that is copied and put back whole; and when no state is kept any more the sweep leaves what lives, and nothing else.
 */

const doings = [
  'write',
  'write',
  'write',
  'drop',
  'drop',
  'note',
  'save',
  'save',
  'load',
  'load',
  'import',
  'release',
  'sweep',
  'sweep',
  'cut',
  'reset',
  'restart',
] as const
type Script = { does: (typeof doings)[number]; which: number }[]
/** Without a size they would seldom have ten steps. */
const lengths = { maxLength: 60, size: 'max' } as const
const scripts: fc.Arbitrary<Script> = fc.array(
  fc.record({ does: fc.constantFrom(...doings), which: fc.nat(30) }),
  lengths,
)

const notes = recordKind<number>()('bucket', ['string'])

interface Content {
  bodies: Map<BlobId, string[]>
  notes: Map<string, number>
}

interface Kept {
  name: string
  moment: Moment
  state: State
  content: Content
}

function copyOf({ bodies, notes }: Content): Content {
  return { bodies: new Map(bodies), notes: new Map(notes) }
}

class Model {
  database: Database
  blobs: BlobStore
  content: Content = { bodies: new Map(), notes: new Map() }
  kept: Kept[] = []
  readonly #folder: string | undefined
  #count = 0

  constructor(database: Database, blobs: BlobStore, folder: string | undefined) {
    this.database = database
    this.blobs = blobs
    this.#folder = folder
  }

  async take({ does, which }: Script[number]): Promise<void> {
    if (does === 'write') await this.#write(which)
    if (does === 'drop') await this.#drop(which)
    if (does === 'note') await this.#note(which)
    if (does === 'save') await this.#save()
    if (does === 'load') await this.#load(this.#chosen(which))
    if (does === 'import') await this.#import(this.#chosen(which))
    if (does === 'release') await this.#release(this.#chosen(which))
    if (does === 'sweep') await this.blobs.sweep()
    if (does === 'cut') await this.blobs.write(segmentsOf('cut', 'x'.repeat(10_000)))
    if (does === 'reset') await this.#use(await this.database.clear(), { bodies: new Map(), notes: new Map() })
    if (does === 'restart') await this.#restart()
  }

  async check(): Promise<void> {
    for (const [id, texts] of this.content.bodies) {
      expect(await textsOf(this.blobs.read(id, 0, texts.length))).toEqual(texts)
    }
    const found = new Map<string, number>()
    for await (const { key, value } of this.database.entries(notes)) found.set(key[0], value)
    expect(found).toEqual(this.content.notes)
  }

  async end(): Promise<void> {
    for (const kept of [...this.kept]) await this.#release(kept)
    await this.blobs.close()
    this.blobs = await openBlobs(this.database)
    await this.blobs.sweep()
    await this.check()
    // On a disk garbage waits where it is too little to be worth it, and its record with it.
    let waiting = 0
    for await (const { value } of this.database.entries(garbageRecords)) waiting += lengthOf(value)
    expect(await stored(this.database)).toBe([...this.content.bodies.values()].flat().length + waiting)
    if (this.#folder === undefined) expect(waiting).toBe(0)
  }

  #chosen(which: number): Kept | undefined {
    return this.kept[which % Math.max(1, this.kept.length)]
  }

  async #write(which: number): Promise<void> {
    const text = `text ${this.#count++}`
    // Small bodies are records, a long first segment is put at once, and several share a batch.
    const texts =
      [[text], [text.padEnd(5000)], [text, 'more', 'and more'], [text.padEnd(40_000), 'end']][which % 4] ?? []
    const { id } = await writeKept(this.database, this.blobs, ...texts)
    this.content.bodies.set(id, texts)
  }

  async #drop(which: number): Promise<void> {
    const ids = [...this.content.bodies.keys()]
    const id = ids[which % Math.max(1, ids.length)]
    if (id === undefined) return
    await this.database.transact((transaction) => this.blobs.drop(transaction, id))
    this.content.bodies.delete(id)
  }

  async #note(which: number): Promise<void> {
    const name = `note-${which % 5}`
    await this.database.transact((transaction) => {
      if (which % 3 === 0) transaction.delete(notes, [name])
      else transaction.put(notes, [name], this.#count)
    })
    if (which % 3 === 0) this.content.notes.delete(name)
    else this.content.notes.set(name, this.#count)
    this.#count++
  }

  async #save(): Promise<void> {
    const { database } = this
    const release = database.held.holdAll()
    const moment = database.snapshot()
    const state = await database.stateAt(moment)
    const name = `state-${this.#count++}`
    database.held.hold(name, state.segments)
    release()
    this.kept.push({ name, moment, state, content: copyOf(this.content) })
  }

  async #load(kept: Kept | undefined): Promise<void> {
    if (!kept) return
    await this.#use(await this.database.load(kept.state, kept.name), copyOf(kept.content))
    expect(this.database.brokenOff).toBeUndefined()
  }

  /** The state as another store would have it: its bodies have their ids, and lie elsewhere. */
  async #import(kept: Kept | undefined): Promise<void> {
    if (!kept) return
    const moved = new Map<string, string>()
    const runs = []
    for await (const page of kept.state.records()) {
      for (const entry of page.filter(([name]) => name.startsWith(blobRecords.prefix))) {
        const [id] = decodeKey(blobRecords, entry[0])
        const texts = kept.content.bodies.get(id) ?? []
        const written = await this.blobs.writeSegments(segmentsOf(...texts))
        moved.set(encodeKey(blobRecords, [id]), JSON.stringify(written.runs))
        runs.push(...written.runs)
      }
    }
    const { state } = kept
    const imported: State = {
      ...state,
      async *records() {
        for await (const page of state.records()) {
          yield page.map(([name, text]): Entry => [name, moved.get(name) ?? text])
        }
      },
      segments: new SegmentSet(runs),
    }
    await this.#use(await this.database.load(imported, 'import'), copyOf(kept.content))
  }

  async #release(kept: Kept | undefined): Promise<void> {
    if (!kept) return
    this.database.held.release(kept.name)
    await kept.moment.close()
    this.kept = this.kept.filter((other) => other !== kept)
  }

  async #use(database: Database, content: Content): Promise<void> {
    await this.blobs.close()
    this.database = database
    this.blobs = await openBlobs(database)
    this.content = content
    await this.check()
  }

  /** States of a moment do not outlive it; what they held becomes garbage. */
  async #restart(): Promise<void> {
    if (this.#folder === undefined) return
    for (const kept of [...this.kept]) await this.#release(kept)
    // Not closed: as after an unclean end.
    await this.database.close()
    await this.#use(await Database.open({ folder: this.#folder }), this.content)
  }
}

test.each([
  ['memory', 300],
  ['disk', 12],
])(
  'what is saved comes back whole, whatever came between, and leaves nothing behind (%s)',
  async (backend, numRuns) => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const folder = backend === 'disk' ? await mkdtemp(join(tmpdir(), 'states-')) : undefined
        const database = await Database.open({ folder })
        const model = new Model(database, await openBlobs(database), folder)
        for (const step of script) await model.take(step)
        await model.check()
        await model.end()
        await model.database.close()
        if (folder !== undefined) await rm(folder, { recursive: true })
      }),
      { numRuns },
    )
  },
)

test('the sweep leaves what a kept state needs, also of a body that is dropped in part, and clears it afterwards', async () => {
  const database = await Database.open({})
  const blobs = await openBlobs(database)
  const { id } = await writeKept(database, blobs, 'first'.padEnd(5000), 'second', 'third')
  const moment = database.snapshot()
  const { segments } = await database.stateAt(moment)
  await moment.close()
  await database.transact((transaction) => blobs.drop(transaction, id))
  database.held.hold('kept', segments)
  await blobs.sweep()
  expect(await stored(database)).toBe(3)
  database.held.hold('kept', new SegmentSet([[id + 1, 1]]))
  await blobs.sweep()
  expect(await stored(database)).toBe(1)
  const release = database.held.holdAll()
  database.held.release('kept')
  await blobs.sweep()
  expect(await stored(database)).toBe(1)
  release()
  await blobs.sweep()
  expect(await stored(database)).toBe(0)
  await database.close()
})

test('what is taken over names every record once, and neither garbage nor what is the store’s own', async () => {
  const database = await Database.open({})
  const blobs = await openBlobs(database)
  const dropped = await writeKept(database, blobs, 'dropped'.padEnd(5000))
  const small = await writeKept(database, blobs, 'small')
  const kept = await writeKept(database, blobs, 'kept'.padEnd(5000))
  await database.transact((transaction) => {
    transaction.put(notes, ['a'], 1)
    for (const { id } of [dropped, small]) blobs.drop(transaction, id)
  })
  const moment = database.snapshot()
  const state = await database.stateAt(moment)
  const entries: Entry[] = []
  for await (const page of state.records()) entries.push(...page)
  const names = [encodeKey(blobRecords, [kept.id]), encodeKey(notes, ['a'])]
  expect(entries.map(([name]) => name).slice(-2)).toEqual(names)
  expect(entries.filter(([name]) => name.startsWith(blobRecords.prefix)).map(runsIn)).toEqual([kept.runs])
  expect(state.segments.divide(dropped.runs).inside).toEqual([])
  expect(state.segments.divide(kept.runs).outside).toEqual([])
  expect(state.reserved).toBeGreaterThan(kept.id)
  await moment.close()
  await database.close()
})
