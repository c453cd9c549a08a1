import type { Transaction } from '../../store/database.ts'
import { lastDigests, undigestedFiles } from './kinds.ts'

/** Ends a trail's chain: a later digest names no earlier one, and what none tells of is never told. */
export async function forgetDigests(transaction: Transaction, id: string): Promise<void> {
  for await (const { key } of transaction.entries(undigestedFiles, { within: [id] })) {
    transaction.delete(undigestedFiles, key)
  }
  for await (const { key } of transaction.entries(lastDigests, { within: [id] })) transaction.delete(lastDigests, key)
}
