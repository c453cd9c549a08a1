import type { AnyRoute } from './route.ts'
import { audit } from './routes/audit.ts'
import { clockAdvance, clockFreeze, clockRun, clockSet, clockShow } from './routes/clock.ts'
import { dataEvents } from './routes/data-events.ts'
import { explain } from './routes/explain.ts'
import { exportState, importState } from './routes/exports.ts'
import { faultAdd, faultClear, faultList, faultsClear } from './routes/faults.ts'
import { health } from './routes/health.ts'
import { inspect } from './routes/inspect.ts'
import { keys } from './routes/keys.ts'
import { notifications } from './routes/notifications.ts'
import { policySuggest, policyWhyNot } from './routes/policy.ts'
import { reset } from './routes/reset.ts'
import { seed } from './routes/seed.ts'
import { settle } from './routes/settle.ts'
import { snapshotDelete, snapshotList, snapshotLoad, snapshotSave } from './routes/snapshots.ts'
import { trailRecords } from './routes/trail-records.ts'
import { verify, verifyProgress } from './routes/verify.ts'

/** The control API: one table for HTTP, the command line, the library and the documents. */
export const controlRoutes: readonly AnyRoute[] = [
  health,
  explain,
  inspect,
  audit,
  verify,
  verifyProgress,
  policySuggest,
  policyWhyNot,
  keys,
  notifications,
  dataEvents,
  trailRecords,
  seed,
  reset,
  settle,
  clockShow,
  clockAdvance,
  clockSet,
  clockFreeze,
  clockRun,
  faultList,
  faultAdd,
  faultsClear,
  faultClear,
  snapshotList,
  snapshotSave,
  snapshotLoad,
  snapshotDelete,
  exportState,
  importState,
]
