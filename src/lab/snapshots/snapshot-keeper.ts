import type { State } from '../../store/state.ts'

/** A snapshot, as a list shows it. */
export interface SnapshotSummary {
  name: string
  /** ms since the epoch, of the emulator's clock */
  created: number
  /** Bytes of its file; bodies are not in it. Undefined in memory, where it shares with the emulator what is the same. */
  size?: number
  /** Why it cannot be loaded. */
  damage?: string
}

/** What is to be kept. */
export interface KeptState {
  /** Who keeps it in a file walks it once. */
  state: State
  created: number
  /** Ends what the state needs to be read: called when it is in a file, or where it is kept as it is, when it is deleted. */
  release(): Promise<void>
}

/** Where snapshots are: in files, or in memory. */
export interface SnapshotKeeper {
  /** Keeps a state in the place of what had the name: whole, or it throws and nothing has changed. */
  keep(name: string, kept: KeptState): Promise<void>
  /**
   * The state as it was kept; undefined when none has the name.
   * @throws LabRefusal where it is damaged
   */
  open(name: string): Promise<State | undefined>
  /** How many bytes of the disk it takes about to load it. */
  sizeOf(name: string): Promise<number>
  /** In the order of their names; those that begin with a dot are the emulator's own. */
  list(): Promise<SnapshotSummary[]>
  /** @returns whether there was one */
  delete(name: string): Promise<boolean>
}
