import type { EventDetails, EventPage, EventRow } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { read } from '../api.ts'
import { useKeyNames } from '../known-keys.ts'
import { useLoaded } from '../loaded.ts'
import { Badge, Notice } from '../parts/notice.tsx'
import { CallTable } from './call-table.tsx'
import { Explanations } from './explanations.tsx'

/** One call: its record, why it ended as it did, and what belongs to it. */
export function CallPage({ region, id }: { region: string; id: string }) {
  const event = useLoaded<EventDetails>((signal) => read('event', { id, region }, signal), `${region} ${id}`)
  const row = event.value?.row
  return (
    <>
      <div class="bar">
        <h1>
          <a href={addressOf(['calls'])}>Calls</a> / {row?.name ?? id}
        </h1>
        {row === undefined ? null : row.error === undefined ? (
          <Badge kind="good">ok</Badge>
        ) : (
          <Badge kind="bad">{row.error}</Badge>
        )}
      </div>
      <Notice error={event.error} />
      {event.value && row ? (
        <>
          {row.message === undefined ? null : <div class="refused">{row.message}</div>}
          <Where row={row} />
          <div class="columns">
            <section aria-labelledby="why">
              <h2 id="why">Why</h2>
              <Explanations explanations={event.value.explanations} />
            </section>
            <section aria-labelledby="record">
              <h2 id="record">Record</h2>
              <pre>{JSON.stringify(event.value.record, undefined, 2)}</pre>
            </section>
          </div>
        </>
      ) : null}
    </>
  )
}

/** The object and the key that a call was about. */
function Where({ row }: { row: EventRow }) {
  const [, bucket, key] = /^arn:[^:]+:s3:::([^/]+)\/(.+)$/s.exec(row.context?.['aws:s3:arn'] ?? '') ?? []
  const keyArn = row.resources.find((arn) => arn.includes(':key/'))
  const query = { region: row.region, by: 'ResourceName', value: keyArn }
  const aliases = useKeyNames(keyArn === undefined ? [] : [keyArn])
  const others = useLoaded<EventPage>(
    (signal) => (keyArn === undefined ? Promise.resolve({ events: [], seen: 0 }) : read('events', query, signal)),
    `${keyArn}`,
  )
  const wanted = row.context?.['aws:s3:arn']
  const related = (others.value?.events ?? []).filter(
    ({ id, context }) => id !== row.id && wanted !== undefined && context?.['aws:s3:arn'] === wanted,
  )
  return (
    <>
      {bucket === undefined || key === undefined ? null : (
        <p>
          Object: <a href={addressOf(['objects', bucket], { key })}>{`s3://${bucket}/${key}`}</a>
        </p>
      )}
      {keyArn === undefined ? null : (
        <p>
          Key:{' '}
          <a href={addressOf(['keys', row.region, keyArn.slice(keyArn.lastIndexOf('/') + 1)])}>
            {aliases.get(keyArn) ?? keyArn}
          </a>
        </p>
      )}
      {related.length > 0 ? (
        <CallTable caption="Other calls about this object" rows={related.slice(0, 10)} aliases={aliases} />
      ) : null}
    </>
  )
}
