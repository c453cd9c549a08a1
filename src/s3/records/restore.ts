import type { StorageClass } from './object-attributes.ts'

/*
 * A copy of an archived object, which can be read for some days:
 *
 *   asked ── hours, by the tier ──▶ ready ── days, to the next midnight of UTC ──▶ expired
 *         ongoing-request="true"          ongoing-request="false", expiry-date
 *
 * Nothing runs: what the copy is, is a matter of the record and the moment.
 */

export type RestoreTier = 'Expedited' | 'Standard' | 'Bulk'

export interface RestoreRecord {
  tier: RestoreTier
  days: number
  /** ms since the epoch: from then on the copy is there. */
  readyAt: number
  /** ms since the epoch: from then on it is no longer. */
  expiresAt: number
}

export type RestoreState = 'none' | 'ongoing' | 'restored'

export function restoreStateAt({ restore }: { restore?: RestoreRecord }, now: number): RestoreState {
  if (!restore || now >= restore.expiresAt) return 'none'
  return now < restore.readyAt ? 'ongoing' : 'restored'
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** When a copy is certainly there: the longest of the times that AWS's guide gives ("Archive retrieval options"). */
const retrieval: Record<RestoreTier, { of: number; ofDeepArchive: number }> = {
  Expedited: { of: 5 * minute, ofDeepArchive: 5 * minute },
  Standard: { of: 5 * hour, ofDeepArchive: 12 * hour },
  Bulk: { of: 12 * hour, ofDeepArchive: 48 * hour },
}

/** ms that a retrieval takes. */
export function retrievalTime(tier: RestoreTier, storageClass: StorageClass): number {
  const { of, ofDeepArchive } = retrieval[tier]
  return storageClass === 'DEEP_ARCHIVE' ? ofDeepArchive : of
}

/**
 * The next midnight of UTC once so many days have passed. A new copy's days are counted from when it is there (assumption): asked
 * for one day, a slow retrieval would else be over before it began. Days are not bounded, but a date has four digits for its year.
 */
export function expiryAfter(from: number, days: number): number {
  return Math.min(Math.ceil((from + days * day) / day) * day, lastMidnight)
}

const lastMidnight = Date.UTC(9999, 11, 31)
