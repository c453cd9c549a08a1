import { type CallFilter, differencesOf, type ResolvedFilter } from './call-filter.ts'
import type { RecordedCall } from './recorded-call.ts'

/* What matchers say when they fail: what was wanted, and what was recorded instead. */

const most = 20

/**
 * The newest calls, one a line, numbered from the first; those that are nearest to the filter say what is different.
 */
export function listOf(calls: readonly RecordedCall[], filter: ResolvedFilter): string {
  if (calls.length === 0) return '  none'
  const differences = calls.map((call) => differencesOf(call, filter))
  const fewest = Math.min(...differences.map(({ length }) => length))
  const rows = calls.map((call, index) => [`${index + 1}.`, ...cellsOf(call)])
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row, index) => {
    const note = fewest > 0 && differences[index]?.length === fewest ? `  <- ${differences[index]?.join('; ')}` : ''
    return `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd() + note
  })
  const hidden = lines.length - most
  return [...(hidden > 0 ? [`  … ${hidden} before`] : []), ...lines.slice(-most)].join('\n')
}

/** `key alias/app, context tenant=a`. */
export function wordsOf({ context, since, ...filter }: CallFilter): string {
  const plain = Object.entries(filter).filter(([name, value]) => value !== undefined && !hidden.has(name))
  const words = plain.map(([name, value]) => `${name} ${value}`)
  if (context) words.push(`context ${pairsOf(context)}`)
  if (since) words.push(`since ${since.toISOString()}`)
  return words.join(', ')
}

const hidden: ReadonlySet<string> = new Set(['event', 'service', 'keyArn'])

function cellsOf({ event, key, keyNamed, caller, context, error }: RecordedCall): string[] {
  const named = keyNamed?.includes('alias/') ? keyNamed.slice(keyNamed.indexOf('alias/')) : undefined
  const who = caller.name ?? caller.arn ?? 'anonymous'
  return [
    event,
    named ?? key?.slice(key.lastIndexOf('/') + 1) ?? keyNamed ?? '-',
    caller.via === undefined ? who : `${who} via ${caller.via}`,
    error ?? '-',
    context ? pairsOf(context) : '-',
  ]
}

function pairsOf(context: Readonly<Record<string, string>>): string {
  return Object.entries(context)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
