import type { Database, Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import type { TrailRecord } from './event.ts'
import type { Found, Position } from './pages.ts'
import { last, recordAt, type StoredEvent, storedEventOf } from './stored-event.ts'

/*
 * Data events: what S3 did with objects, recorded only where that is asked for. LookupEvents does not show them, so they lie apart
 * from the others, in the same order, and have no index:
 *
 *   dataEvent   account │ region │ last − time │ last − sequence   → the record (stored-event.ts)
 *
 * Source: "Logging data events", CloudTrail User Guide.
 */

export const dataEvents = recordKind<StoredEvent>()('dataEvent', ['string', 'string', 'integer', 'integer'])

/** What distinguishes their records. */
export const dataCategory = { managementEvent: false, eventCategory: 'Data' } as const

export interface DataEventQuery {
  accountId: string
  region: string
  /** ms since the epoch, inclusive */
  startTime?: number
  /** Goes on behind the last event of an earlier page. */
  after?: Position
  limit: number
}

const pruneBatch = 256

export function stageDataEvent(transaction: Transaction, record: TrailRecord, [time, sequence]: Position): void {
  const { recipientAccountId: accountId, awsRegion: region } = record
  transaction.add(dataEvents, [accountId, region, last - time, last - sequence], storedEventOf(record))
}

/** The newest first. */
export async function* walkDataEvents(
  database: Database,
  { accountId, region, startTime = 0, after }: DataEventQuery,
): AsyncGenerator<Found> {
  const within = [accountId, region]
  const range = {
    within,
    after: after && [...within, last - after[0], last - after[1]],
    before: [...within, last - Math.max(0, Math.ceil(startTime)) + 1],
  }
  for await (const { key, value } of database.entries(dataEvents, range)) {
    yield { record: { ...recordAt(key, value), ...dataCategory }, position: [last - key[2], last - key[3]] }
  }
}

/** Removes those from before `oldest` (ms since the epoch). @returns how many */
export async function pruneDataEvents(database: Database, oldest: number): Promise<number> {
  let removed = 0
  let after: [string, string] | undefined
  for (;;) {
    let place: [string, string] | undefined
    for await (const { key } of database.entries(dataEvents, { after, limit: 1 })) place = [key[0], key[1]]
    if (place === undefined) return removed
    removed += await prunePlace(database, place, oldest)
    after = place
  }
}

async function prunePlace(database: Database, place: [string, string], oldest: number): Promise<number> {
  const range = { within: place, from: [...place, last - oldest + 1], limit: pruneBatch }
  for (let removed = 0; ; ) {
    const transaction = database.transaction()
    let staged = 0
    for await (const { key } of database.entries(dataEvents, range)) {
      transaction.delete(dataEvents, key)
      staged++
    }
    await transaction.commit()
    removed += staged
    if (staged < pruneBatch) return removed
  }
}
