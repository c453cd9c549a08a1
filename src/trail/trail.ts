import type { Ambient } from '../ambient.ts'
import { type Database, type Reader, settings, type Transaction } from '../store/database.ts'
import { type DataEventQuery, dataCategory, pruneDataEvents, stageDataEvent, walkDataEvents } from './data-events.ts'
import type { CallOutcome, ServiceEvent, TrailRecord } from './event.ts'
import { type Attribute, hasAttribute } from './event-attributes.ts'
import { eventIdAt } from './event-id.ts'
import { EventIndex, spansWith, startOfSpan, type TimeRange } from './event-index.ts'
import { type Found, type LookupPage, merged, type Position, pageOf } from './pages.ts'
import { otherAccountOf, recordForOwner, recordOf, recordOfServiceEvent } from './record.ts'
import { Recorders } from './recorders.ts'
import { type EventKey, events, last, recordAt, storedEventOf } from './stored-event.ts'

/*
 * The newest event comes first, so that every lookup is a forward walk:
 *
 *   event       account │ region │ last − time │ last − sequence           → the record (stored-event.ts)
 *   eventSpan   account │ region │ attribute │ value │ last − span         → nothing more (event-index.ts)
 *
 * The sequence never repeats, not even after a restart (each run counts in its own thousand millions), so the order is
 * total and the same for ever. Records and index are staged in the transaction of the call itself.
 */

export interface LookupQuery {
  accountId: string
  region: string
  attribute?: Attribute
  /** ms since the epoch, inclusive */
  startTime?: number
  /** ms since the epoch, inclusive; an event counts by its `eventTime`, which has no fraction */
  endTime?: number
  /** Goes on behind the last event of an earlier page. */
  after?: Position
  limit: number
}

export interface Trail {
  /** Stages the call's record beside the change it made: both are committed, or neither. */
  append(transaction: Transaction, outcome: CallOutcome): void
  /** The same for what a service did by itself. */
  appendServiceEvent(transaction: Transaction, event: ServiceEvent): void
  /** The same for a data event, which LookupEvents does not show; only where it is wanted. */
  appendDataEvent(transaction: Transaction, outcome: CallOutcome): void
  /** Whether data events are wanted: all of them, or those that a trail selects. */
  readonly wantsDataEvents: boolean
  /** Trails that are logging. */
  readonly recorders: Recorders
  lookup(query: LookupQuery): Promise<LookupPage>
  dataEvents(query: DataEventQuery): Promise<LookupPage>
  /** Those of LookupEvents and data events, in one order. */
  allEvents(query: DataEventQuery): Promise<LookupPage>
  /** The newest record, of any Region, of a call that an access key made. */
  lastUse(accountId: string, accessKeyId: string): Promise<TrailRecord | undefined>
  /** ms since the epoch: what happened before is forgotten */
  oldestKept(): number
  /** Removes what is older than the retention; @returns how many records */
  prune(): Promise<number>
}

export interface TrailOptions {
  database: Database
  ambient: Ambient
  retentionDays: number
  /** Whether all data events are kept, whatever trails select. */
  keepsDataEvents?: boolean
}

const eventsOfOneRun = 2 ** 32
const pruneBatch = 256
const dayLength = 86_400_000

/** Opens the trail of all accounts and Regions in a store. */
export function openTrail({ database, ambient, retentionDays, keepsDataEvents = false }: TrailOptions): Trail {
  const run = (database.get(settings, ['trail-runs']) ?? 0) + 1
  const runCounted = database.transact((transaction) => transaction.put(settings, ['trail-runs'], run))
  runCounted.catch(() => undefined)
  let sequence = run * eventsOfOneRun
  const index = new EventIndex()
  const recorders = new Recorders()
  const oldestKept = () => ambient.now() - retentionDays * dayLength
  const kept = <Query extends { startTime?: number }>(query: Query) => {
    return { ...query, startTime: Math.max(query.startTime ?? 0, oldestKept()) }
  }

  /** One, or one in each of two accounts; the owner's comes first. */
  const recordsOf = (outcome: CallOutcome): TrailRecord[] => {
    const record = recordOf(outcome, eventIdAt(outcome.time, ambient.uuid()))
    if (record.recipientAccountId === '') return []
    const owner = otherAccountOf(outcome)
    if (owner === undefined) return [record]
    record.sharedEventID = ambient.uuid()
    const eventId = eventIdAt(outcome.time, ambient.uuid())
    return [recordForOwner(record, outcome.caller, owner, eventId), record]
  }

  const store = (transaction: Transaction, record: TrailRecord, time: number) => {
    const { recipientAccountId: accountId, awsRegion: region } = record
    const position = [time, sequence++] as const
    transaction.add(events, [accountId, region, last - time, last - position[1]], storedEventOf(record))
    index.stage(transaction, record, time)
    if (!recorders.areNone) recorders.stage(transaction, record, position, recorders.takersOf(record))
  }

  return {
    append(transaction, outcome) {
      for (const record of recordsOf(outcome)) store(transaction, record, outcome.time)
    },

    appendDataEvent(transaction, outcome) {
      for (const record of recordsOf(outcome)) {
        const event = { ...record, ...dataCategory }
        const takers = recorders.takersOf(event)
        if (!keepsDataEvents && takers.length === 0) continue
        const position: Position = [outcome.time, sequence++]
        stageDataEvent(transaction, event, position)
        recorders.stage(transaction, event, position, takers)
      }
    },

    get wantsDataEvents() {
      return keepsDataEvents || recorders.takeDataEvents
    },

    recorders,

    dataEvents: (query) => pageOf(walkDataEvents(database, kept(query)), query.limit),

    allEvents(query) {
      const within = kept(query)
      return pageOf(merged(walk(database, within), walkDataEvents(database, within)), query.limit)
    },

    appendServiceEvent(transaction, event) {
      store(transaction, recordOfServiceEvent(event, eventIdAt(event.time, ambient.uuid())), event.time)
    },

    lookup: (query) => pageOf(walk(database, kept(query)), query.limit),

    async lastUse(accountId, accessKeyId) {
      let newest: TrailRecord | undefined
      for await (const [account, region] of places(database)) {
        if (account !== accountId) continue
        const attribute = { key: 'AccessKeyId' as const, value: accessKeyId }
        const [found] = (await this.lookup({ accountId, region, attribute, limit: 1 })).records
        if (found && (!newest || found.eventTime > newest.eventTime)) newest = found
      }
      return newest
    },

    oldestKept,

    async prune() {
      await runCounted
      let removed = 0
      const oldest = startOfSpan(oldestKept())
      for await (const place of places(database)) removed += await pruneOne(database, index, place, oldest)
      removed += await pruneDataEvents(database, oldestKept())
      return removed
    },
  }
}

function positionOf([, , time, sequence]: EventKey): Position {
  return [last - time, last - sequence]
}

async function* walk(database: Database, query: LookupQuery & { startTime: number }): AsyncGenerator<Found> {
  const { accountId, region, attribute, after } = query
  const range = rangeOf(query)
  if (!attribute) {
    yield* eventsWithin(database, query, range)
    return
  }
  const newest = after ? Math.min(range.newest, asTime(after[0])) : range.newest
  for await (const span of spansWith(database, { accountId, region, attribute }, { ...range, newest })) {
    for await (const found of eventsWithin(database, query, span)) {
      if (hasAttribute(found.record, attribute)) yield found
    }
  }
}

async function* eventsWithin(
  database: Database,
  { accountId, region, after }: LookupQuery,
  { newest, oldest }: TimeRange,
): AsyncGenerator<Found> {
  const within = [accountId, region]
  const range = {
    within,
    from: [...within, last - newest],
    after: after && [...within, last - asTime(after[0]), last - asTime(after[1])],
    before: [...within, last - oldest + 1],
  }
  for await (const { key, value } of database.entries(events, range)) {
    yield { record: recordAt(key, value), position: positionOf(key) }
  }
}

function rangeOf({ startTime, endTime }: LookupQuery & { startTime: number }): TimeRange {
  return {
    newest: endTime === undefined ? last : asTime(endOfSecond(endTime)),
    oldest: asTime(Math.ceil(startTime)),
  }
}

/** Any number a client may send, brought to what a key can hold. */
function asTime(milliseconds: number): number {
  return Math.min(Math.max(milliseconds, 0), last)
}

/** An event's time loses its fraction, so one at 10:00:00.7 still belongs to what ends at 10:00:00. */
function endOfSecond(time: number): number {
  return Math.floor(time / 1000) * 1000 + 999
}

type Place = [accountId: string, region: string]

/** Every account and Region that has events, found by leaping from one to the next. */
async function* places(database: Database): AsyncGenerator<Place> {
  let after: Place | undefined
  for (;;) {
    const next: Place | undefined = await firstPlace(database, after)
    if (!next) return
    yield next
    after = next
  }
}

async function firstPlace(database: Database, after: Place | undefined): Promise<Place | undefined> {
  for await (const { key } of database.entries(events, { after, limit: 1 })) return [key[0], key[1]]
  return undefined
}

/** Removes batch after batch, so that neither memory nor one commit grows with what is to go; whole spans, as their entries go too. */
async function pruneOne(database: Database, index: EventIndex, place: Place, oldest: number): Promise<number> {
  const range = { within: place, from: [...place, last - oldest + 1], limit: pruneBatch }
  let removed = 0
  for (;;) {
    const transaction = database.transaction()
    let staged = 0
    for await (const { key, value } of database.entries(events, range)) {
      transaction.delete(events, key)
      index.remove(transaction, recordAt(key, value), last - key[2])
      staged++
    }
    if (staged > 0) notePruned(transaction, oldest)
    await transaction.commit()
    removed += staged
    if (staged < pruneBatch) return removed
  }
}

const pruned: ['trail-pruned'] = ['trail-pruned']

function notePruned(transaction: Transaction, oldest: number): void {
  transaction.put(settings, pruned, Math.max(oldest, transaction.get(settings, pruned) ?? 0))
}

/** ms since the epoch: what happened before may be gone, be it by the retention of an earlier run. */
export function prunedUntil(reader: Reader): number {
  return reader.get(settings, pruned) ?? 0
}
