import {
  addToRuns,
  type BlobId,
  blobRecords,
  garbageRecords,
  numbersOf,
  type Run,
  type Runs,
  segmentKey,
} from './blob-records.ts'
import type { Database, Transaction } from './database.ts'
import { clearGarbage, compactOldGarbage, deleteSegments } from './garbage.ts'
import { dropOrphans } from './orphans.ts'
import { Pace } from './pace.ts'
import { PutProgress } from './put-progress.ts'
import { readSegments } from './read-segments.ts'
import { type Pin, Readers } from './readers.ts'
import { SegmentNumbers } from './segment-numbers.ts'
import {
  dropSmallBody,
  isSmallBody,
  keepSmallBody,
  largestSmallBody,
  onlySegment,
  readSmallBody,
  smallBodyId,
  smallBodyText,
} from './small-bodies.ts'

/*
 * Bodies cut into segments, each one value in `bodies` under a number that is never given twice (8 bytes, big-endian).
 *
 *   records   blob    [id] = its runs     committed: it survives
 *             garbage [id] = the same     dropped: cleared with both records once nobody reads it (garbage.ts)
 *
 * A body of one short segment is no segment, but a record (small-bodies.ts).
 *
 * A number is given when its put has its turn, so keys ascend as they are written: the ranges of LevelDB's tables never overlap,
 * and none is ever merged with another (with numbers given earlier, eight writers were half as fast as one).
 *
 * Segments that an unclean end left without a record are found by their numbers (segment-numbers.ts): the first sweep clears them.
 */

export type { BlobId } from './blob-records.ts'
export type { Pin } from './readers.ts'

/** A record names a body that is not in the store, which is damaged then. */
export class BodyMissing extends Error {
  constructor(id: BlobId) {
    super(`Blob ${id} is not in the store`)
  }
}

/** A body whose segments are in `bodies` but which no committed record names yet; a small one is in memory alone. */
export interface WrittenBlob {
  id: BlobId
  runs: Runs
  /** The small body in base64. */
  small?: string
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

/** A first segment up to this size shares a batch with others; a larger one is worth a write of its own. */
const sharedBatch = 32 << 10
/** Not even an empty body is small. */
const none = -1

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
  readonly #numbers: SegmentNumbers
  readonly #readers = new Readers()
  readonly #clearings = new Set<Promise<unknown>>()
  #sweeping: Promise<number> | undefined

  constructor(database: Database, onBodyBytes: (count: number) => void) {
    this.#database = database
    this.#onBodyBytes = onBodyBytes
    this.#numbers = new SegmentNumbers(database)
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
      if (small !== undefined) return { id: smallBodyId(await this.#numbers.take()), runs: [], small }
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
    transaction.afterCommit(() => this.#numbers.settle(id))
  }

  abandon({ id, runs }: WrittenBlob): void {
    if (isSmallBody(id)) return
    // When the clearing fails the blob stays in flight: the floor stays below it and the next start clears it.
    const clearing = this.#discard(id, runs).then(
      () => this.#numbers.settle(id),
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
    return this.#readers.pin(ids)
  }

  read(id: BlobId, first: number, count: number): AsyncIterable<Uint8Array> {
    if (isSmallBody(id)) return this.#readSmall(id, first + count)
    const runs = this.#database.get(blobRecords, [id])
    if (!runs) throw new BodyMissing(id)
    const numbers = numbersOf(runs, first, count)
    if (numbers.length < count) throw new Error(`Blob ${id} has no segments ${first} to ${first + count - 1}`)
    return readSegments(this.#database, numbers, () => this.#numbers.next, this.#onBodyBytes)
  }

  sweep(pace?: Pace): Promise<number> {
    this.#sweeping ??= this.#sweepOnce(pace).finally(() => {
      this.#sweeping = undefined
    })
    return this.#sweeping
  }

  async close(): Promise<void> {
    this.#numbers.end()
    await this.#sweeping?.catch(() => 0)
    await this.#numbers.settled()
    await Promise.all(this.#clearings)
    await this.#numbers.returnRest()
  }

  async #put(progress: PutProgress, segment: Uint8Array): Promise<void> {
    const { runs } = progress
    if (runs.length === 0 && segment.length <= sharedBatch) {
      return this.#database.segments.putSmall(await this.#takeKey(runs, segment.length), segment)
    }
    const { ended } = await this.#database.segments.putSegment(() => this.#takeKey(runs, segment.length), segment)
    await progress.began(ended)
    this.#onBodyBytes(segment.length)
  }

  /** The key of a blob's next segment. The first is in flight before anyone else can look. */
  async #takeKey(runs: Runs, bytes: number): Promise<Buffer> {
    const number = await this.#numbers.take()
    if (runs.length === 0) this.#numbers.begin(number)
    addToRuns(runs, number, bytes)
    return segmentKey(number)
  }

  #readSmall(id: BlobId, end: number): AsyncIterable<Uint8Array> {
    return onlySegment(() => {
      const small = readSmallBody(this.#database, id)
      if (!small) throw new BodyMissing(id)
      if (end > 1) throw new Error(`Blob ${id} has no segments but one`)
      return small
    })
  }

  /** The record of garbage comes first: without it a sweep would not know that there is space to be had. */
  async #discard(id: BlobId, runs: Runs): Promise<void> {
    await this.#database.transact((transaction) => transaction.put(garbageRecords, [id], runs))
    await deleteSegments(this.#database, runs)
  }

  async #sweepOnce(pace = new Pace(() => 0)): Promise<number> {
    await dropOrphans(this.#database, this.#numbers)
    await compactOldGarbage(this.#database, this.#numbers.next, pace)
    return clearGarbage(this.#database, (id) => this.#readers.reads(id), pace)
  }
}

function idOf([first]: readonly Run[]): BlobId {
  if (!first) throw new Error('A body has at least one segment')
  return first[0]
}
