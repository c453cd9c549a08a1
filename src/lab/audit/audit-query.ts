import type { PeriodUnit } from './periods.ts'

/** What of the trail is looked at, and how its calls are counted. */
export interface AuditQuery {
  /** Calls by the hour, day, month or year (UTC); default: the shortest that leaves a few dozen. */
  by?: PeriodUnit
  /** Calls from then on, and up to then: ms since the epoch, inclusive. Keys that served none of these are `unused-key`. */
  since?: number
  until?: number
}
