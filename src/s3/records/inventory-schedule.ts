import type { Database, Transaction } from '../../store/database.ts'
import { firstMoment } from '../../store/first-moment.ts'
import { recordKind } from '../../store/keyspace.ts'

/** When, bucket, id of the inventory → nothing more: in the order in which reports fall due. */
export const inventoriesDue = recordKind<true>()('inventoryDue', ['integer', 'string', 'string'])

export interface DueInventory {
  /** ms since the epoch */
  due: number
  bucket: string
  id: string
}

/** Which reports fall due when. Nothing else has to be looked at to find that none is. */
export class InventorySchedule {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** When the next falls due, in ms since the epoch. */
  next(): Promise<number | undefined> {
    return firstMoment(this.#database, inventoriesDue)
  }

  async isAnyDue(now: number): Promise<boolean> {
    for await (const _ of this.due(now)) return true
    return false
  }

  /** Those that are due, the oldest first. @param now ms since the epoch */
  async *due(now: number): AsyncGenerator<DueInventory> {
    for await (const { key } of this.#database.entries(inventoriesDue, { before: [now + 1] })) {
      const [due, bucket, id] = key
      yield { due, bucket, id }
    }
  }

  put(transaction: Transaction, { due, bucket, id }: DueInventory): void {
    transaction.put(inventoriesDue, [due, bucket, id], true)
  }

  delete(transaction: Transaction, { due, bucket, id }: DueInventory): void {
    transaction.delete(inventoriesDue, [due, bucket, id])
  }
}

const day = 86_400_000
/** 1 January 1970 was a Thursday. */
const firstSunday = 3 * day

/** When the first report of a configuration that is put now falls due: AWS promises it within 48 hours. */
export function firstDue(now: number): number {
  return startOfDay(now) + day
}

/** The next after a report: midnight in UTC, of a Sunday where it is weekly. */
export function nextDue(now: number, frequency: 'Daily' | 'Weekly'): number {
  if (frequency === 'Daily') return startOfDay(now) + day
  const weeks = Math.floor((now - firstSunday) / (7 * day)) + 1
  return firstSunday + weeks * 7 * day
}

export function startOfDay(now: number): number {
  return Math.floor(now / day) * day
}
