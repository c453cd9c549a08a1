import { BodyWrites } from './body-writes.ts'
import { checkFormat } from './check-format.ts'
import { clearDatabases, isKeptByReset } from './clear-databases.ts'
import { CommittedRecords } from './committed-records.ts'
import { type Cursor, cursorOver } from './cursor.ts'
import { asStartError, Disk } from './disk.ts'
import { HeldSegments } from './held-segments.ts'
import { encodeKey, type KeyOf, type PartType, type RecordKind } from './keyspace.ts'
import type { Level, Levels } from './level.ts'
import { KeyedLocks } from './locks.ts'
import { bounds, type Range } from './range.ts'
import { clearing, loading, loadings, settings } from './settings.ts'
import { type Moment, nothing, type State, type StoredRecords, stateAt, storedRecords } from './state.ts'
import { openStorage, type Storage } from './storage.ts'
import { type Reader, StagedTransaction, type Transaction } from './transaction.ts'

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
export { settings } from './settings.ts'
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

export class Database implements Reader {
  readonly locks = new KeyedLocks()
  /** Segments that the sweep leaves where they are. */
  readonly held: HeldSegments
  readonly #options: DatabaseOptions
  readonly #levels: Levels
  readonly #records: CommittedRecords
  readonly #segments: BodyWrites
  readonly #isMemory: boolean
  readonly #disk: Disk
  private constructor(levels: Levels, disk: Disk, options: DatabaseOptions) {
    const { folder, fsync: sync = false } = options
    this.#levels = levels
    this.held = options.held ?? new HeldSegments()
    this.#options = { ...options, held: this.held }
    this.#isMemory = folder === undefined
    this.#records = new CommittedRecords(levels[0], disk, sync)
    this.#segments = new BodyWrites(levels[1], disk, {
      sync,
      isMemory: this.#isMemory,
      requireOpen: () => this.#records.requireOpen(),
    })
    this.#disk = disk
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
      await checkFormat(database, options.folder)
      if (database.get(settings, clearing) !== undefined) await database.#finishClearing()
    } catch (error) {
      await database.close()
      throw asStartError(options.folder, error)
    }
    return database
  }

  get<Value, Parts extends readonly PartType[]>(kind: RecordKind<Value, Parts>, key: KeyOf<Parts>): Value | undefined {
    return this.#records.read(encodeKey(kind, key)) as Value | undefined
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
    this.#records.requireReadable()
    return this.#levels[0].snapshot()
  }

  /**
   * The state as it is at a moment, in this generation and in later ones too.
   * @param moment of `snapshot()`; closed by the caller, when the state is needed no more
   */
  stateAt(moment: Moment): Promise<State> {
    return stateAt(this.#levels[0], moment, this.#isMemory)
  }

  /** Records as they lie there at a moment, whatever they are: for whoever proves that they are what they should be. */
  recordsAt(moment: Moment): StoredRecords {
    return storedRecords(this.#levels[0], moment, this.#isMemory)
  }

  /** A walk over the records as they are now, or as they were when a snapshot was taken. */
  cursor<Value, Parts extends readonly PartType[]>(
    kind: RecordKind<Value, Parts>,
    range: Range = {},
    snapshot?: Moment,
  ): Cursor<Value, Parts> {
    this.#records.requireReadable()
    const iterator = this.#levels[0].iterator({ ...bounds(kind, range), snapshot })
    return cursorOver(iterator, kind, this.#isMemory, () => this.#records.requireReadable())
  }

  transaction(): Transaction {
    return new StagedTransaction(this, this.#records)
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
    const next = new Database(this.#levels, this.#disk, this.#options)
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
    const next = new Database(this.#levels, this.#disk, this.#options)
    await next.transact((transaction) => {
      transaction.put(loadings, loading, name)
      transaction.delete(settings, clearing)
    })
    await next.#records.become(state, () => false)
    await next.transact((transaction) => transaction.delete(loadings, loading))
    return next
  }

  /** The name of the state whose loading was broken off: until that is done again nobody may use the store. */
  get brokenOff(): string | undefined {
    return this.get(loadings, loading)
  }

  /** Gives back the space of overwritten and deleted records, where it is worth it. */
  async compactRecords(): Promise<void> {
    this.#records.requireOpen()
    const size = await this.#records.garbage.compactDue(this.get(settings, ['records-compacted']) ?? 0)
    if (size === undefined) return
    await this.transact((transaction) => transaction.put(settings, ['records-compacted'], size))
  }

  /** Counts bytes of a kind of record that were deleted, beyond what is assumed of each. */
  noteGarbage(kind: RecordKind<unknown>, bytes: number): void {
    this.#records.garbage.noteBytes(kind.prefix, bytes)
  }

  /** The disk: what is wrong with it, and whether the databases are being opened anew. */
  get disk(): Pick<Disk, 'trouble' | 'reopening' | 'spaceForMerging' | 'findSpace'> {
    return this.#disk
  }

  /** A number that changes with every commit of this generation: where it is the same, nothing else can be read than before. */
  get revision(): number {
    return this.#records.count
  }

  /** False once a reset ended this generation, or the store was closed. */
  get isOpen(): boolean {
    return this.#records.isOpen
  }

  /** Ends this generation, and closes the files. */
  async close(): Promise<void> {
    await this.#end()
    await this.#disk.reopening?.catch(() => undefined)
    await Promise.all(this.#levels.map((level) => level.close()))
  }

  /**
   * The segments of stored bodies, to read; only `store/blobs.ts` uses it.
   * @throws StoreClosed
   */
  get bodies(): Level<Buffer> {
    this.#records.requireReadable()
    return this.#levels[1]
  }

  /** Puts and deletes those segments; a put of the segment of a small body, and a deletion, are refused at once after `StoreClosed`. */
  get segments(): Pick<BodyWrites, 'putSmall' | 'putSegment' | 'delete'> {
    return this.#segments
  }

  /** Resolves once every commit that was begun is written, and readers see it. */
  settled(): Promise<void> {
    return this.#records.settled()
  }

  /** Lets no further write begin, and waits for those that LevelDB has. */
  async #end(): Promise<void> {
    await Promise.all([this.#records.end(), this.#segments.ended()])
  }

  async #finishClearing(): Promise<void> {
    if (this.held.isEmpty) await clearDatabases(this.#levels, this.#disk)
    // Bodies that snapshots need stay; the sweep has the others.
    else await this.#records.become(nothing, isKeptByReset)
    await this.transact((transaction) => transaction.delete(settings, clearing))
  }
}
