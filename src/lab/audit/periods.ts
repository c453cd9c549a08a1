/*
 * Calls over time: which hour, day, month or year (UTC) a moment is in, as a number that grows by one with each.
 */

export const periodUnits = ['hour', 'day', 'month', 'year'] as const

export type PeriodUnit = (typeof periodUnits)[number]

const hour = 3_600_000

/** @param time ms since the epoch */
export function periodAt(unit: PeriodUnit, time: number): number {
  if (unit === 'hour') return Math.floor(time / hour)
  if (unit === 'day') return Math.floor(time / (24 * hour))
  const date = new Date(time)
  return unit === 'year' ? date.getUTCFullYear() : date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** @returns ms since the epoch */
export function startOfPeriod(unit: PeriodUnit, period: number): number {
  if (unit === 'hour') return period * hour
  if (unit === 'day') return period * 24 * hour
  return unit === 'year' ? Date.UTC(period, 0) : Date.UTC(Math.floor(period / 12), period % 12)
}

/** `2026-11-30T06:00:00Z` */
export function periodStart(unit: PeriodUnit, period: number): string {
  return `${new Date(startOfPeriod(unit, period)).toISOString().slice(0, 19)}Z`
}

export function isPeriodUnit(text: string): text is PeriodUnit {
  return periodUnits.some((unit) => unit === text)
}
