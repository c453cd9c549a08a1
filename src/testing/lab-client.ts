import type { Client } from '../cli/client.ts'
import { watchedVerify } from '../cli/watched-verify.ts'
import { audit } from '../control/routes/audit.ts'
import { clockAdvance, clockFreeze, clockRun, clockSet, clockShow } from '../control/routes/clock.ts'
import { faultAdd, faultClear, faultList, faultsClear } from '../control/routes/faults.ts'
import { inspect } from '../control/routes/inspect.ts'
import { notifications } from '../control/routes/notifications.ts'
import { policySuggest, policyWhyNot } from '../control/routes/policy.ts'
import { trailRecords } from '../control/routes/trail-records.ts'
import { verify } from '../control/routes/verify.ts'
import type { Emulator } from '../emulator.ts'
import type { FaultReport } from '../lab/faults/fault.ts'
import { writeLogFiles } from '../lab/trail-export/log-files.ts'
import type { NotificationPage } from '../s3/notifications/read-notifications.ts'
import { type StatesClient, statesOf } from './states-client.ts'

type Parts = 'clock' | 'faults' | 'policy'
type Questions = 'inspect' | 'audit' | 'verify' | 'exportTrail' | 'notifications'

/** What can be done to an emulator and to no account on AWS, as the library's `Emulator` has it. Files are where the test runs. */
export interface LabClient extends StatesClient, Pick<Emulator, Parts | Questions> {}

/** @param client asked for at every call */
export function labOf(client: () => Client, uuid: () => string): LabClient {
  return {
    clock: {
      show: () => client().control(clockShow, {}),
      advance: (by) => client().control(clockAdvance, { by: typeof by === 'number' ? `${by}ms` : by }),
      set: (to) => client().control(clockSet, { to: typeof to === 'string' ? to : new Date(to).toISOString() }),
      freeze: () => client().control(clockFreeze, {}),
      run: () => client().control(clockRun, {}),
    },
    faults: {
      list: async () => (await client().control(faultList, {})).faults as FaultReport[],
      add: (rule) => client().control(faultAdd, {}, rule),
      clear: async (id) => {
        if (id === undefined) await client().control(faultsClear, {})
        else await client().control(faultClear, { id })
      },
    },
    policy: {
      suggest: (principal, { since } = {}) => client().control(policySuggest, { principal, since: since?.toString() }),
      whyNot: (question) => client().control(policyWhyNot, {}, question),
    },
    inspect: (uri, { limit } = {}) => client().control(inspect, { uri, limit: limit?.toString() }),
    audit: ({ by, since, until } = {}) =>
      client().control(audit, { by, since: since?.toString(), until: until?.toString() }),
    verify: ({ repair, ...watcher } = {}) =>
      watcher.onProgress || watcher.signal
        ? watchedVerify(client(), { repair, ...watcher })
        : client().control(verify, { repair }),
    exportTrail: async (folder) => writeLogFiles(folder, await client().control(trailRecords, {})),
    notifications: async ({ after, limit, bucket } = {}) => {
      const query = { after: after?.toString(), limit: limit?.toString(), bucket }
      return (await client().control(notifications, query)) as NotificationPage
    },
    ...statesOf(client, uuid),
  }
}
