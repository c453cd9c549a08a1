import type { Database } from '../../store/database.ts'
import { dataCategory, dataEvents } from '../../trail/data-events.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { undeliveredEvents } from '../../trail/recorders.ts'
import { events, last, recordAt } from '../../trail/stored-event.ts'
import { dueTime, mostRecords } from './log-file.ts'

/* Events that wait for a trail's files. */

/** Characters of a file's records: as many as one turn of the event loop has time for. */
const mostCharacters = 4 << 20

type WaitingKey = [id: string, own: number, region: string, sequence: number]

/** What makes one file. */
export interface Batch {
  keys: WaitingKey[]
  /** Records as JSON. */
  texts: string[]
  /** ms since the epoch */
  newest: number
  oldest: number
}

/** Regions of which something waits that is a reason for a file, each with the moment at which that is due, in ms since the epoch. */
export async function dueRegions(database: Database, id: string): Promise<Map<string, number>> {
  const due = new Map<string, number>()
  let after: [string, number, string] | undefined
  for (;;) {
    const found = await firstWaiting(database, id, after)
    if (!found) return due
    due.set(found.region, dueTime(found.time))
    after = [id, 0, found.region]
  }
}

async function firstWaiting(database: Database, id: string, after: [string, number, string] | undefined) {
  for await (const { key, value } of database.entries(undeliveredEvents, { within: [id, 0], after, limit: 1 })) {
    return { region: key[2], time: value[0] }
  }
  return undefined
}

/** The next that wait of a Region, and behind them CloudTrail's own calls; undefined where nothing but those does. */
export async function nextBatch(
  database: Database,
  id: string,
  accountId: string,
  region: string,
): Promise<Batch | undefined> {
  const batch: Batch = { keys: [], texts: [], newest: 0, oldest: last }
  let characters = 0
  for (const own of [0, 1]) {
    if (own === 1 && batch.keys.length === 0) return undefined
    for await (const { key, value } of database.entries(undeliveredEvents, { within: [id, own, region] })) {
      if (batch.keys.length >= mostRecords || characters >= mostCharacters) return batch
      batch.keys.push(key)
      const [time, category] = value
      const record = recordOf(database, [accountId, region, last - time, last - key[3]], category)
      // What the retention took away is in no file.
      if (!record) continue
      const text = JSON.stringify(record)
      batch.texts.push(text)
      characters += text.length
      batch.newest = Math.max(batch.newest, time)
      batch.oldest = Math.min(batch.oldest, time)
    }
  }
  return batch
}

function recordOf(
  database: Database,
  key: [string, string, number, number],
  category: TrailRecord['eventCategory'],
): TrailRecord | undefined {
  const kind = category === 'Data' ? dataEvents : events
  const stored = database.get(kind, key)
  if (!stored) return undefined
  return category === 'Data' ? { ...recordAt(key, stored), ...dataCategory } : recordAt(key, stored)
}
