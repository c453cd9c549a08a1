import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../error-code.ts'
import { checkLog } from './log-file.ts'
import { type LevelFiles, manifestName, readManifest, tableName } from './manifest.ts'
import { FileFault, StoreDamaged } from './store-damaged.ts'
import { checkAllBlocks, checkTableIndex } from './table-file.ts'

/*
 * A look at a data folder before LevelDB has it. What LevelDB would pass over in silence, abort at, or put an empty store on is
 * found here and named:
 *
 *   CURRENT ─▶ MANIFEST-… ─▶ the tables there must be, and their sizes ─▶ footer, index, blocks of each
 *                        └─▶ the logs that count ─▶ their records
 *
 * Logs and indexes are checked whole. Of the tables' blocks a bounded part is, or a large store would start slowly: the rest comes
 * in the background (table-check.ts), and what they hold of bodies is sealed or has checksums of its own.
 */

/** Bytes of tables that are read at a start: some 15 ms. Records come first. */
const checkedBytes = 16 << 20

/**
 * Checks the files of a data folder, be it new, empty or in use by another process (whose files change meanwhile).
 * @throws StoreDamaged
 */
export function checkFolder(folder: string): void {
  const records = filesIn(folder, 'records')
  const bodies = filesIn(folder, 'bodies')
  // `bodies` is made first: a start that was cut off leaves it alone, and empty.
  requireCurrent(folder, 'records', records, bodies.some(holdsData))
  requireCurrent(folder, 'bodies', bodies, records.some(isOfStore))
  const left = checkDatabase(folder, 'records', records, checkedBytes)
  checkDatabase(folder, 'bodies', bodies, left)
}

interface NamedFile {
  name: string
  size: number
}

function filesIn(folder: string, database: string): NamedFile[] {
  const path = join(folder, database)
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return []
  // A file may be gone meanwhile: the folder may be in use.
  return readdirSync(path).map((name) => ({
    name,
    size: statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0,
  }))
}

/** LevelDB makes CURRENT before its first log. @throws StoreDamaged */
function requireCurrent(folder: string, database: string, files: readonly NamedFile[], isKnown: boolean): void {
  const isThere = files.some(({ name }) => name === 'CURRENT')
  if (isThere || !(isKnown || files.some(isOfStore))) return
  throw new StoreDamaged(folder, join(database, 'CURRENT'), 'is missing, beside files of a store')
}

function isOfStore({ name }: NamedFile): boolean {
  return /\.(ldb|sst|log)$/.test(name)
}

function holdsData(file: NamedFile): boolean {
  return isOfStore(file) && file.size > 0
}

/** @returns what is left of the budget */
function checkDatabase(folder: string, database: string, present: readonly NamedFile[], budget: number): number {
  const names = present.map(({ name }) => name)
  if (!names.includes('CURRENT')) return budget
  const inside = (name: string) => join(folder, database, name)
  const naming = <Result>(name: string, check: () => Result) => {
    try {
      return check()
    } catch (error) {
      throw asDamage(error, folder, join(database, name))
    }
  }
  const read = (name: string) => {
    requireFile(inside(name))
    return readFileSync(inside(name))
  }
  const current = naming('CURRENT', () => manifestName(read('CURRENT').toString('latin1')))
  const files = naming(current, () => readManifest(read(current)))
  for (const name of logsOf(files, names)) naming(name, () => checkLog(read(name)))
  let left = budget
  for (const [number, size] of files.tables) {
    const name = tableName(number)
    naming(name, () => checkTable(inside(name), size, left >= size))
    left -= size
  }
  return left
}

function logsOf({ firstLog, earlierLog }: LevelFiles, names: readonly string[]): string[] {
  return names.filter((name) => {
    const number = Number(/^(\d+)\.log$/.exec(name)?.[1] ?? -1)
    return number >= firstLog || (earlierLog > 0 && number === earlierLog)
  })
}

/** A folder cannot be read, and whoever reads a pipe waits for ever. @throws FileFault */
function requireFile(path: string): void {
  if (!statSync(path).isFile()) throw new FileFault('is no file')
}

function checkTable(path: string, size: number, isWhole: boolean): void {
  requireFile(path)
  const file = openSync(path, 'r')
  try {
    const blocks = checkTableIndex(file, size)
    if (isWhole) checkAllBlocks(file, blocks)
  } finally {
    closeSync(file)
  }
}

function asDamage(error: unknown, folder: string, file: string): unknown {
  if (error instanceof FileFault) return new StoreDamaged(folder, file, error.message)
  return codeOf(error) === 'ENOENT' ? new StoreDamaged(folder, file, 'is missing') : error
}
