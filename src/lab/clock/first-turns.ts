import { SettingFault } from '../../options.ts'
import type { Database } from '../../store/database.ts'
import { clockKey, clockRecords, isUntouched } from './clock-record.ts'
import type { Turn } from './turned-ambient.ts'

/**
 * How a store's clock was turned: as the store has it, else as the option says, where nothing has happened in it.
 * @param option of `--clock`: ISO 8601
 * @param machine ms since the epoch, of this machine
 */
export async function turnsOf(
  database: Database,
  option: string | undefined,
  machine: number,
): Promise<readonly Turn[]> {
  const stored = database.get(clockRecords, clockKey)
  if (stored || option === undefined || !(await isUntouched(database))) return stored ?? []
  const turns: readonly Turn[] = [{ machine, time: Date.parse(option), isStanding: true }]
  await database.transact((transaction) => transaction.put(clockRecords, clockKey, turns))
  return turns
}

/** @throws SettingFault where `--clock` comes too late for a data folder */
export async function checkFirstMoment(database: Database, option: string | undefined): Promise<void> {
  if (option === undefined || database.get(clockRecords, clockKey) || (await isUntouched(database))) return
  throw new SettingFault('clock', 'is for an emulator in which nothing has happened: this data folder is in use')
}
