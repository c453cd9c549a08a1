import { dayOf } from '../records/lifecycle-index.ts'
import type { Lifecycle, LifecycleRule } from './lifecycle-record.ts'

/*
 * On which days of the index a run has to look. What counts days falls due so many days behind its own day, so a run on day t looks
 * where the days of a rule lead back to, and no earlier run has looked:
 *
 *   Days: 30        ······│ t-30 │··················│ t         one day behind the run of yesterday, more after a pause
 *   Date, counts    ································│ … t       since the last run: a Date is for what is written behind it too, a
 *                                                               write makes one version more be newer, a marker may be alone
 */

/** Days of the index, both included. */
export interface DayRange {
  from: number
  to: number
}

/** Later than any day on which something was written. */
const end = 2 ** 40
const day = 86_400_000

/**
 * Days in whose versions something may be due, in order and apart.
 * @param now ms since the epoch
 * @param ranAt ms since the epoch, of the last run by these rules; undefined: there was none
 */
export function versionDays({ Rules }: Lifecycle, now: number, ranAt: number | undefined): DayRange[] {
  const rules = Rules.filter(({ Status }) => Status === 'Enabled')
  const hasTransitions = rules.some(({ Transitions = [] }) => Transitions.length > 0)
  const counts = new Set(rules.flatMap((rule) => daysOf(rule, hasTransitions)))
  const ranges = [...counts].map((count) => daysBehind(count, now, ranAt))
  for (const date of rules.flatMap(datesOf).filter((date) => date <= now)) {
    // What waits a day for a transition is still to come.
    const isDone = ranAt !== undefined && ranAt >= date + day
    ranges.push(isDone ? daysSince(ranAt) : daysSince(undefined))
  }
  if (rules.some(looksAtChanges)) ranges.push(daysSince(ranAt))
  return merged(ranges)
}

/** The same of uploads. */
export function uploadDays({ Rules }: Lifecycle, now: number, ranAt: number | undefined): DayRange[] {
  const counts = Rules.filter(({ Status }) => Status === 'Enabled').map(
    ({ AbortIncompleteMultipartUpload: abort }) => abort?.DaysAfterInitiation,
  )
  return merged(counts.filter((count) => count !== undefined).map((count) => daysBehind(count, now, ranAt)))
}

function daysOf(rule: LifecycleRule, hasTransitions: boolean): number[] {
  const { Days: expiry } = rule.Expiration ?? {}
  const noncurrent = [rule.NoncurrentVersionExpiration, ...(rule.NoncurrentVersionTransitions ?? [])]
  const counts = [
    expiry,
    // A delete marker waits where a transition is due on the same day.
    hasTransitions && expiry !== undefined ? expiry + 1 : undefined,
    ...(rule.Transitions ?? []).map(({ Days }) => Days),
    ...noncurrent.map((action) => action?.NoncurrentDays),
  ]
  return counts.filter((count) => count !== undefined)
}

function datesOf({ Expiration, Transitions = [] }: LifecycleRule): number[] {
  return [Expiration, ...Transitions].map((action) => action?.Date).filter((date) => date !== undefined)
}

/** Whether something becomes due in a day by what is written on it. */
function looksAtChanges(rule: LifecycleRule): boolean {
  const noncurrent = [rule.NoncurrentVersionExpiration, ...(rule.NoncurrentVersionTransitions ?? [])]
  const countsNewer = noncurrent.some((action) => action?.NewerNoncurrentVersions !== undefined)
  return countsNewer || rule.Expiration?.ExpiredObjectDeleteMarker === true
}

function daysBehind(count: number, now: number, ranAt: number | undefined): DayRange {
  // Of the day of the last run itself more may have been written since.
  const behind = count === 0 ? 0 : 1
  return { from: ranAt === undefined ? 0 : dayOf(ranAt) - count + behind, to: dayOf(now) - count }
}

function daysSince(ranAt: number | undefined): DayRange {
  return { from: ranAt === undefined ? 0 : dayOf(ranAt), to: end }
}

function merged(ranges: readonly DayRange[]): DayRange[] {
  const apart: DayRange[] = []
  const inOrder = ranges
    .map(({ from, to }) => ({ from: Math.max(from, 0), to }))
    .filter(({ from, to }) => from <= to)
    .sort((one, other) => one.from - other.from)
  for (const range of inOrder) {
    const last = apart.at(-1)
    if (last && range.from <= last.to + 1) last.to = Math.max(last.to, range.to)
    else apart.push(range)
  }
  return apart
}
