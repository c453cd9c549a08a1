import type { Services } from '../../services.ts'
import type { Moment } from '../../store/database.ts'
import type { CheckContext } from '../../store/record-check.ts'
import type { State } from '../../store/state.ts'
import { prunedUntil } from '../../trail/trail.ts'
import { RecordsOfMoment } from './checked-records.ts'

/** The store as it is at one moment: what one commit wrote is seen together, whatever is written meanwhile. */
export interface View {
  state: State
  records: RecordsOfMoment
  context: CheckContext
  close(): Promise<void>
}

/** What it takes to see it. */
interface ViewedServices extends Pick<Services, 'rootKey' | 'oldestEvent'> {
  inProcess: Pick<Services['inProcess'], 'database' | 'ambient'>
}

export async function openView({
  inProcess: { database, ambient },
  rootKey,
  oldestEvent,
}: ViewedServices): Promise<View> {
  const moment: Moment = database.snapshot()
  const records = new RecordsOfMoment(database.recordsAt(moment))
  const made = new Map<object, unknown>()
  const context: CheckContext = {
    records,
    rootKey,
    ambient,
    oldestEvent: Math.max(oldestEvent(), prunedUntil(records)),
    once<Result>(key: object, make: () => Result): Result {
      if (!made.has(key)) made.set(key, make())
      return made.get(key) as Result
    },
  }
  return { state: await database.stateAt(moment), records, context, close: () => moment.close() }
}
