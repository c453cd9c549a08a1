import type { Database, Transaction } from './database.ts'

/** A stored body: immutable, named by the number of its first segment. */
export type BlobId = number

/** A body whose segments are in `bodies` but which no committed record names yet. */
export interface WrittenBlob {
  id: BlobId
  /** Bytes as stored, all segments together. */
  storedSize: number
  /** Runs of consecutive segment numbers: [first, count]. */
  runs: [number, number][]
}

/** Keeps blobs from being swept while a reader is at work. */
export interface Pin {
  release(): void
}

export interface BlobStore {
  /** Puts the segments one after another (that is the back-pressure). When the iterable throws, what was put is cleared. */
  write(segments: AsyncIterable<Uint8Array>): Promise<WrittenBlob>
  /** Makes the blob part of the transaction: after its commit it survives. */
  keep(transaction: Transaction, blob: WrittenBlob): void
  /** Gives up a blob that was written but will not be kept; its segments are cleared in the background. */
  abandon(blob: WrittenBlob): void
  /** Marks a kept blob as garbage in the transaction; swept once nobody reads it. */
  drop(transaction: Transaction, id: BlobId): void
  /** Synchronous, so that a record and its pins are taken in one breath. */
  pin(ids: readonly BlobId[]): Pin
  /** Stored segments `first` … `first + count - 1` of the blob, in order. Throws when one is missing. */
  read(id: BlobId, first: number, count: number): AsyncIterable<Uint8Array>
  /** Clears garbage, and on the first call after opening also what an earlier run left unfinished. Resolves to the number of segments cleared. */
  sweep(): Promise<number>
  /** Waits for sweeping to end and notes that nothing is in flight. */
  close(): Promise<void>
}

/** Opens the bodies of a database. Reading the marks is quick; orphans are looked for at the first `sweep`. */
export declare function openBlobs(database: Database): Promise<BlobStore>
