import { recordKind } from './keyspace.ts'

/** A stored body: immutable, named by the number of its first segment; a small body has a number above all segments'. */
export type BlobId = number

/** Consecutive segments, and their bytes together (absent in stores of earlier versions). */
export type Run = [first: number, count: number, bytes?: number]

/** Where a body's segments are. */
export type Runs = Run[]

export const blobRecords = recordKind<Runs>()('blob', ['integer'])
/** What of a dropped body is still to be cleared. */
export const garbageRecords = recordKind<Runs>()('garbage', ['integer'])

/** No segment has more, but for a seal of some bytes. */
export const largestSegment = 256 << 10

/** The key of a segment in `bodies`. */
export function segmentKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  key.writeBigUInt64BE(BigInt(number))
  return key
}

/** Adds a segment behind the others. */
export function addToRuns(runs: Runs, number: number, bytes: number): void {
  const last = runs.at(-1)
  if (last && last[0] + last[1] === number) {
    last[1]++
    last[2] = (last[2] ?? 0) + bytes
  } else runs.push([number, 1, bytes])
}

/** The numbers of the segments `first` … of a blob; fewer than `count` when it has not so many. */
export function numbersOf(runs: readonly Run[], first: number, count: number): number[] {
  const numbers: number[] = []
  let skip = first
  for (const [start, length] of runs) {
    for (let index = skip; index < length && numbers.length < count; index++) numbers.push(start + index)
    skip = Math.max(0, skip - length)
  }
  return numbers
}

/** How many segments they are. */
export function lengthOf(runs: readonly Run[]): number {
  return runs.reduce((sum, [, count]) => sum + count, 0)
}

/** The bytes of a run, or the most that they can be. */
export function bytesOf([, count, bytes]: Run): number {
  return bytes ?? count * largestSegment
}
