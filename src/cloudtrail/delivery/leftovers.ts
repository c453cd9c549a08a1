import type { Database } from '../../store/database.ts'
import type { PartType, RecordKind } from '../../store/keyspace.ts'
import { undeliveredEvents } from '../../trail/recorders.ts'
import type { CloudTrailServices } from '../operation.ts'
import { deliveries, lastDigests, undigestedFiles } from '../records/kinds.ts'

/* What trails that were deleted have left. */

const batch = 1000
type OfTrails = RecordKind<unknown, readonly ['string', ...PartType[]]>
const kinds: readonly OfTrails[] = [undeliveredEvents, undigestedFiles, lastDigests, deliveries]

export async function removeLeftovers({ database, trails }: CloudTrailServices): Promise<void> {
  for (const kind of kinds) {
    for (let after: [string] | undefined; ; ) {
      const id: string | undefined = await firstId(database, kind, after)
      if (id === undefined) break
      // Asked after it was found: one that was made meanwhile is there by now.
      const isThere = trails.all().some((trail) => trail.id === id)
      if (!isThere) await remove(database, kind, id)
      after = [id]
    }
  }
}

async function firstId(database: Database, kind: OfTrails, after: [string] | undefined) {
  for await (const { key } of database.entries(kind, { after, limit: 1 })) return key[0]
  return undefined
}

async function remove(database: Database, kind: OfTrails, id: string): Promise<void> {
  for (;;) {
    const transaction = database.transaction()
    let count = 0
    for await (const { key } of database.entries(kind, { within: [id], limit: batch })) {
      transaction.delete(kind, key)
      count++
    }
    await transaction.commit()
    if (count < batch) return
  }
}
