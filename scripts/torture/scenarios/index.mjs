import { big } from './big.mjs'
import { damaged } from './damaged.mjs'
import { events } from './events.mjs'
import { fullDiskScenario } from './full-disk.mjs'
import { fuzz } from './fuzz.mjs'
import { kill } from './kill.mjs'
import { killInClock } from './kill-in-clock.mjs'
import { killInReset } from './kill-in-reset.mjs'
import { killInStart } from './kill-in-start.mjs'
import { killInSweep } from './kill-in-sweep.mjs'
import { lifecycle } from './lifecycle.mjs'
import { linearizable } from './linearizable.mjs'
import { locks } from './locks.mjs'
import { notifications } from './notifications.mjs'
import { replication } from './replication.mjs'
import { reset } from './reset.mjs'
import { slow } from './slow.mjs'
import { snapshots } from './snapshots.mjs'

/** In the order they run. */
export const scenarios = [
  kill,
  notifications,
  locks,
  lifecycle,
  replication,
  reset,
  killInReset,
  killInClock,
  snapshots,
  killInSweep,
  killInStart,
  fullDiskScenario,
  damaged,
  linearizable,
  slow,
  big,
  events,
  fuzz,
]
