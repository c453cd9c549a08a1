import { ControlRefusal } from './route.ts'

/**
 * A parameter that is a whole number.
 * @param name of the parameter
 * @param text as it was sent; undefined: it was not
 * @throws ControlRefusal where it is none, or out of bounds
 */
export function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (text === undefined) return undefined
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new ControlRefusal(422, `${name} must be a whole number from ${least} to ${most}, not '${text}'`)
}
