import type { Reader } from '../store/database.ts'
import { dataCategory, dataEvents } from './data-events.ts'
import type { TrailRecord } from './event.ts'
import type { Found } from './pages.ts'
import { events, last, recordAt } from './stored-event.ts'

/** Every record of the trail but data events, of all accounts and Regions; those of one place the newest first. */
export async function* everyRecord(reader: Reader): AsyncGenerator<TrailRecord> {
  for await (const { key, value } of reader.entries(events)) yield recordAt(key, value)
}

/** The same, each with its position in the order of all of them. */
export async function* everyRecordFound(reader: Reader): AsyncGenerator<Found> {
  for await (const { key, value } of reader.entries(events)) {
    yield { record: recordAt(key, value), position: [last - key[2], last - key[3]] }
  }
}

/** Every data event, of all accounts and Regions; those of one place the newest first. */
export async function* everyDataEvent(reader: Reader): AsyncGenerator<TrailRecord> {
  for await (const { key, value } of reader.entries(dataEvents)) yield { ...recordAt(key, value), ...dataCategory }
}
