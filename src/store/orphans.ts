import {
  addToRuns,
  blobRecords,
  garbageRecords,
  largestSegment,
  type Run,
  type Runs,
  segmentKey,
} from './blob-records.ts'
import type { Database } from './database.ts'
import type { SegmentNumbers } from './segment-numbers.ts'

/** Orphans that become one record of garbage. */
const orphanBatch = 4096

/** Makes garbage of the segments that an earlier run left, and that no record claims. */
export async function dropOrphans(database: Database, numbers: SegmentNumbers): Promise<void> {
  if (!numbers.left) return
  const { first, end } = numbers.left
  const claimed: Run[] = []
  // Garbage is known already: snapshots may need it.
  for (const kind of [blobRecords, garbageRecords]) {
    for await (const { value } of database.entries(kind)) {
      claimed.push(...value.filter(([start, count]) => start < end && start + count > first))
    }
  }
  claimed.sort(([a], [b]) => a - b)
  let from = first
  for (const [start, count] of [...claimed, [end, 0] as const]) {
    if (start > from) await dropPresent(database, numbers, from, start)
    from = Math.max(from, start + count)
  }
  numbers.left = undefined
}

async function dropPresent(database: Database, numbers: SegmentNumbers, from: number, before: number): Promise<void> {
  const keys = database.bodies.keys({ gte: segmentKey(from), lt: segmentKey(before) })
  try {
    for (let batch = await keys.nextv(orphanBatch); batch.length > 0; batch = await keys.nextv(orphanBatch)) {
      const runs: Runs = []
      for (const key of batch) addToRuns(runs, Number(key.readBigUInt64BE()), largestSegment)
      // A number that no body has: one that came with another state may have the first segment's.
      const id = await numbers.take()
      await database.transact((transaction) => transaction.put(garbageRecords, [id], runs))
    }
  } finally {
    await keys.close()
  }
}
