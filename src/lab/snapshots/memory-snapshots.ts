import type { Entry, State } from '../../store/state.ts'
import { FewRecords } from './few-records.ts'
import type { KeptState, SnapshotKeeper, SnapshotSummary } from './snapshot-keeper.ts'

/**
 * Snapshots of an emulator in memory. Its databases are trees that never change in place, so a state of a moment is there at once, and
 * shares with the others whatever is the same.
 */
export class MemorySnapshots implements SnapshotKeeper {
  readonly #kept = new Map<string, KeptState>()

  async keep(name: string, kept: KeptState): Promise<void> {
    await this.delete(name)
    this.#kept.set(name, kept)
  }

  async open(name: string): Promise<State | undefined> {
    return this.#kept.get(name)?.state
  }

  async sizeOf(): Promise<number> {
    return 0
  }

  async list(): Promise<SnapshotSummary[]> {
    const named = [...this.#kept].filter(([name]) => !name.startsWith('.')).sort(([a], [b]) => (a < b ? -1 : 1))
    return named.map(([name, { created }]) => ({ name, created }))
  }

  async delete(name: string): Promise<boolean> {
    await this.#kept.get(name)?.release()
    return this.#kept.delete(name)
  }
}

/** A state that comes once, as one that may be walked again. */
export async function inMemory(state: State): Promise<State> {
  const pages: (readonly Entry[])[] = []
  const few = new FewRecords()
  for await (const page of state.records()) {
    pages.push(page)
    for (const entry of page) few.note(entry)
  }
  return {
    ...state,
    read: few.read,
    async *records() {
      yield* pages
    },
  }
}
