import { type DiskSpace, measureOf } from './disk.ts'
import { type Levels, openLevels } from './level.ts'

/** The databases, and the disk that they are on. */
export interface Storage {
  levels: Levels
  /** Without it the disk is never full. */
  measure?: () => Promise<DiskSpace>
}

/** Opens (or makes) the databases of a data folder; without a folder, in memory. */
export async function openStorage(folder: string | undefined): Promise<Storage> {
  const levels = await openLevels(folder)
  return folder === undefined ? { levels } : { levels, measure: measureOf(folder) }
}
