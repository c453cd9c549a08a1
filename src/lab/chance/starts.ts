import type { Database } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'

/** How often the store was opened by an emulator with a seed. A reset removes it: then all begins anew. */
export const seededStarts = recordKind<number>()('seededStarts', ['string'])

/** Counts a start. @returns how many there were before */
export async function countStart(database: Database): Promise<number> {
  const before = database.get(seededStarts, ['starts']) ?? 0
  await database.transact((transaction) => transaction.put(seededStarts, ['starts'], before + 1))
  return before
}
