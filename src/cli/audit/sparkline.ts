import type { CallReport, CallRow } from '../../lab/audit/call-counts.ts'
import { type PeriodUnit, periodAt } from '../../lab/audit/periods.ts'

/*
 * Calls over time as a line of bars, one or several periods each: `▁··▂█·▁`. All rows share their time, so bars that stand below each
 * other are of the same days; each row has a height of its own. A bar is as high as its calls, and never nothing where there are some.
 */

const bars = '▁▂▃▄▅▆▇█'
const mostBars = 24

/** From which to which period rows reach. */
export interface Span {
  by: PeriodUnit
  first: number
  last: number
}

/** @returns undefined where there are no calls */
export function spanOf({ by, calls }: Pick<CallReport, 'by' | 'calls'>): Span | undefined {
  const starts = calls.flatMap(({ periods }) => [periods[0], periods.at(-1)]).flatMap((period) => period?.start ?? [])
  if (starts.length === 0) return undefined
  const periods = starts.map((start) => periodAt(by, Date.parse(start)))
  return { by, first: Math.min(...periods), last: Math.max(...periods) }
}

export function sparkline({ periods }: Pick<CallRow, 'periods'>, { by, first, last }: Span): string {
  const count = last - first + 1
  const width = Math.min(count, mostBars)
  const calls = Array.from({ length: width }, () => 0)
  for (const period of periods) {
    const index = Math.floor(((periodAt(by, Date.parse(period.start)) - first) * width) / count)
    calls[index] = (calls[index] ?? 0) + period.calls
  }
  const most = Math.max(...calls)
  return calls.map((some) => (some === 0 ? '·' : bars[Math.ceil((some / most) * bars.length) - 1])).join('')
}
