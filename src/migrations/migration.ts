import { type Database, settings, type Transaction } from '../store/database.ts'

/** A step from one format of the store to the next. */
export interface Migration {
  /** The format that the store has afterwards. */
  to: number
  /** What it does, for the log. */
  summary: string
  /** Done in several commits, so it is begun again after an interruption: what is done already must be left as it is. */
  run(database: Database): Promise<void>
}

const batchLength = 256

/**
 * Brings a store to the newest format, step by step; before anybody else uses it.
 * @param migrations in the order of their formats, without a gap
 * @param report called with the summary of each step before it is done
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  report: (summary: string) => void,
): Promise<void> {
  for (const { to, summary, run } of migrations) {
    if ((database.get(settings, ['format']) ?? 0) >= to) continue
    report(summary)
    await run(database)
    await database.transact((transaction) => transaction.put(settings, ['format'], to))
  }
}

/** Walks over entries and has `stage` change something for each, so many a commit. */
export async function inBatches<Entry>(
  database: Database,
  entries: AsyncIterable<Entry>,
  stage: (transaction: Transaction, entry: Entry) => void,
): Promise<void> {
  let transaction = database.transaction()
  let staged = 0
  for await (const entry of entries) {
    stage(transaction, entry)
    if (++staged % batchLength !== 0) continue
    await transaction.commit()
    transaction = database.transaction()
  }
  await transaction.commit()
}
