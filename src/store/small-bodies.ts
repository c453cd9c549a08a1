import { type BlobId, garbageRecords, type Run } from './blob-records.ts'
import type { Database, Transaction } from './database.ts'
import { recordKind } from './keyspace.ts'
import type { Pace } from './pace.ts'

/*
 * A body of one segment of a few KiB is a record, in base64, and commits with what names it: one write in place of two.
 *
 *   blob ids   0 … segments … 2^52 … small bodies …
 *   records    smallBody [id] = base64      garbage [id] = its size, once it is dropped
 */

export const smallBodies = recordKind<string>()('smallBody', ['integer'])

/** No segment has this number, or a greater one. */
export const firstSmallBody: BlobId = 2 ** 52
/** Bytes of the longest small body, with what sealing adds. */
export const largestSmallBody = (4 << 10) + 64

/** Records of garbage that are cleared in one commit. */
const batchLength = 512

/** @param number that nothing else was given */
export function smallBodyId(number: number): BlobId {
  return firstSmallBody + number
}

export function isSmallBody(id: BlobId): boolean {
  return id >= firstSmallBody
}

export function smallBodyText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** Stages a small body; its id is new. */
export function keepSmallBody(transaction: Transaction, id: BlobId, text: string): void {
  transaction.add(smallBodies, [id], text)
}

/**
 * Stages that a small body is garbage. It stays until a sweep, as somebody may read it.
 * @param size in bytes, where it is known
 */
export function dropSmallBody(transaction: Transaction, id: BlobId, size = largestSmallBody): void {
  transaction.add(garbageRecords, [id], [[id, 1, size]])
}

/** @returns undefined when it is not there */
export function readSmallBody(database: Database, id: BlobId): Uint8Array | undefined {
  const text = database.get(smallBodies, [id])
  return text === undefined ? undefined : Buffer.from(text, 'base64')
}

/** A small body as a list of segments, read when the first is asked for. By hand: an async generator costs more than the reading. */
export function onlySegment(read: () => Uint8Array): AsyncIterableIterator<Uint8Array> {
  let isOver = false
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      if (isOver) return { done: true, value: undefined }
      isOver = true
      return { done: false, value: read() }
    },
    async return() {
      isOver = true
      return { done: true, value: undefined }
    },
  }
}

/**
 * Removes dropped small bodies.
 * @param isRead whether somebody is reading the body: it waits
 * @returns how many were removed
 */
export async function clearSmallBodies(
  database: Database,
  isRead: (id: BlobId) => boolean,
  pace: Pace,
): Promise<number> {
  let removed = 0
  let batch: Run[] = []
  const removeBatch = async () => {
    // What dropped them is on the disk; now readers know of it too, and none of them can come to them any more.
    await database.settled()
    const unread = batch.filter(([id]) => !isRead(id))
    batch = []
    await pace.step(() => remove(database, unread))
    removed += unread.length
  }
  for await (const { value } of database.entries(garbageRecords, { from: [firstSmallBody] })) {
    batch.push(...value)
    if (batch.length >= batchLength) await removeBatch()
    if (pace.hasEnded) return removed
  }
  if (batch.length > 0) await removeBatch()
  return removed
}

async function remove(database: Database, bodies: readonly Run[]): Promise<void> {
  await database.transact((transaction) => {
    for (const [id, , size = largestSmallBody] of bodies) {
      transaction.delete(garbageRecords, [id])
      transaction.delete(smallBodies, [id])
      database.noteGarbage(smallBodies, Math.ceil((size * 4) / 3))
    }
  })
}
