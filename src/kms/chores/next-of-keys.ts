import type { Reader } from '../../store/database.ts'
import { keyAt, nextChange } from '../keys/key-at.ts'
import { storedKeys } from '../keys/key-store.ts'

/**
 * When the clock changes a key next: a deletion, a rotation, the end of imported material.
 * @param now ms since the epoch
 * @returns the same; undefined where no key has such a moment before it
 */
export async function nextOfKeys(reader: Reader, now: number): Promise<number | undefined> {
  let next = Number.POSITIVE_INFINITY
  for await (const record of storedKeys(reader)) {
    const key = keyAt(record, now)
    if (key) next = Math.min(next, nextChange(key))
  }
  return Number.isFinite(next) ? next : undefined
}
