import { lstat, readdir, rm, stat } from 'node:fs/promises'
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
      await this.#requireFile(name)
      await makeFolder(this.#folder)
      await writeSnapshotFile(path, join(this.#folder, `.new-${name}`), state, { created, store: this.#store })
    } catch (error) {
      throw codeOf(error) === 'ENOSPC' ? new StoreUnavailable('The disk of the data folder is full') : error
    } finally {
      await release()
    }
  }

  async open(name: string): Promise<State | undefined> {
    if (!(await this.#requireFile(name))) return undefined
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
      throw codeOf(error) === 'ENOTDIR' ? noFolder() : error
    })
    const names = entries.map(({ name }) => name).filter((name) => !name.startsWith('.'))
    return Promise.all(names.sort().map((name) => this.#summary(name)))
  }

  async delete(name: string): Promise<boolean> {
    const path = join(this.#folder, name)
    const isThere = await this.#requireFile(name)
    await rm(path, { force: true })
    return isThere
  }

  /**
   * A folder, or a pipe, is nothing that the emulator made, so it neither reads nor removes it.
   * @returns whether there is a file of that name
   * @throws LabRefusal where there is something else
   */
  async #requireFile(name: string): Promise<boolean> {
    const found = await stat(join(this.#folder, name)).catch((error) => {
      if (codeOf(error) === 'ENOENT') return undefined
      throw codeOf(error) === 'ENOTDIR' ? noFolder() : error
    })
    if (!found || found.isFile()) return found !== undefined
    throw new LabRefusal('conflict', `snapshots/${name} of the data folder ${noFile}. Nothing has changed`)
  }

  async #summary(name: string): Promise<SnapshotSummary> {
    const path = join(this.#folder, name)
    const found = await lstat(path)
    const target = found.isSymbolicLink() ? await stat(path).catch(() => found) : found
    const { size, mtimeMs } = target
    if (!target.isFile()) return { name, created: Math.floor(mtimeMs), size, damage: `It ${noFile}` }
    try {
      return { name, created: (await readSnapshotHeader(path)).created, size }
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error
      return { name, created: Math.floor(mtimeMs), size, damage: error.message }
    }
  }
}

const noFile = 'is no file, so it is no snapshot: move it elsewhere'

function noFolder(): LabRefusal {
  return new LabRefusal('conflict', 'snapshots of the data folder is no folder: move it elsewhere')
}

function naming(name: string, error: unknown): unknown {
  if (!(error instanceof LabRefusal)) return error
  return new LabRefusal(error.kind, `The snapshot ${name} is not loaded. ${error.message}`)
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
