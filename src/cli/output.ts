import { styleText } from 'node:util'

/* What commands print: tables for people, JSON for programs. Rows may hold what clients sent, so nothing goes out raw. */

/**
 * Rows in columns as wide as their widest cell; the last column is as long as it is.
 * @param styled bold headings, for a terminal
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], styled = false): string {
  const safe = rows.map((row) => row.map(printable))
  const widths = widthsOf(headings, rows)
  const heading = rowOf(headings, widths)
  return [styled ? styleText('bold', heading) : heading, ...safe.map((row) => rowOf(row, widths))].join('\n')
}

/** How wide a table's columns are, for rows that come after it. */
export function widthsOf(headings: readonly string[], rows: readonly (readonly string[])[]): number[] {
  const widthAt = (row: readonly string[], column: number) => displayWidth(printable(row[column] ?? ''))
  return headings.map((heading, column) =>
    rows.reduce((widest, row) => Math.max(widest, widthAt(row, column)), heading.length),
  )
}

/** One row in columns of given widths; a longer cell pushes the others. */
export function rowOf(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => cell + ' '.repeat(Math.max((widths[column] ?? 0) - displayWidth(cell), 0)))
    .join('  ')
    .trimEnd()
}

/** Control characters made visible: an encryption context must not move the cursor or forge a row. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** Code points: close enough to terminal columns for names and identifiers. */
function displayWidth(text: string): number {
  return [...text].length
}

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
