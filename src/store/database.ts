import { BodyWrites } from './body-writes.ts'
import { clearDatabases, compactBodies, isKeptByReset } from './clear-databases.ts'
import { type BatchOperation, CoalescedWrites } from './coalesced-writes.ts'
import { type Cursor, cursorOver } from './cursor.ts'
import { asStartError, Disk, freesSpace } from './disk.ts'
import { HeldSegments } from './held-segments.ts'
import {
  encodeKey,
  formatVersion,
  type KeyOf,
  oldestFormat,
  type PartType,
  type RecordKind,
  recordKind,
} from './keyspace.ts'
import type { Level, Levels } from './level.ts'
import { KeyedLocks } from './locks.ts'
import { bounds, type Range } from './range.ts'
import { RecordCache } from './record-cache.ts'
import { RecordGarbage } from './record-garbage.ts'
import { OtherStoreFormat, StoreClosed } from './refusals.ts'
import { replaceRecords } from './replace-records.ts'
import { type Moment, nothing, type State, stateAt } from './state.ts'
import { openStorage, type Storage } from './storage.ts'
import { type Backing, operationsOf, type Reader, StagedTransaction, type Transaction } from './transaction.ts'

/*
 * Two LevelDBs in the data folder:
 *
 *   records   small JSON records under tuple keys; every commit is ONE batch; commits of one turn are coalesced
 *   bodies    segments of stored bodies under an ever-increasing number (store/blobs.ts), never rewritten
 *
 * A Database is one generation of them. A reset ends it, whoever still holds it is refused, and the next one begins empty:
 *
 *   generation 1   … writes ──clear()──▶ refuse · wait for what LevelDB has · mark · empty · unmark
 *   generation 2                                                                             └──▶ reads and writes …
 *
 * So nothing begun before a reset can reach what was made after it. A mark found at the start is a clearing to be finished. The
 * same way leads to another state (`load`), whose records take the place of those that are there (`replace-records.ts`).
 *
 * Single records are read synchronously (a LevelDB get from its cache is cheaper than a trip through the thread pool),
 * so a handler that holds a lock reads, decides and stages its writes without being interrupted.
 */

export type { Cursor } from './cursor.ts'
export { OtherStoreFormat, StoreClosed } from './refusals.ts'
export type { Reader, Transaction } from './transaction.ts'

export interface DatabaseOptions {
  /** The data folder; undefined keeps everything in memory. */
  folder?: string
  /** Wait for the disk at every commit: survives power loss, not only the end of the process. */
  fsync?: boolean
  /** Other databases than those of the folder. */
  storage?: Storage
  /** Segments that snapshots need, as they are known before the start; more may come. */
  held?: HeldSegments
}

export type { Moment } from './state.ts'

/** The store's own numbers: its format, the segments reserved (`store/blobs.ts`), what was compacted. */
export const settings = recordKind<number>()('setting', ['string'])

/** In `settings`: a clearing has begun. */
const clearing: ['clearing'] = ['clearing']
/** Beside the settings: the taking of another state has begun, and by what name the state is found. */
const loadings = recordKind<string>()('setting', ['string'])
const loading: ['loading'] = ['loading']

/** A store that grew by more since its records were compacted is compacted once after the start. */
const grownShare = 1.2
const grownBytes = 8 << 20

/** A record has about so many bytes. */
const recordBytes = 1024

export class Database implements Reader {
  readonly locks = new KeyedLocks()
  /** Segments that the sweep leaves where they are. */
  readonly held: HeldSegments
  readonly #options: DatabaseOptions
  readonly #bodies: Level<Buffer>
  readonly #records: Level<string>
  readonly #cache = new RecordCache(1024, 8 << 10)
  readonly #garbage: RecordGarbage
  readonly #recordWrites: CoalescedWrites<string>
  readonly #bodyWrites: BodyWrites
  readonly #isMemory: boolean
  readonly #disk: Disk
  #isOpen = true
  /** Whether what an earlier run left is taken care of. */
  #isOldGarbageGone = false

  /** What transactions need of it. */
  readonly #backing: Backing = {
    reader: this,
    read: (name) => this.#read(name),
    hold: (name) => this.#cache.hold(name, this.#read(name)),
    write: (changes, additions) => {
      this.#requireOpen()
      for (const [name, record] of changes) this.#garbage.note(name, record?.text)
      const operations = operationsOf(changes, additions)
      if (this.#disk.hasSpaceFor(operations.length * recordBytes)) return this.#recordWrites.write(operations)
      return this.#writeWithSpace(operations, freesSpace(changes, additions))
    },
    show: (changes) => {
      for (const [name, record] of changes) this.#cache.written(name, record)
    },
    forget: (changes) => {
      for (const name of changes.keys()) this.#cache.forget(name)
    },
  }

  private constructor([records, bodies]: Levels, disk: Disk, options: DatabaseOptions) {
    this.#records = records
    this.#bodies = bodies
    this.held = options.held ?? new HeldSegments()
    this.#options = { ...options, held: this.held }
    this.#garbage = new RecordGarbage(records)
    this.#isMemory = options.folder === undefined
    const { fsync: sync = false } = options
    this.#recordWrites = new CoalescedWrites(records, { sync }, disk)
    this.#bodyWrites = new BodyWrites(bodies, disk, {
      sync,
      isMemory: this.#isMemory,
      requireOpen: () => this.#requireOpen(),
    })
    this.#disk = disk
    disk.whenReopened = () => this.#cache.clear()
  }

  /**
   * Opens (or makes) the store, and finishes a clearing that was broken off.
   * @throws StoreLocked when another process has the folder; StoreDamaged; StoreNotOpened; OtherStoreFormat when another version
   * wrote it
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    const { levels, measure } = options.storage ?? (await openStorage(options.folder))
    const database = new Database(levels, new Disk(levels, measure), options)
    try {
      await database.#checkFormat(options.folder)
      if (database.get(settings, clearing) !== undefined) await database.#finishClearing()
    } catch (error) {
      await database.close()
      throw asStartError(options.folder, error)
    }
    return database
  }

  get<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>): Value | undefined {
    return this.#read(encodeKey(kind, key)) as Value | undefined
  }

  #read(name: string): unknown {
    this.#requireReadable()
    return this.#cache.get(name, () => this.#records.getSync(name))
  }

  async *entries<Value, Parts extends readonly PartType[]>(
    kind: RecordKind<Value, Parts>,
    range: Range = {},
  ): AsyncGenerator<{ key: KeyOf<Parts>; value: Value }> {
    const cursor = this.cursor(kind, range)
    try {
      for (let entry = await cursor.next(); entry; entry = await cursor.next()) yield entry
    } finally {
      await cursor.close()
    }
  }

  /** The records as they are now, for several walks that must not see different states. Close it in `finally`. */
  snapshot(): Moment {
    this.#requireReadable()
    return this.#records.snapshot()
  }

  /**
   * The state as it is at a moment, in this generation and in later ones too.
   * @param moment of `snapshot()`; closed by the caller, when the state is needed no more
   */
  stateAt(moment: Moment): Promise<State> {
    return stateAt(this.#records, moment, this.#isMemory)
  }

  /** A walk over the records as they are now, or as they were when a snapshot was taken. */
  cursor<Value, Parts extends readonly PartType[]>(
    kind: RecordKind<Value, Parts>,
    range: Range = {},
    snapshot?: Moment,
  ): Cursor<Value, Parts> {
    this.#requireReadable()
    const iterator = this.#records.iterator({ ...bounds(kind, range), snapshot })
    return cursorOver(iterator, kind, this.#isMemory, () => this.#requireReadable())
  }

  transaction(): Transaction {
    return new StagedTransaction(this.#backing)
  }

  /** Runs `body` with a transaction and commits it; when `body` throws nothing is changed. */
  async transact<Result>(body: (transaction: Transaction) => Result | Promise<Result>): Promise<Result> {
    const transaction = this.transaction()
    const result = await body(transaction)
    await transaction.commit()
    return result
  }

  /**
   * Ends this generation (reset): waits for the writes that LevelDB has, refuses all others, and empties both databases but
   * for what belongs to the store itself, its settings and its root key, which live on in memory too. A clearing that failed
   * may be repeated; one that was broken off is finished at the next start.
   * @returns the next generation, the only one that reads and writes from now on
   */
  async clear(): Promise<Database> {
    await this.#end()
    const next = new Database([this.#records, this.#bodies], this.#disk, this.#options)
    await next.transact((transaction) => {
      transaction.put(settings, clearing, 1)
      transaction.delete(loadings, loading)
    })
    await next.#finishClearing()
    return next
  }

  /**
   * Ends this generation, as a reset does; the next one is in another state. One that failed may be repeated; one that was broken off
   * leaves its mark (`brokenOff`) until it is done again.
   * @param name by which the state is found after a broken end
   * @returns the next generation, the only one that reads and writes from now on
   */
  async load(state: State, name: string): Promise<Database> {
    await this.#end()
    const next = new Database([this.#records, this.#bodies], this.#disk, this.#options)
    await next.transact((transaction) => {
      transaction.put(loadings, loading, name)
      transaction.delete(settings, clearing)
    })
    await next.#become(state, () => false)
    await next.transact((transaction) => transaction.delete(loadings, loading))
    return next
  }

  /** The name of the state whose loading was broken off: until that is done again nobody may use the store. */
  get brokenOff(): string | undefined {
    return this.get(loadings, loading)
  }

  /** Gives back the space of overwritten and deleted records, where it is worth it. */
  async compactRecords(): Promise<void> {
    this.#requireOpen()
    if (this.#isOldGarbageGone) return this.#garbage.compact()
    this.#isOldGarbageGone = true
    // What an earlier run counted is lost; that there is garbage shows in the size.
    const before = this.get(settings, ['records-compacted']) ?? 0
    if ((await this.#garbage.size()) <= before * grownShare + grownBytes) return
    await this.#garbage.compactAll()
    const size = await this.#garbage.size()
    await this.transact((transaction) => transaction.put(settings, ['records-compacted'], size))
  }

  /** Counts bytes of a kind of record that were deleted, beyond what is assumed of each. */
  noteGarbage(kind: RecordKind<unknown>, bytes: number): void {
    this.#garbage.noteBytes(kind.prefix, bytes)
  }

  /** The disk: what is wrong with it, and whether the databases are being opened anew. */
  get disk(): Pick<Disk, 'trouble' | 'reopening' | 'spaceForMerging' | 'findSpace'> {
    return this.#disk
  }

  /** A number that changes with every commit of this generation: where it is the same, nothing else can be read than before. */
  get revision(): number {
    return this.#recordWrites.count
  }

  /** False once a reset ended this generation, or the store was closed. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Ends this generation, and closes the files. */
  async close(): Promise<void> {
    await this.#end()
    await this.#disk.reopening?.catch(() => undefined)
    await Promise.all([this.#records.close(), this.#bodies.close()])
  }

  /**
   * The segments of stored bodies, to read; only `store/blobs.ts` uses it.
   * @throws StoreClosed
   */
  get bodies(): Level<Buffer> {
    this.#requireReadable()
    return this.#bodies
  }

  /**
   * Puts the segment of a small body, in one batch with others; `bytes` may be used again by the caller once this resolves.
   * @throws StoreClosed at once
   */
  putSmallBody(key: Buffer, bytes: Uint8Array): Promise<void> {
    this.#requireOpen()
    return this.#bodyWrites.putSmall(key, bytes)
  }

  /**
   * Puts a segment when it has its turn.
   * @param takeKey asked when the turn has come
   * @returns when the put has begun, and `bytes` may be used again: its end
   */
  putSegment(takeKey: () => Promise<Buffer>, bytes: Uint8Array): Promise<{ ended: Promise<void> }> {
    return this.#bodyWrites.putSegment(takeKey, bytes)
  }

  async deleteBodies(keys: readonly Buffer[]): Promise<void> {
    this.#requireOpen()
    await this.#bodyWrites.delete(keys)
  }

  /** Resolves once every commit that was begun is written, and readers see it. */
  async settled(): Promise<void> {
    this.#requireOpen()
    await this.#recordWrites.write([])
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new StoreClosed()
  }

  /** Reads do not wait: while the databases are opened anew they are refused. */
  #requireReadable(): void {
    this.#requireOpen()
    this.#disk.requireReadable()
  }

  async #writeWithSpace(operations: readonly BatchOperation<string>[], freesSpace: boolean): Promise<void> {
    await this.#disk.findSpace(freesSpace)
    this.#requireOpen()
    await this.#recordWrites.write(operations)
  }

  /** Lets no further write begin, and waits for those that LevelDB has. */
  async #end(): Promise<void> {
    this.#isOpen = false
    await Promise.all([this.#recordWrites.ended(), this.#bodyWrites.ended()])
  }

  async #finishClearing(): Promise<void> {
    if (this.held.isEmpty) await this.#empty()
    // Bodies that snapshots need stay; the sweep has the others.
    else await this.#become(nothing, isKeptByReset)
    await this.transact((transaction) => transaction.delete(settings, clearing))
  }

  async #empty(): Promise<void> {
    await clearDatabases(this.#records, this.#bodies).catch((error) => {
      throw this.#disk.failed(error)
    })
    // Deleted is not gone from the disk, and nothing else would ever give this space back: the mark stands until it is done.
    await Promise.all([this.#garbage.compactAll(), compactBodies(this.#bodies)])
  }

  /** @param stays which records are left as they are */
  async #become(state: State, stays: (name: string) => boolean): Promise<void> {
    const write = (operations: BatchOperation<string>[]) => {
      for (const operation of operations) {
        this.#garbage.note(operation.key, operation.type === 'put' ? operation.value : undefined)
      }
      return this.#recordWrites.write(operations)
    }
    await replaceRecords({ records: this.#records, state, stays, write })
    this.#cache.clear()
  }

  async #checkFormat(folder = 'in memory'): Promise<void> {
    const found = this.get(settings, ['format'])
    if (found !== undefined && (found > formatVersion || found < oldestFormat))
      throw new OtherStoreFormat(folder, found)
    if (found === undefined) await this.transact((transaction) => transaction.put(settings, ['format'], formatVersion))
  }
}
