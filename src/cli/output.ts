import { styleText } from 'node:util'

/* What commands print: tables for people, JSON for programs. Rows may hold what clients sent, so nothing goes out raw. */

export interface TableOptions {
  /** Columns of the terminal; what does not fit is cut. Undefined: nothing is. */
  width?: number
  /** How wide columns are at least, or for good when the table goes on. */
  widths?: readonly number[]
}

const gap = 2
const narrowest = 4

/** Columns of the terminal that is written to; undefined when it is a file or another program. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined
}

/** Rows in columns as wide as their widest cell, the headings bold where there is a terminal with colours. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { width, widths = widthsOf(headings, rows) }: TableOptions = {},
): string {
  const fitted = fittedTo(widths, width)
  return [bold(rowOf(headings, fitted, width)), ...rows.map((row) => rowOf(row, fitted, width))].join('\n')
}

/** How wide a table's columns are. */
export function widthsOf(headings: readonly string[], rows: readonly (readonly string[])[]): number[] {
  const widthAt = (row: readonly string[], column: number) => displayWidth(printable(row[column] ?? ''))
  return headings.map((heading, column) =>
    rows.reduce((widest, row) => Math.max(widest, widthAt(row, column)), heading.length),
  )
}

/**
 * Widths that a terminal has room for: the widest column gives way, again and again.
 * @param width of the terminal; undefined: any
 */
export function fittedTo(widths: readonly number[], width: number | undefined): number[] {
  const fitted = [...widths]
  if (width === undefined) return fitted
  for (let excess = sum(fitted) + gap * (fitted.length - 1) - width; excess > 0; excess--) {
    const widest = Math.max(...fitted)
    if (widest <= narrowest) break
    fitted[fitted.lastIndexOf(widest)] = widest - 1
  }
  return fitted
}

/**
 * One row in columns of given widths.
 * @param width of the terminal: longer cells are cut; undefined: they push the others
 */
export function rowOf(cells: readonly string[], widths: readonly number[], width?: number): string {
  return cells
    .map((cell, column) => {
      const [text, columnWidth] = [printable(cell), widths[column] ?? 0]
      const shown = width === undefined ? text : cut(text, columnWidth)
      return shown + ' '.repeat(Math.max(columnWidth - displayWidth(shown), 0))
    })
    .join(' '.repeat(gap))
    .trimEnd()
}

/** Bold, or red: where stdout is a terminal with colours and NO_COLOR is not set. */
export function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout })
}

export function red(text: string): string {
  return styleText('red', text, { stream: process.stdout })
}

/**
 * Control characters made visible, those that turn the direction of writing among them: an encryption context must not move the cursor,
 * forge a row or stand for another text than it is.
 */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** JSON for programs, in one line. It says the same with what `printable` changes, as those are JSON's own escapes. */
export function lineOfJson(value: unknown): string {
  return printable(JSON.stringify(value))
}

/** JSON for people, whose texts move no cursor either: JSON itself leaves some control characters as they are. */
export function prettyJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).split('\n').map(printable).join('\n')
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let [shown, left] = ['', width - 1]
  for (const character of text) {
    left -= displayWidth(character)
    if (left < 0) break
    shown += character
  }
  return `${shown}…`
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu
const widthless = /[\p{Mn}\p{Me}\p{Cf}]/gu

/** Columns of a terminal: East Asian letters and emoji take two, what stands on a letter takes none. */
function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  const bare = text.replace(widthless, '')
  return [...bare].length + (bare.match(wide)?.length ?? 0)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** `1 fault`, `2 faults`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`
}
