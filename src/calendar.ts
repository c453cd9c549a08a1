/**
 * 9998-12-31T23:59:59.999Z, the last moment that a clock is put to. It runs on from there, and what it gives names later days; AWS's
 * timestamps can write none after the year 9999.
 */
export const lastMoment = Date.UTC(9999, 0) - 1

/**
 * Reads a moment in ISO 8601. JavaScript takes 31 February for 3 March.
 * @param form what of ISO 8601 is taken, beginning with the year
 * @returns ms since the epoch; undefined where the text has another form, or names a day that no calendar has
 */
export function readMoment(text: string, form: RegExp): number | undefined {
  const milliseconds = form.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(milliseconds) || !isInCalendar(text) ? undefined : milliseconds
}

/** A time without its zone would mean another one on each machine; a date is its midnight in UTC. */
export const momentWithZone = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** Whatever begins with a year. */
export const beginningWithDate = /^\d{4}/

function isInCalendar(text: string): boolean {
  const [date] = /^\d{4}-\d\d-\d\d/.exec(text) ?? []
  return date === undefined || new Date(date).toISOString().startsWith(date)
}
