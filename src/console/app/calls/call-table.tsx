import type { EventRow } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { moment } from '../format.ts'
import { KeyLink } from '../parts/key-link.tsx'
import { Badge } from '../parts/notice.tsx'
import { type Column, Table } from '../parts/table.tsx'

interface CallTableProps {
  caption: string
  rows: readonly EventRow[]
  aliases: ReadonlyMap<string, string>
  /** Those that came while the page was open. */
  fresh?: ReadonlySet<string>
}

/** Calls as rows; each opens its record and the reasons. */
export function CallTable({ caption, rows, aliases, fresh }: CallTableProps) {
  const columns: Column<EventRow>[] = [
    { title: 'Time', isShort: true, show: ({ time }) => moment(time) },
    { title: 'Call', show: (row) => <a href={addressOf(['calls', row.region, row.id])}>{row.name}</a> },
    {
      title: 'Result',
      show: ({ error }) => (error === undefined ? <Badge kind="good">ok</Badge> : <Badge kind="bad">{error}</Badge>),
    },
    {
      title: 'Caller',
      show: ({ caller, via }) => (via === undefined ? caller : `${caller}, by ${via.replace('.amazonaws.com', '')}`),
    },
    { title: 'About', show: (row) => <About row={row} aliases={aliases} /> },
    { title: 'Encryption context', show: ({ context }) => <Context context={context} /> },
  ]
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={rows}
      nameOf={({ id }) => id}
      classOf={({ id }) => (fresh?.has(id) ? 'arrived' : undefined)}
    />
  )
}

function About({ row: { resources }, aliases }: { row: EventRow; aliases: ReadonlyMap<string, string> }) {
  return (
    <>
      {resources.map((arn) => (
        <div key={arn}>
          {arn.startsWith('arn:aws:kms:') && arn.includes(':key/') ? (
            <KeyLink arn={arn} aliases={aliases} />
          ) : (
            <code>{arn}</code>
          )}
        </div>
      ))}
    </>
  )
}

function Context({ context = {} }: { context: Record<string, string> | undefined }) {
  return (
    <>
      {Object.entries(context).map(([name, value]) => (
        <div key={name}>
          <code>
            {name}={value}
          </code>
        </div>
      ))}
    </>
  )
}
