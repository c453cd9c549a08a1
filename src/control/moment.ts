import { momentWithZone, readMoment } from '../calendar.ts'
import { ControlRefusal } from './refusal.ts'

/** How a parameter says a moment, for its summary. */
export const momentWords = 'with its zone as `2027-01-01T00:00:00Z`, or in milliseconds since the epoch'

/**
 * A parameter that is a moment, as people write it or as programs count it.
 * @param name of the parameter
 * @param text as it was sent; undefined: it was not
 * @returns ms since the epoch
 * @throws ControlRefusal where it is none
 */
export function momentIn(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = /^\d{1,16}$/.test(text) ? Number(text) : readMoment(text, momentWithZone)
  if (time !== undefined && Number.isSafeInteger(time)) return time
  throw new ControlRefusal(
    422,
    `${name} must be a moment with its zone, such as 2027-01-01T00:00:00Z, or milliseconds since the epoch, not '${text}'`,
  )
}
