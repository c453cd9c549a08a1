import type { Database, Reader, Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import type { TrailRecord } from './event.ts'
import { type Attribute, forEachAttribute, type IndexedKey } from './event-attributes.ts'
import { timeOfEventId } from './event-id.ts'

/*
 * Which attributes the events of a short span of time have:
 *
 *   eventSpan   account │ region │ attribute │ value │ last − span      → nothing more; a span is 32 ms
 *
 *   events       e9  e8  e7 │ e6  e5 │ e4  e3  e2  e1          newest first
 *   Decrypt      ●          │        │ ●                       two entries for however many Decrypts: e6 and e5 are never read
 *
 * An entry for each event and attribute would cost every call seven of them. Of the events of one span, which are many only
 * when the emulator is busy, the first writes what it has and the others write what is new. A lookup reads the spans
 * that have the attribute and no others, so an attribute that no event has is answered at once.
 */

/** ms; a page of fifty events that lie in as many spans reads what happened in 1.6 s at most. */
export const spanLength = 32
export const lastSpan = Math.floor(Number.MAX_SAFE_INTEGER / spanLength)

export const eventSpans = recordKind<0>()('eventSpan', ['string', 'string', 'string', 'string', 'integer'])

/** The span an event's time (ms since the epoch) lies in. */
export function spanOf(time: number): number {
  return Math.floor(time / spanLength)
}

/** The first moment (ms since the epoch) of the span that a moment lies in. */
export function startOfSpan(time: number): number {
  return spanOf(time) * spanLength
}

/** Ids of an older store hold no time: they are in the index. */
export function stageEventId(transaction: Transaction, record: TrailRecord, time: number): void {
  transaction.add(eventSpans, idKey(record, time), 0)
}

/**
 * Whether a lookup by its id finds a record; reads no other, however many there are of the same moment.
 * @param time of its place in the store, ms since the epoch
 */
export function isFoundById(reader: Reader, record: TrailRecord, time: number): boolean {
  const inId = timeOfEventId(record.eventID)
  if (inId !== undefined && spanOf(inId) === spanOf(time)) return true
  return reader.get(eventSpans, idKey(record, time)) !== undefined
}

function idKey(record: TrailRecord, time: number): [string, string, string, string, number] {
  return [record.recipientAccountId, record.awsRegion, 'EventId', record.eventID, lastSpan - spanOf(time)]
}

type Written = Record<IndexedKey, Set<string>>

/** Writes the index, and remembers what the present span has already. */
export class EventIndex {
  #span = 0
  /** By account and Region. */
  readonly #written = new Map<string, Written>()

  /** Stages what the event's span does not have yet. */
  stage(transaction: Transaction, record: TrailRecord, time: number): void {
    const { recipientAccountId: accountId, awsRegion: region } = record
    const span = spanOf(time)
    const written = this.#writtenIn(span, `${accountId} ${region}`)
    let fresh: [IndexedKey, string][] | undefined
    forEachAttribute(record, (key, value) => {
      if (written[key].has(value)) return
      transaction.add(eventSpans, [accountId, region, key, value, lastSpan - span], 0)
      fresh ??= []
      fresh.push([key, value])
    })
    // Only what is committed: other events of the span rely on it.
    const added = fresh
    if (added) transaction.afterCommit(() => remember(written, added))
  }

  /** Stages the removal of a record's entries: all events of its span must go. */
  remove(transaction: Transaction, record: TrailRecord, time: number): void {
    const { recipientAccountId: accountId, awsRegion: region } = record
    this.#written.clear()
    forEachAttribute(record, (key, value) => {
      transaction.delete(eventSpans, [accountId, region, key, value, lastSpan - spanOf(time)])
    })
    transaction.delete(eventSpans, idKey(record, time))
  }

  #writtenIn(span: number, place: string): Written {
    if (span !== this.#span) this.#written.clear()
    this.#span = span
    const known = this.#written.get(place)
    if (known) return known
    const written = nothingWritten()
    this.#written.set(place, written)
    return written
  }
}

function nothingWritten(): Written {
  return {
    EventName: new Set(),
    ReadOnly: new Set(),
    Username: new Set(),
    ResourceType: new Set(),
    ResourceName: new Set(),
    EventSource: new Set(),
    AccessKeyId: new Set(),
  }
}

function remember(written: Written, added: readonly [IndexedKey, string][]): void {
  for (const [key, value] of added) written[key].add(value)
}

/** ms since the epoch, inclusive. */
export type TimeRange = { newest: number; oldest: number }

/** The spans that may have events with the attribute, newest first, as far as they lie in the range. */
export async function* spansWith(
  database: Database,
  { accountId, region, attribute }: { accountId: string; region: string; attribute: Attribute },
  { newest, oldest }: TimeRange,
): AsyncGenerator<TimeRange> {
  const time = attribute.key === 'EventId' ? timeOfEventId(attribute.value) : undefined
  if (time !== undefined && time >= oldest && time <= newest) yield spanWithin(spanOf(time), { newest, oldest })
  const within = [accountId, region, attribute.key, attribute.value]
  const from = [...within, lastSpan - spanOf(newest)]
  const before = [...within, lastSpan - spanOf(oldest) + 1]
  for await (const { key } of database.entries(eventSpans, { within, from, before })) {
    yield spanWithin(lastSpan - key[4], { newest, oldest })
  }
}

function spanWithin(span: number, { newest, oldest }: TimeRange): TimeRange {
  const begin = span * spanLength
  return { newest: Math.min(newest, begin + spanLength - 1), oldest: Math.max(oldest, begin) }
}
