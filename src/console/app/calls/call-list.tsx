import { useCallback } from 'preact/hooks'
import type { CallFilter, Change, Occurring, Overview } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { count, keyName } from '../format.ts'
import { useKeyNames } from '../known-keys.ts'
import { useLoaded } from '../loaded.ts'
import { Empty, Notice } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { CallTable } from './call-table.tsx'
import { useTrailPage } from './trail-page.ts'

const filters: Record<CallFilter, string> = {
  name: 'Call',
  key: 'Key',
  caller: 'Caller',
  bucket: 'Bucket',
  context: 'Context',
  error: 'Error',
}
const filterNames = Object.keys(filters) as CallFilter[]

interface CallListProps {
  parameters: Record<string, string>
  overview: Overview
}

/** The trail, live: page by page, the newest first. */
export function CallList({ parameters, overview }: CallListProps) {
  const chosen = Object.fromEntries(filterNames.map((name) => [name, parameters[name] || undefined]))
  const { after } = parameters
  const { page, error, fresh } = useTrailPage({ ...chosen, after })
  const occurring = useOccurring()
  const rows = page?.events ?? []
  const keys = rows.flatMap(({ resources }) => resources.filter((arn) => arn.includes(':key/')))
  const aliases = useKeyNames([...keys, ...(occurring?.key ?? [])])
  const isAll = filterNames.every((name) => chosen[name] === undefined)
  const pageAt = (token?: string) => addressOf(['calls'], { ...chosen, after: token })
  return (
    <>
      <div class="bar">
        <h1>Calls</h1>
      </div>
      <div class="bar">
        {filterNames.map((name) => (
          <Filter
            key={name}
            title={filters[name]}
            values={occurring?.[name] ?? []}
            value={chosen[name] ?? ''}
            label={(value) => (name === 'key' ? keyName(value, aliases) : value)}
            onChange={(value) => go(['calls'], { ...chosen, [name]: value })}
          />
        ))}
        {isAll ? null : <a href={addressOf(['calls'])}>All calls</a>}
      </div>
      <Notice error={error} />
      {rows.length > 0 ? (
        <CallTable caption="Calls, the newest first" rows={rows} aliases={aliases} fresh={fresh} />
      ) : null}
      {page && rows.length === 0 && isAll ? (
        <Empty>
          Nobody called yet. <code>aws kms list-keys --endpoint-url {overview.endpoint}</code>
        </Empty>
      ) : null}
      {page && rows.length === 0 && !isAll ? (
        <Empty>
          No call is like that among {count(page.seen, 'call')} that {page.seen === 1 ? 'was' : 'were'} looked at.{' '}
          {page.next === undefined ? <code>npx s3kms-emu trail --help</code> : 'Older ones may be.'}
        </Empty>
      ) : null}
      <Pages isBehind={after !== undefined} first={pageAt()} next={page?.next && pageAt(page.next)} of="calls" />
    </>
  )
}

/** What can be chosen; looked for again where a call is told of that may bring something new. */
function useOccurring(): Occurring | undefined {
  const found = useLoaded<Occurring>((signal) => read('occurring', {}, signal), 'occurring')
  const known = found.value
  useChanges(
    useCallback(
      ({ calls, isMore }: Change) => {
        const isNew = calls.some(({ name, error }) => {
          return !known?.name.includes(name) || (error !== undefined && !known.error.includes(error))
        })
        if (isMore || isNew) found.reload()
      },
      [known, found.reload],
    ),
  )
  return known
}

interface FilterProps {
  title: string
  values: readonly string[]
  value: string
  label(value: string): string
  onChange(value: string): void
}

/** Chooses among what occurs. */
function Filter({ title, values, value, label, onChange }: FilterProps) {
  const all = value === '' || values.includes(value) ? values : [value, ...values]
  return (
    <label>
      {title}{' '}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">any</option>
        {all.map((each) => (
          <option key={each} value={each}>
            {label(each)}
          </option>
        ))}
      </select>
    </label>
  )
}
