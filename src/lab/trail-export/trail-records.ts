import type { Database } from '../../store/database.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { everyDataEvent, everyRecord } from '../../trail/every-record.ts'

/** All that the trail holds, data events behind the others; of an account in a Region the newest first. */
export async function* trailRecords(database: Database): AsyncGenerator<TrailRecord> {
  yield* everyRecord(database)
  yield* everyDataEvent(database)
}
