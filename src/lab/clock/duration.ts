import { LabRefusal } from '../refusal.ts'

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * Reads a duration.
 * @param text numbers with their units, the largest first or not: `30d`, `1d12h`, `90s`, `250ms`
 * @returns milliseconds
 * @throws LabRefusal
 */
export function parseDuration(text: string): number {
  if (!/^(\d{1,9}(ms|[smhdw]))+$/.test(text)) {
    throw new LabRefusal('wrong', `'${text}' is no duration: 30d, 12h, 1d12h30m, 90s, 250ms; w are weeks`)
  }
  const parts = text.matchAll(/(\d{1,9})(ms|[smhdw])/g)
  return [...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0)
}

/** ms as people read them: the two largest units that it has. */
export function durationWords(milliseconds: number): string {
  const rest = Math.abs(milliseconds)
  const [days, hours] = [Math.floor(rest / 86_400_000), Math.floor(rest / 3_600_000) % 24]
  const [minutes, seconds] = [Math.floor(rest / 60_000) % 60, Math.floor(rest / 1000) % 60]
  const counts = [
    [days, 'day'],
    [hours, 'hour'],
    [minutes, 'minute'],
    [seconds, 'second'],
  ] as const
  const named = counts.filter(([count]) => count > 0).slice(0, 2)
  if (named.length === 0) return '0 seconds'
  return named.map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(' ')
}
