import type { Database } from '../store/database.ts'
import { dataCategory, dataEvents } from './data-events.ts'
import type { TrailRecord } from './event.ts'
import { events, recordAt } from './stored-event.ts'

/** Every record of the trail but data events, of all accounts and Regions; those of one place the newest first. */
export async function* everyRecord(database: Database): AsyncGenerator<TrailRecord> {
  for await (const { key, value } of database.entries(events)) yield recordAt(key, value)
}

/** Every data event, of all accounts and Regions; those of one place the newest first. */
export async function* everyDataEvent(database: Database): AsyncGenerator<TrailRecord> {
  for await (const { key, value } of database.entries(dataEvents)) yield { ...recordAt(key, value), ...dataCategory }
}
