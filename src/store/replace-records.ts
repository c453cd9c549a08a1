import { type BlobId, blobRecords, garbageRecords, type Run } from './blob-records.ts'
import type { BatchOperation } from './coalesced-writes.ts'
import { decodeKey, encodeKey } from './keyspace.ts'
import type { Level } from './level.ts'
import { settings } from './settings.ts'
import { firstSmallBody } from './small-bodies.ts'
import { droppedBodies, type Entry, isStoresOwn, pagesOf, runsIn, type State } from './state.ts'

/*
 * The records of a store become those of another state, by one walk over both in the order of their keys. What is the same stays:
 *
 *   there     blob 5 = 40…43   blob 9 = 44   garbage 3 = 38…39   object a       object b = 1
 *   wanted    blob 5 = 38…39                                                    object b = 2
 *   done      put              delete        delete              delete         put
 *             └ and garbage 90 = 40…44, under a number that was never given: two states may each have a body 5
 *
 * Each batch leaves every segment either to a body or to garbage, so a walk that was broken off can be done again from its beginning.
 */

export interface Replacement {
  records: Level<string>
  state: State
  /** Which records stay as they are, whatever the state has. */
  stays: (name: string) => boolean
  /** Resolves once LevelDB has them, in one batch. */
  write(operations: BatchOperation<string>[]): Promise<void>
}

const reservedName = encodeKey(settings, ['segments-reserved'])
/** Characters of a batch. */
const batchSize = 4 << 20
/** About what an operation takes beside its text. */
const operationSize = 64
const runsOfOneRecord = 512

/** Gives a store the records of another state. Nobody else may use it meanwhile. */
export async function replaceRecords(replacement: Replacement): Promise<void> {
  const { records, state, stays } = replacement
  const changes = new Changes(replacement, await droppedBodies(records))
  const there = new Walk(pagesOf(records))
  const wanted = new Walk(state.records())
  try {
    for (;;) {
      if (there.needsPage) await there.turn()
      if (wanted.needsPage) await wanted.turn()
      const [old, next] = [there.entry, wanted.entry]
      if (old && (stays(old[0]) || isStoresOwn(old[0]))) there.advance()
      else if (old && (!next || old[0] < next[0])) {
        changes.remove(old)
        there.advance()
      } else if (next && (!old || next[0] < old[0])) {
        changes.put(next)
        wanted.advance()
      } else if (old && next) {
        if (old[1] !== next[1]) changes.replace(old, next)
        there.advance()
        wanted.advance()
      } else break
      if (changes.isLarge) await changes.write()
    }
    await changes.write()
  } finally {
    await there.close()
    await wanted.close()
  }
}

/** A walk over records that come many at a time: most steps wait for nothing. */
class Walk {
  readonly #pages: AsyncIterator<readonly Entry[]>
  #page: readonly Entry[] = []
  #index = 0
  #isAtEnd = false

  constructor(pages: AsyncIterable<readonly Entry[]>) {
    this.#pages = pages[Symbol.asyncIterator]()
  }

  get needsPage(): boolean {
    return this.#index >= this.#page.length && !this.#isAtEnd
  }

  /** Undefined behind the last one. */
  get entry(): Entry | undefined {
    return this.#page[this.#index]
  }

  advance(): void {
    this.#index++
  }

  async turn(): Promise<void> {
    while (this.needsPage) {
      const { value, done = false } = await this.#pages.next()
      this.#isAtEnd = done
      this.#page = done ? [] : value
      this.#index = 0
    }
  }

  async close(): Promise<void> {
    await this.#pages.return?.()
  }
}

/** What is to be written next. */
class Changes {
  readonly #replacement: Replacement
  /** Bodies whose segments are in records of garbage already. */
  readonly #dropped: ReadonlySet<BlobId>
  #operations: BatchOperation<string>[] = []
  #garbage: Run[] = []
  #size = 0
  #next: number

  constructor(replacement: Replacement, dropped: ReadonlySet<BlobId>) {
    this.#replacement = replacement
    this.#dropped = dropped
    const { records, state } = replacement
    this.#next = Math.max(Number(records.getSync(reservedName) ?? 0), state.reserved)
  }

  get isLarge(): boolean {
    return this.#size >= batchSize
  }

  put([key, value]: Entry): void {
    this.#add({ type: 'put', key, value }, key.length + value.length)
  }

  remove(old: Entry): void {
    this.#add({ type: 'del', key: old[0] }, old[0].length)
    this.#leaveSegments(old)
  }

  replace(old: Entry, next: Entry): void {
    this.put(next)
    this.#leaveSegments(old)
  }

  /** Writes the batch; how far numbers are given stands in it, with the garbage that got some. */
  async write(): Promise<void> {
    for (let start = 0; start < this.#garbage.length; start += runsOfOneRecord) {
      const runs = this.#garbage.slice(start, start + runsOfOneRecord)
      this.put([encodeKey(garbageRecords, [this.#next++]), JSON.stringify(runs)])
    }
    this.put([reservedName, JSON.stringify(this.#next)])
    const operations = this.#operations
    this.#operations = []
    this.#garbage = []
    this.#size = 0
    await this.#replacement.write(operations)
  }

  #add(operation: BatchOperation<string>, size: number): void {
    this.#operations.push(operation)
    this.#size += size + operationSize
  }

  /** What a body or garbage had becomes garbage, but for what the state has. */
  #leaveSegments(old: Entry): void {
    const [name] = old
    const isGarbage = name.startsWith(garbageRecords.prefix)
    if (!isGarbage && !name.startsWith(blobRecords.prefix)) return
    const [id] = decodeKey(blobRecords, name)
    // A small body is a record, and goes or stays as one.
    if (id >= firstSmallBody || (!isGarbage && this.#dropped.has(id))) return
    const { outside } = this.#replacement.state.segments.divide(runsIn(old))
    this.#garbage.push(...outside)
    this.#size += outside.length * operationSize
  }
}
