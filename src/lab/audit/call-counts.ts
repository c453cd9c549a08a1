import type { TrailRecord } from '../../trail/event.ts'
import { userNameOf } from '../../trail/event-attributes.ts'
import { LabRefusal } from '../refusal.ts'
import { type PeriodUnit, periodAt, periodStart, periodUnits, startOfPeriod } from './periods.ts'

/*
 * Calls of KMS by key, caller and name, over time. What is kept has bounds, however long the trail is:
 *
 *   rows      key │ caller │ name → calls in each period that has some      the first 2,000 that are met; 500 are listed
 *   periods   hours, until the calls span more than two days; then days, months, years: what was counted is added up
 *
 * So a trail of ten years needs no more memory than one of ten days, and what is not in a row is counted all the same.
 */

/** Who called what on a key, how often and when. */
export interface CallRow {
  keyArn: string
  /** An ARN; of a caller of another account whose user is not known, its account. */
  caller: string
  event: string
  calls: number
  refused: number
  /** Of the first call and the last: `2026-11-30T06:20:39Z` */
  first: string
  last: string
  /** Those with calls, the earliest first. */
  periods: { start: string; calls: number; refused: number }[]
}

/** Calls over time. */
export interface CallReport {
  /** How long each of `periods` is. */
  by: PeriodUnit
  /** At most 500, those with the most calls first. */
  calls: CallRow[]
  /** Calls that no row counts, as there are more rows. */
  unlistedCalls: number
}

type Row = Omit<CallRow, 'periods'> & { periods: Map<number, Tally> }

interface Tally {
  calls: number
  refused: number
}

const rowsKept = 2000
const rowsListed = 500
/** Of all rows that are listed. */
const periodsListed = 50_000

/** So many periods between the first call and the last: with more of them the next longer unit is taken. */
const mostPeriods: Readonly<Record<PeriodUnit, number>> = { hour: 49, day: 93, month: 121, year: Infinity }
/** The same where somebody asks for a unit. */
const mostAskedFor = 400

export class CallCounts {
  readonly #rows = new Map<string, Row>()
  readonly #asked: PeriodUnit | undefined
  #unit: PeriodUnit
  /** ms since the epoch */
  #first = Infinity
  #last = -Infinity
  #unlisted = 0

  /** @param asked the unit; undefined: the shortest that leaves few */
  constructor(asked: PeriodUnit | undefined) {
    this.#asked = asked
    this.#unit = asked ?? 'hour'
  }

  /** @throws LabRefusal where a unit was asked for that is too short for so long a time */
  add(keyArn: string, record: TrailRecord): void {
    const { eventName: event, eventTime, errorCode } = record
    const time = Date.parse(eventTime)
    this.#span(time)
    const refused = errorCode === undefined ? 0 : 1
    const row = this.#rowOf(keyArn, callerOf(record), event, eventTime)
    if (!row) {
      this.#unlisted++
      return
    }
    row.calls++
    row.refused += refused
    if (eventTime < row.first) row.first = eventTime
    if (eventTime > row.last) row.last = eventTime
    addTo(row.periods, periodAt(this.#unit, time), { calls: 1, refused })
  }

  report(): CallReport {
    const calls: CallRow[] = []
    let [unlistedCalls, room] = [this.#unlisted, periodsListed]
    for (const { periods, ...row } of [...this.#rows.values()].sort((a, b) => b.calls - a.calls)) {
      room -= periods.size
      if (calls.length < rowsListed && room >= 0) calls.push({ ...row, periods: this.#told(periods) })
      else unlistedCalls += row.calls
    }
    return { by: this.#unit, calls, unlistedCalls }
  }

  #told(periods: ReadonlyMap<number, Tally>): CallRow['periods'] {
    const inOrder = [...periods].sort(([a], [b]) => a - b)
    return inOrder.map(([period, tally]) => ({ start: periodStart(this.#unit, period), ...tally }))
  }

  #rowOf(keyArn: string, caller: string, event: string, time: string): Row | undefined {
    const name = JSON.stringify([keyArn, caller, event])
    const known = this.#rows.get(name)
    if (known || this.#rows.size >= rowsKept) return known
    const row = { keyArn, caller, event, calls: 0, refused: 0, first: time, last: time, periods: new Map() }
    this.#rows.set(name, row)
    return row
  }

  /** Takes a moment in; the unit may become a longer one. */
  #span(time: number): void {
    if (time >= this.#first && time <= this.#last) return
    this.#first = Math.min(this.#first, time)
    this.#last = Math.max(this.#last, time)
    if (this.#asked) this.#refuseTooMany(this.#asked)
    else while (this.#count(this.#unit) > mostPeriods[this.#unit]) this.#coarsen()
  }

  #count(unit: PeriodUnit): number {
    return periodAt(unit, this.#last) - periodAt(unit, this.#first) + 1
  }

  #refuseTooMany(unit: PeriodUnit): void {
    if (this.#count(unit) <= mostAskedFor) return
    const [from, to] = [this.#first, this.#last].map((time) => new Date(time).toISOString().slice(0, 10))
    throw new LabRefusal(
      'wrong',
      `From ${from} to ${to} there are more than ${mostAskedFor} ${unit}s with calls in them: count by a longer time, or less of it (since, until)`,
    )
  }

  #coarsen(): void {
    const longer = periodUnits[periodUnits.indexOf(this.#unit) + 1] ?? 'year'
    for (const row of this.#rows.values()) {
      const periods: Row['periods'] = new Map()
      for (const [period, tally] of row.periods) {
        addTo(periods, periodAt(longer, startOfPeriod(this.#unit, period)), tally)
      }
      row.periods = periods
    }
    this.#unit = longer
  }
}

function addTo(periods: Map<number, Tally>, period: number, { calls, refused }: Tally): void {
  const tally = periods.get(period)
  if (!tally) periods.set(period, { calls, refused })
  else {
    tally.calls += calls
    tally.refused += refused
  }
}

function callerOf(record: TrailRecord): string {
  const { arn, invokedBy, accountId, type } = record.userIdentity
  if (typeof arn === 'string') return arn
  return userNameOf(record) ?? String(invokedBy ?? accountId ?? type)
}
