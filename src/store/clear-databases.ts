import { prefixes } from './keyspace.ts'
import type { Level } from './level.ts'
import { rangesOutside } from './range.ts'

const kept: readonly number[] = [prefixes.setting, prefixes.rootKey]
const firstBody = Buffer.alloc(0)
const behindBodies = Buffer.alloc(9, 0xff)

/** Whether a record belongs to the store itself, its settings and its root key, so that it outlives a reset. */
export function isKeptByReset(name: string): boolean {
  return kept.includes(name.charCodeAt(0))
}

/** Deletes all but what outlives a reset. */
export async function clearDatabases(records: Level<string>, bodies: Level<Buffer>): Promise<void> {
  for (const range of rangesOutside(kept)) await records.clear(range)
  await bodies.clear()
}

/** Gives back the space of all bodies that were deleted. */
export async function compactBodies(bodies: Level<Buffer>): Promise<void> {
  await bodies.compactRange?.(firstBody, behindBodies)
}
