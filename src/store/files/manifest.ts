import { readLog } from './log-file.ts'
import { FileFault } from './store-damaged.ts'
import { VarintReader } from './varint.ts'

/*
 * LevelDB's manifest: a log of changes to the set of tables (db/version_edit.cc). A change is a list of tags, each with its fields.
 */

/** What a LevelDB consists of, besides its manifest. */
export interface LevelFiles {
  /** Logs from this number on hold commits that are in no table; older ones are left over. */
  firstLog: number
  /** A log of an old version that still counts; 0 for none. */
  earlierLog: number
  /** Number → bytes */
  tables: Map<number, number>
}

/** The tags' fields: n a number, t a text with its length. */
const fieldsOfTags: Record<number, string> = { 1: 't', 2: 'n', 3: 'n', 4: 'n', 5: 'nt', 6: 'nn', 7: 'nnntt', 9: 'n' }

/** @throws FileFault */
export function readManifest(log: Buffer): LevelFiles {
  const files: LevelFiles = { firstLog: 0, earlierLog: 0, tables: new Map() }
  const changes = readLog(log)
  if (changes.length === 0) throw new FileFault('holds nothing')
  for (const change of changes) applyChange(files, new VarintReader(change))
  return files
}

function applyChange(files: LevelFiles, reader: VarintReader): void {
  while (!reader.isAtEnd) {
    const tag = reader.number()
    const fields = fieldsOfTags[tag]
    if (fields === undefined) throw new FileFault(`has an unknown entry (${tag})`)
    const numbers: number[] = []
    for (const field of fields) {
      if (field === 'n') numbers.push(reader.number())
      else reader.prefixed()
    }
    const [first = 0, second = 0, third = 0] = numbers
    if (tag === 2) files.firstLog = first
    if (tag === 9) files.earlierLog = first
    if (tag === 6) files.tables.delete(second)
    if (tag === 7) files.tables.set(second, third)
  }
}

/**
 * @param current what the file CURRENT holds
 * @throws FileFault
 */
export function manifestName(current: string): string {
  if (/^MANIFEST-\d+\n$/.test(current)) return current.trimEnd()
  throw new FileFault('does not name a manifest')
}

/** The file of a table. Those of LevelDB before 2013 ended otherwise: no store here has one. */
export function tableName(number: number): string {
  return `${String(number).padStart(6, '0')}.ldb`
}
