import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreUnavailable } from '../../store/disk.ts'
import { makeFolder } from '../../store/make-folder.ts'
import type { State } from '../../store/state.ts'
import { LabRefusal } from '../refusal.ts'
import { openSnapshotFile, readSnapshotHeader, writeSnapshotFile } from './snapshot-file.ts'
import type { KeptState, SnapshotKeeper, SnapshotSummary } from './snapshot-keeper.ts'

/*
 *   DATA-DIR/snapshots/base         a snapshot
 *                     /.new-base    one that is being written
 *                     /.restore-1   what the library keeps for a test     those with a dot are removed at the next start
 *                     /.import-1    what an import brought, until it is loaded
 */

/** Where a data folder has its snapshots. */
export function snapshotFolder(dataDir: string): string {
  return join(dataDir, 'snapshots')
}

/** Snapshots of a data folder. */
export class FolderSnapshots implements SnapshotKeeper {
  readonly #folder: string
  readonly #store: string

  /** @param store the data folder's id */
  constructor(dataDir: string, store: string) {
    this.#folder = snapshotFolder(dataDir)
    this.#store = store
  }

  async keep(name: string, { state, created, release }: KeptState): Promise<void> {
    const path = join(this.#folder, name)
    try {
      await makeFolder(this.#folder)
      await writeSnapshotFile(path, join(this.#folder, `.new-${name}`), state, { created, store: this.#store })
    } catch (error) {
      throw codeOf(error) === 'ENOSPC' ? new StoreUnavailable('The disk of the data folder is full') : error
    } finally {
      await release()
    }
  }

  async open(name: string): Promise<State | undefined> {
    return openSnapshotFile(join(this.#folder, name), this.#store).catch((error) => {
      if (codeOf(error) === 'ENOENT') return undefined
      throw naming(name, error)
    })
  }

  async sizeOf(name: string): Promise<number> {
    return (await stat(join(this.#folder, name))).size
  }

  async list(): Promise<SnapshotSummary[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch((error) => {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    })
    const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name)
    return Promise.all(names.sort().map((name) => this.#summary(name)))
  }

  async delete(name: string): Promise<boolean> {
    const path = join(this.#folder, name)
    const isThere = (await stat(path).catch(() => undefined))?.isFile() === true
    await rm(path, { force: true })
    return isThere
  }

  async #summary(name: string): Promise<SnapshotSummary> {
    const path = join(this.#folder, name)
    const { size, mtimeMs } = await stat(path)
    try {
      return { name, created: (await readSnapshotHeader(path)).created, size }
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return { name, created: Math.floor(mtimeMs), size, damage: error.message }
    }
  }
}

function naming(name: string, error: unknown): unknown {
  if (!(error instanceof LabRefusal)) return error
  return new LabRefusal(error.kind, `The snapshot ${name} is not loaded. ${error.message}`)
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
