import type { Ambient } from '../ambient.ts'
import { type Database, settings, type Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import type { CallOutcome, ServiceEvent, TrailRecord } from './event.ts'
import { otherAccountOf, recordForOwner, recordOf, recordOfServiceEvent } from './record.ts'
import { recordOfStored, type StoredEvent, storedEventOf } from './stored-event.ts'

/*
 * The newest event comes first, so that every lookup is a forward walk:
 *
 *   event           account │ region │ last − time │ last − sequence                        → the record (stored-event.ts)
 *   eventAttribute  account │ region │ attribute │ value │ last − time │ last − sequence    → nothing more
 *
 * Two attributes have an index. The others are looked at while walking: each index costs every call, and those take few
 * values (most events of a laptop are one user's), so that a walk soon finds what it wants; an event's id is asked for rarely.
 * The sequence never repeats, not even after a restart (each run counts in its own thousand millions), so the order is
 * total and the same for ever. Records and indexes are staged in the transaction of the call itself.
 */

type IndexedKey = 'EventName' | 'ResourceName'
export type AttributeKey =
  | IndexedKey
  | 'EventId'
  | 'Username'
  | 'AccessKeyId'
  | 'ReadOnly'
  | 'ResourceType'
  | 'EventSource'

/** Where a walk stands: behind this event. */
export type Position = [time: number, sequence: number]

export interface LookupQuery {
  accountId: string
  region: string
  attribute?: { key: AttributeKey; value: string }
  /** ms since the epoch, inclusive */
  startTime?: number
  /** ms since the epoch, inclusive; an event counts by its `eventTime`, which has no fraction */
  endTime?: number
  /** Goes on behind the last event of an earlier page. */
  after?: Position
  limit: number
}

export interface LookupPage {
  /** Newest first. */
  records: TrailRecord[]
  /** Present when there are more. */
  next?: Position
}

export interface Trail {
  /** Stages the call's record beside the change it made: both are committed, or neither. */
  append(transaction: Transaction, outcome: CallOutcome): void
  /** The same for what a service did by itself. */
  appendServiceEvent(transaction: Transaction, event: ServiceEvent): void
  lookup(query: LookupQuery): Promise<LookupPage>
  /** ms since the epoch: what happened before is forgotten */
  oldestKept(): number
  /** Removes what is older than the retention; @returns how many records */
  prune(): Promise<number>
}

export interface TrailOptions {
  database: Database
  ambient: Ambient
  retentionDays: number
}

const events = recordKind<StoredEvent>()('event', ['string', 'string', 'integer', 'integer'])
const eventAttributes = recordKind<0>()('eventAttribute', [
  'string',
  'string',
  'string',
  'string',
  'integer',
  'integer',
])

const last = Number.MAX_SAFE_INTEGER
const eventsOfOneRun = 2 ** 32
const pruneBatch = 256
const dayLength = 86_400_000

/** Opens the trail of all accounts and Regions in a store. */
export function openTrail({ database, ambient, retentionDays }: TrailOptions): Trail {
  const run = (database.get(settings, ['trail-runs']) ?? 0) + 1
  const runCounted = database.transact((transaction) => transaction.put(settings, ['trail-runs'], run))
  runCounted.catch(() => undefined)
  let sequence = run * eventsOfOneRun
  const oldestKept = () => ambient.now() - retentionDays * dayLength

  const store = (transaction: Transaction, record: TrailRecord, time: number) => {
    const { recipientAccountId: accountId, awsRegion: region } = record
    const order: [number, number] = [last - time, last - sequence++]
    transaction.add(events, [accountId, region, ...order], storedEventOf(record))
    for (const [attribute, value] of indexedAttributes(record)) {
      transaction.add(eventAttributes, [accountId, region, attribute, value, ...order], 0)
    }
  }

  return {
    append(transaction, outcome) {
      const record = recordOf(outcome)
      if (record.recipientAccountId === '') return
      const owner = otherAccountOf(outcome)
      if (owner !== undefined) {
        record.sharedEventID = ambient.uuid()
        store(transaction, recordForOwner(record, outcome.caller, owner, ambient.uuid()), outcome.time)
      }
      store(transaction, record, outcome.time)
    },

    appendServiceEvent(transaction, event) {
      store(transaction, recordOfServiceEvent(event), event.time)
    },

    async lookup(query) {
      const startTime = Math.max(query.startTime ?? 0, oldestKept())
      const records: TrailRecord[] = []
      let position: Position | undefined
      for await (const found of walk(database, { ...query, startTime })) {
        if (records.length === query.limit) return { records, next: position }
        records.push(found.record)
        position = found.position
      }
      return { records }
    },

    oldestKept,

    async prune() {
      await runCounted
      let removed = 0
      for await (const place of places(database)) removed += await pruneOne(database, place, oldestKept())
      return removed
    },
  }
}

/** The name LookupEvents knows the caller by: the user's, or the role session's. */
export function userNameOf({ userIdentity }: TrailRecord): string | undefined {
  const { type, userName, principalId } = userIdentity
  if (type === 'Root') return 'root'
  if (typeof userName === 'string') return userName
  if (type !== 'AssumedRole' || typeof principalId !== 'string') return undefined
  return principalId.slice(principalId.indexOf(':') + 1)
}

/** LookupEvents names keys and aliases by their ARN, buckets by their name. */
export function resourceNamesOf({ resources = [] }: TrailRecord): string[] {
  return resources.map(({ type, ARN }) => (type === 'AWS::S3::Bucket' ? ARN.slice(ARN.lastIndexOf(':') + 1) : ARN))
}

export function accessKeyIdOf({ userIdentity }: TrailRecord): string | undefined {
  return typeof userIdentity.accessKeyId === 'string' ? userIdentity.accessKeyId : undefined
}

function indexedAttributes(record: TrailRecord): [IndexedKey, string][] {
  const resources = resourceNamesOf(record).map((name): [IndexedKey, string] => ['ResourceName', name])
  return [['EventName', record.eventName], ...resources]
}

type EventKey = [accountId: string, region: string, time: number, sequence: number]

function positionOf([, , time, sequence]: EventKey): Position {
  return [last - time, last - sequence]
}

function recordAt([accountId, region, time]: EventKey, stored: StoredEvent): TrailRecord {
  return recordOfStored(stored, { accountId, region, time: last - time })
}

type Found = { record: TrailRecord; position: Position }

async function* walk(database: Database, query: LookupQuery & { startTime: number }): AsyncGenerator<Found> {
  const { accountId, region, attribute } = query
  if (!attribute || !isIndexed(attribute.key)) {
    const within = [accountId, region]
    for await (const { key, value } of database.entries(events, { within, ...bounds(query, within) })) {
      const record = recordAt(key, value)
      if (attribute && !hasAttribute(record, attribute)) continue
      yield { record, position: positionOf(key) }
    }
    return
  }
  const within = [accountId, region, attribute.key, attribute.value]
  for await (const { key } of database.entries(eventAttributes, { within, ...bounds(query, within) })) {
    const [, , , , time, sequence] = key
    const place: EventKey = [accountId, region, time, sequence]
    const stored = database.get(events, place)
    if (stored) yield { record: recordAt(place, stored), position: positionOf(place) }
  }
}

function bounds({ startTime, endTime, after }: LookupQuery & { startTime: number }, within: string[]) {
  return {
    from: endTime === undefined ? undefined : [...within, last - asTime(endOfSecond(endTime))],
    after: after && [...within, last - asTime(after[0]), last - asTime(after[1])],
    before: [...within, last - asTime(Math.ceil(startTime)) + 1],
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

function isIndexed(key: AttributeKey): key is IndexedKey {
  return key === 'EventName' || key === 'ResourceName'
}

function hasAttribute(record: TrailRecord, { key, value }: { key: AttributeKey; value: string }): boolean {
  if (key === 'EventId') return record.eventID === value
  if (key === 'ReadOnly') return String(record.readOnly) === value
  if (key === 'EventSource') return record.eventSource === value
  if (key === 'Username') return userNameOf(record) === value
  if (key === 'AccessKeyId') return accessKeyIdOf(record) === value
  return record.resources?.some(({ type }) => type === value) ?? false
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

/** Removes batch after batch, so that neither memory nor one commit grows with what is to go. */
async function pruneOne(database: Database, place: Place, oldestKept: number): Promise<number> {
  const range = { within: place, from: [...place, last - Math.ceil(oldestKept) + 1], limit: pruneBatch }
  let removed = 0
  for (;;) {
    const transaction = database.transaction()
    let staged = 0
    for await (const { key, value } of database.entries(events, range)) {
      const [accountId, region, ...order] = key
      transaction.delete(events, key)
      for (const [attribute, name] of indexedAttributes(recordAt(key, value))) {
        transaction.delete(eventAttributes, [accountId, region, attribute, name, ...order])
      }
      staged++
    }
    await transaction.commit()
    removed += staged
    if (staged < pruneBatch) return removed
  }
}
