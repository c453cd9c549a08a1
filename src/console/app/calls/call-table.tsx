import type { ComponentChildren } from 'preact'
import type { EventRow } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { moment } from '../format.ts'
import { KeyLink } from '../parts/key-link.tsx'
import { Badge } from '../parts/notice.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { callerOf } from './caller.ts'
import { type Request, requestsOf } from './requests.ts'

interface CallTableProps {
  caption: string
  rows: readonly EventRow[]
  aliases: ReadonlyMap<string, string>
  /** Those that came while the page was open. */
  fresh?: ReadonlySet<string>
}

/** Calls as rows, those of one request of S3 in one; each call opens its record and the reasons. */
export function CallTable({ caption, rows, aliases, fresh }: CallTableProps) {
  const columns: Column<Request>[] = [
    { title: 'Time', isShort: true, show: ({ calls: [{ time }] }) => moment(time) },
    { title: 'Call', show: (request) => <Calls request={request} /> },
    { title: 'Result', show: ({ calls }) => lines(calls, result) },
    { title: 'Caller', show: ({ calls: [first] }) => callerOf(first) },
    {
      title: 'About',
      show: ({ calls }) =>
        each(
          calls.flatMap(({ resources }) => resources),
          (arn) => <About arn={arn} aliases={aliases} />,
        ),
    },
    {
      title: 'Encryption context',
      show: ({ calls }) =>
        each(
          calls.flatMap(({ context = {} }) => Object.entries(context).map((pair) => pair.join('='))),
          (pair) => <code>{pair}</code>,
        ),
    },
  ]
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={requestsOf(rows)}
      nameOf={({ id }) => id}
      classOf={({ calls }) => (calls.some(({ id }) => fresh?.has(id)) ? 'arrived' : undefined)}
    />
  )
}

/** The call, or S3’s request and behind it what KMS was asked for it. */
function Calls({ request: { causeId, calls } }: { request: Request }) {
  const isRecorded = calls[0].requestId === causeId
  return (
    <>
      {causeId === undefined || isRecorded ? null : (
        <a href={addressOf(['calls'], { request: causeId })} title={`Request ${causeId} of S3`}>
          S3
        </a>
      )}
      {lines(calls, (row, index) => (
        <>
          {causeId === undefined || (isRecorded && index === 0) ? null : '→ '}
          <a href={addressOf(['calls', row.region, row.id])}>{row.name}</a>
        </>
      ))}
    </>
  )
}

function result({ error }: EventRow) {
  return error === undefined ? <Badge kind="good">ok</Badge> : <Badge kind="bad">{error}</Badge>
}

function lines(calls: readonly EventRow[], show: (row: EventRow, index: number) => ComponentChildren) {
  return calls.map((row, index) => <div key={row.id}>{show(row, index)}</div>)
}

/** Each text once. */
function each(texts: readonly string[], show: (text: string) => ComponentChildren) {
  return [...new Set(texts)].map((text) => <div key={text}>{show(text)}</div>)
}

function About({ arn, aliases }: { arn: string; aliases: ReadonlyMap<string, string> }) {
  const isKey = arn.startsWith('arn:aws:kms:') && arn.includes(':key/')
  if (isKey) return <KeyLink arn={arn} aliases={aliases} />
  const [, bucket, key] = /^arn:[^:]+:s3:::([^/]+)(?:\/(.+))?$/s.exec(arn) ?? []
  if (bucket === undefined) return <code>{arn}</code>
  return <a href={addressOf(['objects', bucket], { key })}>{`s3://${bucket}/${key ?? ''}`}</a>
}
