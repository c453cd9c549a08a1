import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Rows that fill a screen: they are painted before the others are made. */
const firstRows = 25

export interface Column<Row> {
  title: string
  isNumber?: boolean
  /** Kept on one line. */
  isShort?: boolean
  show(row: Row): ComponentChildren
}

interface TableProps<Row> {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  nameOf(row: Row): string
  classOf?(row: Row): string | undefined
}

/** A table whose caption is for those who do not see it. */
export function Table<Row>({ caption, columns, rows, nameOf, classOf }: TableProps<Row>) {
  const [isPainted, setPainted] = useState(false)
  useEffect(() => setPainted(true), [])
  const shown = isPainted ? rows : rows.slice(0, firstRows)
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: so it is
    <section class="scroll" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, isNumber }) => (
              <th key={title} scope="col" class={isNumber ? 'number' : undefined}>
                {title || <span class="unseen">Actions</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={nameOf(row)} class={classOf?.(row)}>
              {columns.map(({ title, isNumber, isShort, show }) => (
                <td key={title} class={isNumber ? 'number' : isShort ? 'once' : undefined}>
                  {show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
