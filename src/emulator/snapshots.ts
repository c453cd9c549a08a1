import type { Ambient } from '../ambient.ts'
import type { SnapshotSummary } from '../lab/snapshots/snapshot-keeper.ts'
import type { Restore, Snapshots } from '../lab/snapshots/snapshots.ts'
import type { Settings } from '../options.ts'
import type { CurrentServices } from './current-services.ts'

/** States of an emulator, kept and put back. */
export interface EmulatorStates {
  /**
   * Keeps the state as it is now: a reset for each test that keeps what was seeded.
   * @returns puts it back; requests in flight end as at a reset
   */
  snapshot(): Promise<Restore>
  /** Snapshots by name. A data folder keeps them over restarts; in memory they end with the emulator. */
  snapshots: {
    /** Keeps the state as it is now, in the place of a snapshot of that name. Requests go on meanwhile. @throws LabRefusal */
    save(name: string): Promise<SnapshotSummary>
    /** Puts the state back; requests in flight end as at a reset. @throws LabRefusal: then nothing has changed */
    load(name: string): Promise<void>
    list(): Promise<SnapshotSummary[]>
    /** @throws LabRefusal where there is none */
    delete(name: string): Promise<void>
  }
  /**
   * Writes the state as it is now to a file: everything, keys included.
   * @param options.passphrase seals it
   * @throws LabRefusal where there can be no such file
   */
  export(file: string, options?: { passphrase?: string }): Promise<void>
  /** Takes over the state of a file that `export` wrote, in the place of all there is. @throws LabRefusal: then nothing has changed */
  import(file: string, options?: { passphrase?: string }): Promise<void>
}

interface SnapshotParts {
  current: CurrentServices
  settings: Settings
  rootKey: Buffer | undefined
  ambient: Ambient
  machine: Ambient
}

/** The snapshots of an emulator, loaded and opened when they are first asked for. */
export function snapshotsOf({ current, settings, rootKey, ambient, machine }: SnapshotParts): () => Promise<Snapshots> {
  const open = async () => {
    const { Snapshots } = await import('../lab/snapshots/snapshots.ts')
    return Snapshots.open({
      store: () => ({ database: current.services.inProcess.database, blobs: current.services.blobs }),
      load: current.load,
      aside: current.aside,
      dataDir: settings.ephemeral ? undefined : settings.dataDir,
      rootKey,
      ambient,
      machine,
    })
  }
  let opened: Promise<Snapshots> | undefined
  return () => {
    opened ??= open().catch((error) => {
      opened = undefined
      throw error
    })
    return opened
  }
}

/** What the library's object has of them. */
export function statesOf(snapshots: () => Promise<Snapshots>): EmulatorStates {
  return {
    snapshot: async () => (await snapshots()).take(),
    snapshots: {
      save: async (name) => (await snapshots()).save(name),
      load: async (name) => (await snapshots()).load(name),
      list: async () => (await snapshots()).list(),
      delete: async (name) => (await snapshots()).delete(name),
    },
    export: async (file, { passphrase } = {}) => {
      const { writeExportFile } = await import('../lab/snapshots/export-file.ts')
      await writeExportFile(file, (await snapshots()).export(passphrase))
    },
    import: async (file, { passphrase } = {}) => {
      const { openExportFile } = await import('../lab/snapshots/export-file.ts')
      await (await snapshots()).import(await openExportFile(file), passphrase)
    },
  }
}
