import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../log.ts'
import { Database, type DatabaseOptions, type Reader } from '../../store/database.ts'
import { codeOf } from '../../store/error-code.ts'
import { StoreDamaged } from '../../store/files/store-damaged.ts'
import { HeldSegments } from '../../store/held-segments.ts'
import { recordKind } from '../../store/keyspace.ts'
import { SegmentSet } from '../../store/segment-set.ts'
import { LabRefusal } from '../refusal.ts'
import { FolderSnapshots, snapshotFolder } from './folder-snapshots.ts'
import { heldBySnapshotFile } from './snapshot-file.ts'

/*
 * The start of a data folder that has snapshots, or had:
 *
 *   which segments they need ──▶ open ──▶ a load that was broken off is done again ──▶ what has a dot is removed
 */

const storeIds = recordKind<string>()('setting', ['string'])

/** The id of a data folder, which its snapshots name; empty: none was ever made. */
export function storeIdOf(reader: Reader): string {
  return reader.get(storeIds, ['store-id']) ?? ''
}

/**
 * @throws what `Database.open` throws; StoreDamaged where a load was broken off, and its snapshot is gone or damaged
 */
export async function openBesideSnapshots(
  folder: string,
  options: Pick<DatabaseOptions, 'fsync'>,
  log: Log,
): Promise<Database> {
  const held = await heldIn(folder, log)
  const database = await Database.open({ ...options, folder, held })
  try {
    const whole = await finishLoad(database, folder)
    await removeLeftovers(folder, held)
    return whole
  } catch (error) {
    await database.close()
    throw error
  }
}

async function heldIn(folder: string, log: Log): Promise<HeldSegments> {
  const held = new HeldSegments()
  for (const name of await filesIn(folder)) {
    const segments = await heldBySnapshotFile(join(snapshotFolder(folder), name)).catch((error) => {
      if (!(error instanceof LabRefusal)) throw error
      if (!name.startsWith('.')) log.warn(`The snapshot ${name} keeps all bodies until it is deleted. ${error.message}`)
      return SegmentSet.everything
    })
    held.hold(name, segments)
  }
  return held
}

async function finishLoad(database: Database, folder: string): Promise<Database> {
  const name = database.brokenOff
  if (name === undefined) return database
  const fault = (words: string) =>
    new StoreDamaged(folder, join('snapshots', name), `${words}, and it was being loaded when the emulator ended`)
  const snapshots = new FolderSnapshots(folder, storeIdOf(database))
  const state = await snapshots.open(name).catch((error) => {
    throw error instanceof LabRefusal ? fault('is damaged') : error
  })
  if (!state) throw fault('is missing')
  return database.load(state, name)
}

/** What was being written, and what only the run before this one knew. */
async function removeLeftovers(folder: string, held: HeldSegments): Promise<void> {
  for (const name of await filesIn(folder)) {
    if (!name.startsWith('.')) continue
    await rm(join(snapshotFolder(folder), name), { force: true })
    held.release(name)
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(snapshotFolder(folder), { withFileTypes: true }).catch((error) => {
    if (codeOf(error) === 'ENOENT') return []
    if (codeOf(error) !== 'ENOTDIR') throw error
    throw new StoreDamaged(folder, 'snapshots', 'is no folder')
  })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}
