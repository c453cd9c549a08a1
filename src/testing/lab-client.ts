import type { Client } from '../cli/client.ts'
import { clockAdvance, clockFreeze, clockRun, clockSet, clockShow } from '../control/routes/clock.ts'
import { faultAdd, faultClear, faultList, faultsClear } from '../control/routes/faults.ts'
import { snapshotLoad, snapshotSave } from '../control/routes/snapshots.ts'
import type { Clock } from '../lab/clock/clock.ts'
import type { FaultReport } from '../lab/faults/fault.ts'
import type { Faults } from '../lab/faults/faults.ts'

/** What can be done to an emulator and to no account on AWS, as the library's `Emulator` has it. */
export interface LabClient {
  /** The clock by which things fall due: shown, turned on, stopped. */
  readonly clock: Clock
  /** What of KMS and S3 goes wrong on purpose. */
  readonly faults: Faults
  /**
   * Keeps the state as it is now: a reset for each test that keeps what was seeded.
   * @returns puts it back, as often as it is called
   */
  snapshot(): Promise<() => Promise<void>>
}

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
    async snapshot() {
      const name = `test-${uuid()}`
      await client().control(snapshotSave, { name })
      return async () => {
        await client().control(snapshotLoad, { name })
      }
    },
  }
}
