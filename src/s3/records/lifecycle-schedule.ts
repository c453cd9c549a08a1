import type { Database, Transaction } from '../../store/database.ts'
import { firstMoment } from '../../store/first-moment.ts'
import { recordKind } from '../../store/keyspace.ts'

/** When, bucket → nothing more: in the order in which buckets are to be gone through. */
export const lifecyclesDue = recordKind<true>()('lifecycleDue', ['integer', 'string'])

export interface DueLifecycle {
  /** ms since the epoch */
  due: number
  bucket: string
}

/** The buckets whose lifecycle is due, the longest first. @param now ms since the epoch */
export async function dueLifecycles(database: Database, now: number): Promise<DueLifecycle[]> {
  const found: DueLifecycle[] = []
  for await (const { key } of database.entries(lifecyclesDue, { before: [now + 1] })) {
    found.push({ due: key[0], bucket: key[1] })
  }
  return found
}

/** When the next is due, in ms since the epoch. */
export function nextLifecycle(database: Database): Promise<number | undefined> {
  return firstMoment(database, lifecyclesDue)
}

export function stageLifecycle(transaction: Transaction, { due, bucket }: DueLifecycle): void {
  transaction.put(lifecyclesDue, [due, bucket], true)
}

export function unstageLifecycle(transaction: Transaction, { due, bucket }: DueLifecycle): void {
  transaction.delete(lifecyclesDue, [due, bucket])
}
