import type { TrailRecord } from './event.ts'

/* Walks over records, the newest first, and pages of them. */

/** Where a walk stands: behind this event. */
export type Position = [time: number, sequence: number]

export type Found = { record: TrailRecord; position: Position }

export interface LookupPage {
  /** Newest first. */
  records: TrailRecord[]
  /** Present when there are more. */
  next?: Position
}

/** The first `limit` of a walk. */
export async function pageOf(walk: AsyncIterable<Found>, limit: number): Promise<LookupPage> {
  const records: TrailRecord[] = []
  let next: Position | undefined
  for await (const { record, position } of walk) {
    if (records.length === limit) return { records, next }
    records.push(record)
    next = position
  }
  return { records }
}

/** Two walks as one: positions of both are from one sequence, so the order is total. */
export async function* merged(first: AsyncGenerator<Found>, second: AsyncGenerator<Found>): AsyncGenerator<Found> {
  try {
    let [one, other] = [await first.next(), await second.next()]
    while (!one.done || !other.done) {
      const isFirst = other.done || (!one.done && isNewer(one.value.position, other.value.position))
      if (isFirst && !one.done) {
        yield one.value
        one = await first.next()
      } else if (!other.done) {
        yield other.value
        other = await second.next()
      }
    }
  } finally {
    // A walk that is left before its end holds an iterator of the store.
    await Promise.all([first.return(undefined), second.return(undefined)])
  }
}

/** Whether the first is the newer of two positions. */
export function isNewer([time, sequence]: Position, [otherTime, otherSequence]: Position): boolean {
  return time === otherTime ? sequence > otherSequence : time > otherTime
}
