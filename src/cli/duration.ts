import { OptionFault } from '../options.ts'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/**
 * Reads `--wait`: a number with its unit.
 * @returns ms
 * @throws OptionFault
 */
export function durationOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? []
  const factor = units[unit]
  if (factor === undefined) throw new OptionFault(`--wait must be a time such as 30s, 500ms or 2m, not '${text}'`)
  return Number(number) * factor
}
