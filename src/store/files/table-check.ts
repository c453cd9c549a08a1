import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../error-code.ts'
import type { Pace } from '../pace.ts'
import { manifestName, readManifest, tableName } from './manifest.ts'
import { FileFault } from './store-damaged.ts'
import { type Block, blockGroups, checkBlocks, checkTableIndex, extentOf } from './table-file.ts'

/*
 * What the look at a start leaves out (check-folder.ts): the blocks of all tables, once, in the background.
 *
 *   manifest ─▶ tables of records, all ─▶ tables of bodies, as many as are cheap ─▶ of each: index, then blocks, a MiB a step
 *
 * LevelDB is at work meanwhile. It never changes a table and gives no number twice: a table that is gone has been merged.
 */

/** What is read of bodies: they are sealed or have checksums of their own, and are verified as they are read. */
const bodiesChecked = 256 << 20
/** Bytes until the next round: other chores want their turn. */
const bytesOfOneRound = 128 << 20

interface Table {
  /** Inside of the data folder. */
  name: string
  size: number
}

/** A table that is damaged. */
export interface TableFault {
  /** Inside of the data folder. */
  name: string
  message: string
}

/** Checks the tables of a data folder that is open. */
export class TableCheck {
  readonly #folder: string
  readonly #bodiesChecked: number
  readonly #faults: TableFault[] = []
  /** Undefined until the first round. */
  #left: Table[] | undefined

  /** @param bytesOfBodies of tables of bodies, at most */
  constructor(folder: string, bytesOfBodies = bodiesChecked) {
    this.#folder = folder
    this.#bodiesChecked = bytesOfBodies
  }

  /** What was found until now. */
  get faults(): readonly TableFault[] {
    return this.#faults
  }

  /** Whether all tables that were there at the first round are checked. */
  get isDone(): boolean {
    return this.#left?.length === 0
  }

  /** What was found to be damaged, in a sentence; undefined: nothing, as far as was looked. */
  get damage(): string | undefined {
    if (this.#faults.length === 0) return undefined
    const faults = this.#faults.map(({ name, message }) => `${name} ${message}`)
    const cure = 'What it held may be missing: stop, and put a copy of the folder in its place'
    return `The data folder ${this.#folder} is damaged: ${faults.join('; ')}. ${cure}`
  }

  /** Goes on where the last round ended; nothing is left to do once all are checked. */
  async run(pace: Pace): Promise<void> {
    this.#left ??= await tablesToCheck(this.#folder, this.#bodiesChecked)
    let bytes = 0
    for (let table = this.#left[0]; table && bytes < bytesOfOneRound; table = this.#left[0]) {
      await this.#check(table, pace)
      if (pace.hasEnded) return
      bytes += table.size
      this.#left.shift()
    }
  }

  async #check({ name, size }: Table, pace: Pace): Promise<void> {
    const file = await openIfThere(join(this.#folder, name))
    if (!file) return
    try {
      for (const group of blockGroups(checkTableIndex(file.fd, size))) {
        if (pace.hasEnded) return
        await pace.step(() => checkInFile(file, group))
      }
    } catch (error) {
      if (!(error instanceof FileFault)) throw error
      this.#faults.push({ name, message: error.message })
    } finally {
      await file.close()
    }
  }
}

async function tablesToCheck(folder: string, bytesOfBodies: number): Promise<Table[]> {
  const records = await tablesOf(folder, 'records')
  let left = bytesOfBodies
  const bodies = (await tablesOf(folder, 'bodies')).filter(({ size }) => {
    left -= size
    return left >= 0
  })
  return [...records, ...bodies]
}

async function tablesOf(folder: string, database: string): Promise<Table[]> {
  const current = manifestName(await readFile(join(folder, database, 'CURRENT'), 'latin1'))
  const { tables } = readManifest(await readFile(join(folder, database, current)))
  return [...tables].map(([number, size]) => ({ name: join(database, tableName(number)), size }))
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function checkInFile(file: FileHandle, group: readonly Block[]): Promise<void> {
  const { offset, size } = extentOf(group)
  const bytes = Buffer.allocUnsafe(size)
  const { bytesRead } = await file.read(bytes, 0, size, offset)
  if (bytesRead < size) throw new FileFault('ends too early')
  checkBlocks(bytes, group)
}
