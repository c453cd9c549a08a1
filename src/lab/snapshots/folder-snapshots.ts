import type { Stats } from 'node:fs'
import { lstat, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreUnavailable } from '../../store/disk.ts'
import { codeOf } from '../../store/error-code.ts'
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
    const beside = `.new-${name}`
    try {
      await this.#requireFile(name)
      await this.#requireFile(beside)
      await makeFolder(this.#folder).catch(refuseFolder)
      const header = { created, store: this.#store }
      await writeSnapshotFile(join(this.#folder, name), join(this.#folder, beside), state, header)
    } catch (error) {
      throw codeOf(error) === 'ENOSPC' ? new StoreUnavailable('The disk of the data folder is full') : inWords(error)
    } finally {
      await release()
    }
  }

  async open(name: string): Promise<State | undefined> {
    if (!(await this.#requireFile(name))) return undefined
    return openSnapshotFile(join(this.#folder, name), this.#store).catch((error) => {
      if (codeOf(error) === 'ENOENT') return undefined
      throw naming(name, inWords(error))
    })
  }

  async sizeOf(name: string): Promise<number> {
    return (await stat(join(this.#folder, name))).size
  }

  async list(): Promise<SnapshotSummary[]> {
    const entries = await readdir(this.#folder).catch((error) => {
      if (codeOf(error) === 'ENOENT') return []
      return refuseFolder(error)
    })
    const names = entries.filter((name) => !name.startsWith('.'))
    const summaries = await Promise.all(names.sort().map((name) => this.#summary(name)))
    return summaries.filter((summary) => summary !== undefined)
  }

  async delete(name: string): Promise<boolean> {
    const isThere = await this.#requireFile(name)
    await rm(join(this.#folder, name), { force: true }).catch((error) => {
      throw inWords(error)
    })
    return isThere
  }

  /**
   * A folder, a pipe, or a link that leads nowhere, is nothing that the emulator made, so it neither reads nor removes it.
   * @returns whether there is a file of that name
   * @throws LabRefusal where there is something else
   */
  async #requireFile(name: string): Promise<boolean> {
    const found = await this.#find(name)
    if (!found || found.isFile()) return found !== undefined
    throw new LabRefusal('conflict', `snapshots/${name} of the data folder ${noFile}. Nothing has changed`)
  }

  /** What a name is, or the link of that name where it leads nowhere; undefined where it is nothing. */
  async #find(name: string): Promise<Stats | undefined> {
    const path = join(this.#folder, name)
    const found = await lstat(path).catch((error) => {
      if (codeOf(error) === 'ENOENT') return undefined
      return refuseFolder(error)
    })
    return found?.isSymbolicLink() ? await stat(path).catch(() => found) : found
  }

  async #summary(name: string): Promise<SnapshotSummary | undefined> {
    const found = await this.#find(name)
    // It was deleted meanwhile.
    if (!found) return undefined
    const { size, mtimeMs } = found
    const damaged = (damage: string) => ({ name, created: Math.floor(mtimeMs), size, damage })
    if (!found.isFile()) return damaged(`It ${noFile}`)
    try {
      return { name, created: (await readSnapshotHeader(join(this.#folder, name))).created, size }
    } catch (error) {
      const refusal = inWords(error)
      if (!(refusal instanceof LabRefusal)) throw error
      return damaged(refusal.message)
    }
  }
}

const noFile = 'is no file, so it is no snapshot: move it elsewhere'

/** @throws LabRefusal where the folder of the snapshots is something else, or cannot be used */
function refuseFolder(error: unknown): never {
  const isNone = ['ENOTDIR', 'EEXIST', 'ELOOP'].includes(String(codeOf(error)))
  if (isNone) throw new LabRefusal('conflict', 'snapshots of the data folder is no folder: move it elsewhere')
  throw inWords(error)
}

/** What the system refuses, with its word for why; whatever else it was is a fault of ours. */
function inWords(error: unknown): unknown {
  if (error instanceof LabRefusal || !isOfSystem(error)) return error
  return new LabRefusal('conflict', `The snapshots of the data folder cannot be used: ${error.message}`)
}

function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && codeOf(error) !== 'ENOSPC'
}

function naming(name: string, error: unknown): unknown {
  if (!(error instanceof LabRefusal)) return error
  return new LabRefusal(error.kind, `The snapshot ${name} is not loaded. ${error.message}`)
}
