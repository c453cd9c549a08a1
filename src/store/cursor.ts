import { setImmediate as endOfTurn } from 'node:timers/promises'
import {
  afterAllBeginningWith,
  decodeKey,
  encodeKey,
  encodeOpenString,
  type KeyOf,
  type KeyPart,
  type PartType,
  type RecordKind,
} from './keyspace.ts'

/** A walk that can jump: for listings that pass over whole common prefixes. Close it in `finally`. */
export interface Cursor<Value, Parts extends readonly PartType[]> {
  next(): Promise<{ key: KeyOf<Parts>; value: Value } | undefined>
  /** Goes on at the first key at or behind these leading parts. */
  seek(parts: readonly KeyPart[]): void
  /** Goes on behind everything whose string part after `within` begins with `text`. */
  seekPast(within: readonly KeyPart[], text: string): void
  close(): Promise<void>
}

/** What is needed of LevelDB's iterators. */
interface Entries {
  nextv(size: number): Promise<[string, string][]>
  seek(target: string): void
  close(): Promise<void>
}

/** Entries that a walk reads at once. */
const longestBatch = 256
/** Characters after which others have their turn: records that are long take longer to read. LevelDB's own batches are shorter. */
const longestTurn = 1 << 16

/**
 * @param isMemory LevelDB reads in another thread; memory answers at once, so a long walk would let nobody else have a turn
 * @param requireReadable throws where nothing may be read any more
 */
export function cursorOver<Value, Parts extends readonly PartType[]>(
  iterator: Entries,
  kind: RecordKind<Value, Parts>,
  isMemory: boolean,
  requireReadable: () => void,
): Cursor<Value, Parts> {
  let batch: [string, string][] = []
  let size = 4
  let read = 0
  const jump = (target: string) => {
    batch = []
    size = 4
    iterator.seek(target)
  }
  return {
    async next() {
      requireReadable()
      if (batch.length === 0) {
        batch = (await iterator.nextv(size)).reverse()
        if (isMemory && size === longestBatch) await endOfTurn()
        size = Math.min(size * 4, longestBatch)
      }
      const entry = batch.pop()
      read += entry?.[1].length ?? 0
      if (isMemory && read > longestTurn) {
        read = 0
        await endOfTurn()
      }
      return entry && { key: decodeKey(kind, entry[0]), value: JSON.parse(entry[1]) as Value }
    },
    seek: (parts) => jump(encodeKey(kind, parts)),
    seekPast: (within, text) => jump(afterAllBeginningWith(encodeKey(kind, within) + encodeOpenString(text))),
    close: () => iterator.close(),
  }
}
