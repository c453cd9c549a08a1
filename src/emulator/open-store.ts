import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../log.ts'
import { Database } from '../store/database.ts'

/**
 * Opens the store of a data folder, or one in memory. Where there are snapshots the store leaves what they need, and a load that was
 * broken off is finished.
 * @throws StoreLocked, StoreDamaged, StoreNotOpened, OtherStoreFormat
 */
export async function openStore(folder: string | undefined, fsync: boolean, log: Log): Promise<Database> {
  if (folder === undefined) return Database.open({})
  if (!existsSync(join(folder, 'snapshots'))) {
    const database = await Database.open({ folder, fsync })
    if (database.brokenOff === undefined) return database
    // Somebody took the snapshots away: who opens beside them says so.
    await database.close()
  }
  const { openBesideSnapshots } = await import('../lab/snapshots/open-beside-snapshots.ts')
  return openBesideSnapshots(folder, { fsync }, log)
}
