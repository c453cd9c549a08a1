import { type Database, settings, type Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import { EventIndex, stageEventId } from './event-index.ts'
import { events, last, recordAt } from './stored-event.ts'

/* Trails of stores from before the index of spans: their events are put into it once, before anybody looks. */

/** The index they had instead: an entry for each event's name and each of its resources. */
const eventAttributes = recordKind<0>()('eventAttribute', [
  'string',
  'string',
  'string',
  'string',
  'integer',
  'integer',
])

const indexed = ['trail-index'] as [string]
const batchLength = 256

/** Resolves once every event of the store stands in the index; what is interrupted begins again at the next start. */
export async function indexOlderEvents(database: Database): Promise<void> {
  if (database.get(settings, indexed) !== undefined) return
  const index = new EventIndex()
  await inBatches(database, database.entries(events), (transaction, { key, value }) => {
    const [record, time] = [recordAt(key, value), last - key[2]]
    index.stage(transaction, record, time)
    stageEventId(transaction, record, time)
  })
  await inBatches(database, database.entries(eventAttributes), (transaction, { key }) => {
    transaction.delete(eventAttributes, key)
  })
  await database.transact((transaction) => transaction.put(settings, indexed, 1))
}

async function inBatches<Entry>(
  database: Database,
  entries: AsyncIterable<Entry>,
  stage: (transaction: Transaction, entry: Entry) => void,
): Promise<void> {
  let transaction = database.transaction()
  let staged = 0
  for await (const entry of entries) {
    stage(transaction, entry)
    if (++staged % batchLength !== 0) continue
    await transaction.commit()
    transaction = database.transaction()
  }
  await transaction.commit()
}
