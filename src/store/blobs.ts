import {
  addToRuns,
  type BlobId,
  blobRecords,
  garbageRecords,
  largestSegment,
  numbersOf,
  type Run,
  type Runs,
  segmentKey,
} from './blob-records.ts'
import { type Database, StoreClosed, settings, type Transaction } from './database.ts'
import { StoreUnavailable } from './disk.ts'
import { clearGarbage, compactOldGarbage, deleteSegments } from './garbage.ts'
import { Pace } from './pace.ts'
import { PutProgress } from './put-progress.ts'
import { readSegments } from './read-segments.ts'
import {
  dropSmallBody,
  isSmallBody,
  keepSmallBody,
  largestSmallBody,
  readSmallBody,
  smallBodyId,
  smallBodyText,
} from './small-bodies.ts'

/*
 * Bodies cut into segments, each one value in `bodies` under a number that is never given twice (8 bytes, big-endian).
 *
 *   numbers   …│ floor ──────── in flight, or committed ──────── next │ ──── reserved, not given yet ──── reserved │…
 *   records   blob    [id] = its runs     committed: it survives
 *             garbage [id] = the same     dropped: cleared with both records once nobody reads it (garbage.ts)
 *
 * A body of one short segment is no segment, but a record (small-bodies.ts).
 *
 * A number is given when its put has its turn, so keys ascend as they are written: the ranges of LevelDB's tables never overlap,
 * and none is ever merged with another (with numbers given earlier, eight writers were half as fast as one).
 *
 * Numbers are reserved in blocks, so a write needs no mark of its own: after an unclean end every segment that no record
 * claims lies in [floor, reserved), and the first sweep clears those. New writes go on from `reserved`, outside of it.
 */

export type { BlobId } from './blob-records.ts'

/** A body whose segments are in `bodies` but which no committed record names yet; a small one is in memory alone. */
export interface WrittenBlob {
  id: BlobId
  runs: Runs
  /** The small body in base64. */
  small?: string
}

/** Keeps blobs from being swept while a reader is at work. */
export interface Pin {
  release(): void
}

export interface BlobStore {
  /**
   * Puts the segments one after another, one at least. A segment's bytes must hold until the next one is asked for.
   * When the iterable throws, what was put is cleared.
   */
  write(segments: AsyncIterable<Uint8Array>): Promise<WrittenBlob>
  /** As `write`, for a body that is no small one in the state that it comes from, however short it is. */
  writeSegments(segments: AsyncIterable<Uint8Array>): Promise<WrittenBlob>
  /** Makes the blob part of the transaction: after its commit it survives. */
  keep(transaction: Transaction, blob: WrittenBlob): void
  /** Gives up a blob that was written but will not be kept; its segments are cleared in the background. */
  abandon(blob: WrittenBlob): void
  /**
   * Marks a kept blob as garbage in the transaction; swept once nobody reads it.
   * @param size in bytes, where the caller knows it
   */
  drop(transaction: Transaction, id: BlobId, size?: number): void
  /** Synchronous, so that nothing happens between reading a record and pinning its blobs. */
  pin(ids: readonly BlobId[]): Pin
  /** Stored segments `first` … `first + count - 1` of the blob, in order. Throws when one is missing. */
  read(id: BlobId, first: number, count: number): AsyncIterable<Uint8Array>
  /**
   * Clears garbage where it is worth it, space included, and on the first call after opening also what an earlier run left.
   * @param pace of the work; when it ends early the next sweep goes on. Without one there is no rest
   * @returns the number of segments cleared
   */
  sweep(pace?: Pace): Promise<number>
  /** Gives out no more numbers, waits for sweeping to end, and notes that nothing is in flight. */
  close(): Promise<void>
}

/** Numbers reserved at a time: one small commit for so many segments. */
const blockSize = 1024
/** A first segment up to this size shares a batch with others; a larger one is worth a write of its own. */
const sharedBatch = 32 << 10
/** Not even an empty body is small. */
const none = -1
/** Orphans that become one record of garbage. */
const orphanBatch = 4096

/**
 * Opens the bodies of a database. Reading the marks is quick; orphans are looked for at the first `sweep`.
 * @param onBodyBytes called with the bytes of large bodies as they pass, in or out: each leaves about twice as much garbage
 */
export async function openBlobs(
  database: Database,
  onBodyBytes: (count: number) => void = () => undefined,
): Promise<BlobStore> {
  return new LevelBlobs(database, onBodyBytes)
}

class LevelBlobs implements BlobStore {
  readonly #database: Database
  readonly #onBodyBytes: (count: number) => void
  /** Blobs whose record is not committed, and whose segments may be in `bodies`. */
  readonly #inFlight = new Set<BlobId>()
  readonly #readers = new Map<BlobId, number>()
  readonly #clearings = new Set<Promise<unknown>>()
  #next: number
  #reserved: number
  #reserving: Promise<void> | undefined
  #sweeping: Promise<number> | undefined
  #isClosed = false
  /** Numbers that an earlier run may have left without a record; undefined once swept. */
  #unswept: { first: number; end: number } | undefined

  constructor(database: Database, onBodyBytes: (count: number) => void) {
    this.#database = database
    this.#onBodyBytes = onBodyBytes
    const reserved = database.get(settings, ['segments-reserved']) ?? 0
    const floor = database.get(settings, ['segments-floor']) ?? 0
    this.#next = reserved
    this.#reserved = reserved
    if (floor < reserved) this.#unswept = { first: floor, end: reserved }
  }

  write(segments: AsyncIterable<Uint8Array>): Promise<WrittenBlob> {
    return this.#write(segments, largestSmallBody)
  }

  writeSegments(segments: AsyncIterable<Uint8Array>): Promise<WrittenBlob> {
    return this.#write(segments, none)
  }

  async #write(segments: AsyncIterable<Uint8Array>, longestSmall: number): Promise<WrittenBlob> {
    const progress = new PutProgress()
    /** The first segment, until another follows. */
    let small: string | undefined
    try {
      for await (const segment of segments) {
        if (small === undefined && progress.runs.length === 0 && segment.length <= longestSmall) {
          small = smallBodyText(segment)
          continue
        }
        if (small !== undefined) await this.#put(progress, Buffer.from(small, 'base64'))
        small = undefined
        await this.#put(progress, segment)
      }
      if (small !== undefined) return { id: smallBodyId(await this.#takeNumber()), runs: [], small }
      await progress.ended()
      return { id: idOf(progress.runs), runs: progress.runs }
    } catch (error) {
      await progress.settled()
      const { runs } = progress
      if (runs.length > 0) this.abandon({ id: idOf(runs), runs })
      throw error
    }
  }

  keep(transaction: Transaction, { id, runs, small }: WrittenBlob): void {
    if (small !== undefined) {
      keepSmallBody(transaction, id, small)
      return
    }
    transaction.put(blobRecords, [id], runs)
    transaction.afterCommit(() => this.#inFlight.delete(id))
  }

  abandon({ id, runs }: WrittenBlob): void {
    if (isSmallBody(id)) return
    // When the clearing fails the blob stays in flight: the floor stays below it and the next start clears it.
    const clearing = this.#discard(id, runs).then(
      () => this.#inFlight.delete(id),
      () => false,
    )
    this.#clearings.add(clearing)
    clearing.then(() => this.#clearings.delete(clearing))
  }

  drop(transaction: Transaction, id: BlobId, size?: number): void {
    if (isSmallBody(id)) {
      dropSmallBody(transaction, id, size)
      return
    }
    const runs = transaction.get(blobRecords, [id])
    if (runs) transaction.add(garbageRecords, [id], runs)
  }

  pin(ids: readonly BlobId[]): Pin {
    for (const id of ids) this.#readers.set(id, (this.#readers.get(id) ?? 0) + 1)
    let held = true
    return {
      release: () => {
        if (!held) return
        held = false
        for (const id of ids) this.#unpin(id)
      },
    }
  }

  read(id: BlobId, first: number, count: number): AsyncIterable<Uint8Array> {
    if (isSmallBody(id)) return this.#readSmall(id, first + count)
    const runs = this.#database.get(blobRecords, [id])
    if (!runs) throw new Error(`Blob ${id} is not in the store`)
    const numbers = numbersOf(runs, first, count)
    if (numbers.length < count) throw new Error(`Blob ${id} has no segments ${first} to ${first + count - 1}`)
    return readSegments(this.#database, numbers, () => this.#next, this.#onBodyBytes)
  }

  sweep(pace?: Pace): Promise<number> {
    this.#sweeping ??= this.#sweepOnce(pace).finally(() => {
      this.#sweeping = undefined
    })
    return this.#sweeping
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#sweeping?.catch(() => 0)
    await this.#reserving?.catch(() => undefined)
    await Promise.all(this.#clearings)
    // After a reset the next generation keeps the reserved numbers.
    if (!this.#database.isOpen) return
    this.#reserved = this.#next
    await this.#noteReservation().catch((error) => {
      // On a full disk: the next start looks for orphans, as after an unclean end.
      if (!(error instanceof StoreUnavailable)) throw error
    })
  }

  async #put(progress: PutProgress, segment: Uint8Array): Promise<void> {
    const { runs } = progress
    if (runs.length === 0 && segment.length <= sharedBatch) {
      return this.#database.putSmallBody(await this.#takeKey(runs, segment.length), segment)
    }
    const { ended } = await this.#database.putSegment(() => this.#takeKey(runs, segment.length), segment)
    await progress.began(ended)
    this.#onBodyBytes(segment.length)
  }

  /** A number that was never given before. */
  async #takeNumber(): Promise<number> {
    this.#requireOpen()
    while (this.#next >= this.#reserved) await this.#reserve()
    this.#requireOpen()
    return this.#next++
  }

  /** The key of a blob's next segment. The first is in flight before anyone else can look. */
  async #takeKey(runs: Runs, bytes: number): Promise<Buffer> {
    const number = await this.#takeNumber()
    if (runs.length === 0) this.#inFlight.add(number)
    addToRuns(runs, number, bytes)
    return segmentKey(number)
  }

  /** The next number is returned at the close: a number given after that would belong to two blobs. */
  #requireOpen(): void {
    if (this.#isClosed) throw new StoreClosed()
  }

  #reserve(): Promise<void> {
    this.#reserving ??= this.#noteReservation(blockSize).finally(() => {
      this.#reserving = undefined
    })
    return this.#reserving
  }

  async #noteReservation(further = 0): Promise<void> {
    const reserved = this.#reserved + further
    const floor = this.#floor()
    await this.#database.transact((transaction) => {
      transaction.put(settings, ['segments-reserved'], reserved)
      transaction.put(settings, ['segments-floor'], floor)
    })
    this.#reserved = reserved
  }

  /** The smallest number that may now be in `bodies` without a record. */
  #floor(): number {
    let floor = Math.min(this.#next, this.#unswept?.first ?? this.#next)
    for (const id of this.#inFlight) floor = Math.min(floor, id)
    return floor
  }

  #unpin(id: BlobId): void {
    const readers = (this.#readers.get(id) ?? 1) - 1
    if (readers === 0) this.#readers.delete(id)
    else this.#readers.set(id, readers)
  }

  async *#readSmall(id: BlobId, end: number): AsyncGenerator<Uint8Array> {
    const small = readSmallBody(this.#database, id)
    if (!small) throw new Error(`Blob ${id} is not in the store`)
    if (end > 1) throw new Error(`Blob ${id} has no segments but one`)
    yield small
  }

  /** The record of garbage comes first: without it a sweep would not know that there is space to be had. */
  async #discard(id: BlobId, runs: Runs): Promise<void> {
    await this.#database.transact((transaction) => transaction.put(garbageRecords, [id], runs))
    await deleteSegments(this.#database, runs)
  }

  async #sweepOnce(pace = new Pace(() => 0)): Promise<number> {
    if (this.#unswept) {
      await this.#dropOrphans(this.#unswept.first, this.#unswept.end)
      this.#unswept = undefined
    }
    await compactOldGarbage(this.#database, this.#next, pace)
    return clearGarbage(this.#database, (id) => this.#readers.has(id), pace)
  }

  /** Makes garbage of what lies in [first, end) and no record claims. */
  async #dropOrphans(first: number, end: number): Promise<void> {
    const claimed: Run[] = []
    // Garbage is known already: snapshots may need it.
    for (const kind of [blobRecords, garbageRecords]) {
      for await (const { value } of this.#database.entries(kind)) {
        claimed.push(...value.filter(([start, count]) => start < end && start + count > first))
      }
    }
    claimed.sort(([a], [b]) => a - b)
    let from = first
    for (const [start, count] of [...claimed, [end, 0] as const]) {
      if (start > from) await this.#dropPresent(from, start)
      from = Math.max(from, start + count)
    }
  }

  async #dropPresent(from: number, before: number): Promise<void> {
    const keys = this.#database.bodies.keys({ gte: segmentKey(from), lt: segmentKey(before) })
    try {
      for (let batch = await keys.nextv(orphanBatch); batch.length > 0; batch = await keys.nextv(orphanBatch)) {
        const runs: Runs = []
        for (const key of batch) addToRuns(runs, Number(key.readBigUInt64BE()), largestSegment)
        // A number that no body has: one that came with another state may have the first segment's.
        const id = await this.#takeNumber()
        await this.#database.transact((transaction) => transaction.put(garbageRecords, [id], runs))
      }
    } finally {
      await keys.close()
    }
  }
}

function idOf([first]: readonly Run[]): BlobId {
  if (!first) throw new Error('A body has at least one segment')
  return first[0]
}
