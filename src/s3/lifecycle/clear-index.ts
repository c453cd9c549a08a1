import type { Database, Transaction } from '../../store/database.ts'
import type { KeyOf, PartType, RecordKind } from '../../store/keyspace.ts'
import type { Pace } from '../../store/pace.ts'
import type { Range } from '../../store/range.ts'
import { bucketLock, bucketRecords } from '../records/buckets.ts'
import { deleteIndexState, indexedUploads, indexedVersions, lifecycleLooks } from '../records/lifecycle-index.ts'

/*
 * What is no longer needed of an index: all of it where the lifecycle is gone, and looks that were taken. So many entries a commit.
 */

const entriesOfStep = 512

/** Stages a removal, or does not: then there is no more to be removed. */
type Remove = (stage: (transaction: Transaction) => void) => Promise<boolean>

/** Removes the index of a bucket that has no lifecycle any more, or is gone, unless one is put meanwhile. */
export async function clearIndex(database: Database, bucket: string, pace: Pace): Promise<void> {
  const remove: Remove = (stage) =>
    database.locks.with([bucketLock(bucket, 'exclusive')], () =>
      database.transact((transaction) => {
        if (transaction.get(bucketRecords, [bucket])?.hasLifecycle) return false
        stage(transaction)
        return true
      }),
    )
  const range = { within: [bucket] }
  await removeEntries(database, indexedVersions, range, remove, pace)
  await removeEntries(database, indexedUploads, range, remove, pace)
  await removeEntries(database, lifecycleLooks, range, remove, pace)
  if (!pace.hasEnded) await remove((transaction) => deleteIndexState(transaction, bucket))
}

/** Removes looks that were taken. @param lastDay of the looks, in days since the epoch */
export function forgetLooks(database: Database, bucket: string, lastDay: number, pace: Pace): Promise<void> {
  const range = { within: [bucket], before: [bucket, lastDay + 1] }
  const remove: Remove = async (stage) => {
    await database.transact(stage)
    return true
  }
  return removeEntries(database, lifecycleLooks, range, remove, pace)
}

async function removeEntries<Parts extends readonly PartType[]>(
  database: Database,
  kind: RecordKind<true, Parts>,
  range: Range,
  remove: Remove,
  pace: Pace,
): Promise<void> {
  let areMore = true
  while (areMore && !pace.hasEnded) {
    await pace.step(async () => {
      const keys: KeyOf<Parts>[] = []
      for await (const { key } of database.entries(kind, { ...range, limit: entriesOfStep })) keys.push(key)
      const stage = (transaction: Transaction) => {
        for (const key of keys) transaction.delete(kind, key)
      }
      areMore = keys.length > 0 && (await remove(stage))
    })
  }
}
