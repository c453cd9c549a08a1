import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AbstractLevel } from 'abstract-level'
import { checkFolder } from './files/check-folder.ts'
import { asStoreError, isLocked, StoreLocked } from './files/open-errors.ts'
import { StoreDamaged } from './files/store-damaged.ts'
import { makeFolder, requireWritable } from './make-folder.ts'

/** A LevelDB, on disk or in memory: text under text, or bytes under bytes. */
export type Level<Content extends string | Buffer> = AbstractLevel<string | Buffer | Uint8Array, Content, Content> &
  Partial<Tables<Content>>

/** What only a LevelDB on disk has. */
interface Tables<Content> {
  /** The bytes of the tables in [start, end); what is still in the memtable is not counted. */
  approximateSize(start: Content, end: Content): Promise<number>
  /** Merges all tables that overlap [start, end), so that what is deleted there leaves the disk; the memtable becomes one first. */
  compactRange(start: Content, end: Content): Promise<void>
}
export type Levels = [records: Level<string>, bodies: Level<Buffer>]

const ofRecords = { keyEncoding: 'utf8', valueEncoding: 'utf8' } as const
const ofBodies = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

/**
 * LevelDB maps every open table into memory, and a memtable becomes a table: reading a body of 5 GiB through default settings
 * shows as 5 GiB resident. 64 tables (the least it takes) of 3 MiB are 192 MiB at most, and `store/far-keys.ts` makes that less.
 * Smaller tables cost speed: the writing of each ends with waits for the disk, of 3 ms together.
 */
export const smallFilesFewOpen = { writeBufferSize: 3 << 20, maxFileSize: 1 << 20, maxOpenFiles: 74 }

/**
 * What is overwritten or dropped while it is still in the memtable never becomes part of a table: with 4 MiB, LevelDB's own
 * setting, merging takes a twelfth more of the processors under many small writes. A restart reads as much of the log again.
 */
const largeMemtable = { writeBufferSize: 16 << 20 }

/**
 * Opens (or makes) the two databases of a data folder; without a folder, in memory.
 * @returns records, bodies
 * @throws StoreLocked when another process has the folder; StoreDamaged; StoreNotOpened with the folder and the cause
 */
export async function openLevels(folder: string | undefined): Promise<Levels> {
  return folder === undefined ? openInMemory() : openOnDisk(folder)
}

async function openInMemory(): Promise<Levels> {
  const { MemoryLevel } = await import('memory-level')
  const levels = [ofRecords, ofBodies].map((encodings) => new MemoryLevel({ ...encodings, storeEncoding: 'buffer' }))
  await Promise.all(levels.map((level) => level.open()))
  return levels as unknown as Levels
}

async function openOnDisk(folder: string): Promise<Levels> {
  const { Level: DiskLevel } = await import('level')
  const opened: { close(): Promise<void> }[] = []
  const openOne = async <Content>(name: string, levelSettings: object) => {
    // LevelDB's own way to make it never ends below `/proc`.
    await makeFolder(join(folder, name))
    // It begins to open as soon as it is made.
    const level = new DiskLevel<Content, Content>(join(folder, name), levelSettings)
    opened.push(level)
    await level.open()
    return level
  }
  try {
    await makeFolder(folder)
    await requireWritable(folder)
    checkFolder(folder)
    // In this order: `checkFolder` depends on it after a start that was cut off in between.
    const bodies = await openOne<Buffer>('bodies', { ...ofBodies, compression: false, ...smallFilesFewOpen })
    const records = await openOne<string>('records', { ...ofRecords, ...largeMemtable })
    enlargeKeyBuffer(records)
    return [records, bodies] as unknown as Levels
  } catch (error) {
    for (const level of opened) await level.close()
    // Files that somebody writes to may look damaged.
    if (error instanceof StoreDamaged && (await isInUse(folder))) throw new StoreLocked(folder)
    throw asStoreError(folder, error)
  }
}

/** Bytes: more than any key has (an object's key of 1,024 bytes takes two for each of them, and its bucket and slot some more). */
const longerThanKeys = 64 << 10

/**
 * classic-level (3.0.0) writes the key of a `getSync` into one buffer, which it enlarges when a key fills it to the last byte. But
 * a character of several bytes that does not fit leaves bytes free: the key was cut, and a record that is there was not found.
 * A first key that is longer than all others makes the buffer large enough for ever.
 */
function enlargeKeyBuffer(records: { getSync(key: string): unknown }): void {
  records.getSync('k'.repeat(longerThanKeys))
}

/** LevelDB takes its lock first. Asked to fail where there is a store, it then opens none and changes nothing. */
async function isInUse(folder: string): Promise<boolean> {
  const { Level: DiskLevel } = await import('level')
  for (const database of ['bodies', 'records']) {
    // It makes a folder where there is none.
    if (!existsSync(join(folder, database, 'LOCK'))) continue
    const level = new DiskLevel(join(folder, database), { errorIfExists: true, createIfMissing: false })
    const failure = await level.open().catch((error: unknown) => error)
    if (isLocked(failure)) return true
  }
  return false
}
