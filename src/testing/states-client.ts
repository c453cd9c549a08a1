import type { Client } from '../cli/client.ts'
import { exportState, importState, sealedWith } from '../control/routes/exports.ts'
import { snapshotDelete, snapshotList, snapshotLoad, snapshotSave } from '../control/routes/snapshots.ts'
import type { Emulator } from '../emulator.ts'
import { openExportFile, writeExportFile } from '../lab/snapshots/export-file.ts'

/** States of an emulator, kept and put back, as the library's `Emulator` has them. */
export type StatesClient = Pick<Emulator, 'snapshot' | 'snapshots' | 'export' | 'import'>

/** @param client asked for at every call */
export function statesOf(client: () => Client, uuid: () => string): StatesClient {
  const snapshots: StatesClient['snapshots'] = {
    save: (name) => client().control(snapshotSave, { name }),
    load: async (name) => void (await client().control(snapshotLoad, { name })),
    list: async () => (await client().control(snapshotList, {})).snapshots,
    delete: async (name) => void (await client().control(snapshotDelete, { name })),
  }
  return {
    snapshots,
    async snapshot() {
      const { name } = await snapshots.save(`test-${uuid()}`)
      return Object.assign(() => snapshots.load(name), { discard: () => snapshots.delete(name) })
    },
    async export(file, { passphrase } = {}) {
      await writeExportFile(file, await client().control(exportState, sealedWith(passphrase)))
    },
    async import(file, { passphrase } = {}) {
      const bytes = await openExportFile(file)
      await client().control(importState, sealedWith(passphrase), bytes)
    },
  }
}
