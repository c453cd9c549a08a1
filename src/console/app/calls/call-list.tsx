import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import type { Change, EventPage, EventRow, Overview } from '../../answers.ts'
import { go } from '../address.ts'
import { read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { keyName } from '../format.ts'
import { useKeyNames } from '../known-keys.ts'
import { Empty, Notice } from '../parts/notice.tsx'
import { CallTable } from './call-table.tsx'

/** What calls can be chosen by: the parameter in the address, and what of a call it is held against. */
const filters = {
  name: { title: 'Call', of: ({ name }: EventRow) => [name] },
  key: { title: 'Key', of: ({ resources }: EventRow) => resources.filter((arn) => arn.includes(':key/')) },
  caller: { title: 'Caller', of: ({ caller }: EventRow) => [caller] },
  bucket: { title: 'Bucket', of: ({ context }: EventRow) => bucketsIn(context) },
  context: {
    title: 'Context',
    of: ({ context = {} }: EventRow) => Object.entries(context).map((pair) => pair.join('=')),
  },
  error: { title: 'Error', of: ({ error }: EventRow) => (error === undefined ? [] : [error]) },
} as const

type FilterName = keyof typeof filters
const filterNames = Object.keys(filters) as FilterName[]

function bucketsIn(context: Record<string, string> = {}): string[] {
  const bucket = /^arn:[^:]+:s3:::([^/]+)/.exec(context['aws:s3:arn'] ?? '')?.[1]
  return bucket === undefined ? [] : [bucket]
}

/** The trail, live. */
export function CallList({ parameters, overview }: { parameters: Record<string, string>; overview: Overview }) {
  const kind = parameters.kind === 'data' ? 'data' : 'management'
  const trail = useTrail(kind, parameters)
  const aliases = useKeyNames(
    trail.events.slice(0, 200).flatMap(({ resources }) => resources.filter((arn) => arn.includes(':key/'))),
  )
  const shown = trail.events.filter((event) => filterNames.every((name) => isChosen(event, name, parameters[name])))
  const change = (other: Record<string, string | undefined>) => go(['calls'], { ...parameters, ...other })
  return (
    <>
      <div class="bar">
        <h1>Calls</h1>
        <span class="grow" />
        {overview.recordsDataEvents ? (
          <label>
            <input
              type="checkbox"
              checked={kind === 'data'}
              onChange={() => change({ kind: kind === 'data' ? '' : 'data' })}
            />{' '}
            what S3 did with objects
          </label>
        ) : null}
      </div>
      <div class="bar">
        {filterNames.map((name) => (
          <Filter
            key={name}
            name={name}
            events={trail.events}
            value={parameters[name] ?? ''}
            label={(value) => (name === 'key' ? keyName(value, aliases) : value)}
            onChange={(value) => change({ [name]: value })}
          />
        ))}
      </div>
      <Notice error={trail.error} />
      {shown.length > 0 ? (
        <CallTable caption="Calls, the newest first" rows={shown} aliases={aliases} fresh={trail.fresh} />
      ) : null}
      {trail.isLoaded && shown.length === 0 ? (
        <Empty>
          {trail.events.length > 0 ? 'No call is like that among those shown.' : 'Nobody called yet. '}
          {trail.events.length > 0 ? null : <code>aws kms list-keys --endpoint-url {overview.endpoint}</code>}
        </Empty>
      ) : null}
      {trail.more ? (
        <p>
          <button type="button" onClick={trail.more}>
            Older calls
          </button>
        </p>
      ) : null}
    </>
  )
}

function isChosen(event: EventRow, name: FilterName, value: string | undefined): boolean {
  return value === undefined || value === '' || filters[name].of(event).includes(value)
}

interface FilterProps {
  name: FilterName
  events: readonly EventRow[]
  value: string
  label(value: string): string
  onChange(value: string): void
}

/** Chooses among what occurs. */
function Filter({ name, events, value, label, onChange }: FilterProps) {
  const occurring = useMemo(() => {
    const found = new Set(events.flatMap((event) => filters[name].of(event)))
    if (value !== '') found.add(value)
    return [...found].sort().slice(0, 500)
  }, [events, name, value])
  return (
    <label>
      {filters[name].title}{' '}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">any</option>
        {occurring.map((each) => (
          <option key={each} value={each}>
            {label(each)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What the server looks up by itself; all else is chosen among what came. */
function lookup({ name, key, caller }: Record<string, string>): { by?: string; value?: string } {
  if (key) return { by: 'ResourceName', value: key }
  if (name) return { by: 'EventName', value: name }
  if (caller) return { by: 'Username', value: caller }
  return {}
}

/** Pages of the trail, and what is added to it meanwhile. */
function useTrail(kind: 'management' | 'data', parameters: Record<string, string>) {
  const query = { kind, ...(kind === 'management' ? lookup(parameters) : {}) }
  const name = JSON.stringify(query)
  const [state, setState] = useState<{ of: string; events: EventRow[]; next?: string; isLoaded: boolean }>({
    of: name,
    events: [],
    isLoaded: false,
  })
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  const [error, setError] = useState<Error>()
  const load = useCallback(
    (after?: string) => {
      read<EventPage>('events', { ...JSON.parse(name), after }).then(({ events, next }) => {
        setState((before) => {
          const kept = before.of === name && after !== undefined ? before.events : []
          return { of: name, events: [...kept, ...events], next, isLoaded: true }
        })
      }, setError)
    },
    [name],
  )
  useEffect(() => load(), [load])
  useChanges(
    useCallback(
      ({ calls, isMore }: Change) => {
        if (isMore) return load()
        const isData = kind === 'data'
        const wanted = calls.filter((call) => call.isData === isData)
        setFresh(new Set(wanted.map(({ id }) => id)))
        setState((before) => {
          const known = new Set(before.events.slice(0, 500).map(({ id }) => id))
          return { ...before, events: [...wanted.filter(({ id }) => !known.has(id)), ...before.events] }
        })
      },
      [kind, load],
    ),
  )
  const { next } = state
  return {
    events: state.events,
    isLoaded: state.isLoaded,
    error,
    fresh,
    more: next === undefined ? undefined : () => load(next),
  }
}
