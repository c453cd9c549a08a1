import type { Disk } from './disk.ts'
import { prefixes } from './keyspace.ts'
import type { Levels } from './level.ts'
import { rangesOutside } from './range.ts'

const kept: readonly number[] = [prefixes.setting, prefixes.rootKey]
const behindRecords = '\xff'
const firstBody = Buffer.alloc(0)
const behindBodies = Buffer.alloc(9, 0xff)

/** Whether a record belongs to the store itself, its settings and its root key, so that it outlives a reset. */
export function isKeptByReset(name: string): boolean {
  return kept.includes(name.charCodeAt(0))
}

/** Deletes all but what outlives a reset, and gives its space back: what is deleted is not gone from the disk, and nothing else ever would. */
export async function clearDatabases([records, bodies]: Levels, disk: Disk): Promise<void> {
  try {
    for (const range of rangesOutside(kept)) await records.clear(range)
    await bodies.clear()
  } catch (error) {
    throw disk.failed(error)
  }
  await Promise.all([records.compactRange?.('', behindRecords), bodies.compactRange?.(firstBody, behindBodies)])
}
