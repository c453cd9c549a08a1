import { useCallback, useState } from 'preact/hooks'
import type { Change, EventPage, KeyDetails } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { read } from '../api.ts'
import { CallTable } from '../calls/call-table.tsx'
import { useChanges } from '../changes.ts'
import { moment } from '../format.ts'
import { useLoaded } from '../loaded.ts'
import { Notice } from '../parts/notice.tsx'
import { KeyActions } from './key-actions.tsx'
import { KeyState } from './key-list.tsx'
import { Grants, PolicyInWords } from './key-permissions.tsx'
import { ObjectsUnder } from './objects-under.tsx'
import { Sparkline } from './sparkline.tsx'
import { TimeLine } from './time-line.tsx'

/** One key: its state, its material over time, who may use it, who did, and what lies under it. */
export function KeyPage({ region, keyId }: { region: string; keyId: string }) {
  const key = useLoaded<KeyDetails>((signal) => read('key', { region, id: keyId }, signal), `${region} ${keyId}`)
  const details = key.value
  useChanges(useCallback((change: Change) => isAbout(change, keyId) && key.reload(), [keyId, key.reload]))
  return (
    <>
      <div class="bar">
        <h1>
          <a href={addressOf(['keys'])}>KMS keys</a> / {details?.aliases[0] ?? keyId}
        </h1>
        {details ? <KeyState state={details.state} /> : null}
      </div>
      <Notice error={key.error} />
      {details ? (
        <>
          <KeyActions details={details} onChanged={key.reload} />
          <div class="columns">
            <section aria-labelledby="facts">
              <h2 id="facts">Key</h2>
              <Facts details={details} />
              <h2>Material over time</h2>
              <TimeLine details={details} />
              <h2>Objects under it</h2>
              <ObjectsUnder arn={details.arn} />
            </section>
            <section aria-labelledby="may">
              <h2 id="may">Who may use it</h2>
              <PolicyInWords details={details} />
              <Grants details={details} />
            </section>
          </div>
          <Used details={details} />
        </>
      ) : null}
    </>
  )
}

function isAbout({ calls, isMore }: Change, keyId: string): boolean {
  return isMore || calls.some(({ resources }) => resources.some((arn) => arn.endsWith(`/${keyId}`)))
}

function Facts({ details }: { details: KeyDetails }) {
  const { arn, aliases, description, keySpec, keyUsage, manager, origin, creationDate, deletionDate, rotation, tags } =
    details
  const rows: [string, string | undefined][] = [
    ['ARN', arn],
    ['Aliases', aliases.join(', ') || 'none'],
    ['Description', description || undefined],
    ['Spec', `${keySpec}, ${keyUsage}`],
    ['Managed by', manager === 'AWS' ? 'AWS: its policy and state cannot be changed' : 'customer'],
    ['Origin', origin],
    ['Created', moment(creationDate)],
    ['Deleted on', deletionDate === undefined ? undefined : moment(deletionDate)],
    ['Rotation', rotation ? `every ${rotation.periodInDays} days, next ${moment(rotation.nextDate)}` : 'off'],
    ...Object.entries(tags).map(([name, value]): [string, string] => [`tag ${name}`, value]),
  ]
  return (
    <dl>
      {rows
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [<dt key={`${name} term`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  )
}

/** The newest calls on the key, and how they lie in time. */
function Used({ details }: { details: KeyDetails }) {
  const {
    arn,
    region,
    keyId,
    aliases: [alias],
  } = details
  const aliases = new Map(alias === undefined ? [] : [[arn, alias]])
  const calls = useLoaded<EventPage>(
    (signal) => read('events', { region, by: 'ResourceName', value: arn }, signal),
    arn,
  )
  const [now] = useState(() => Date.now())
  useChanges(useCallback((change: Change) => isAbout(change, keyId) && calls.reload(), [keyId, calls.reload]))
  const rows = calls.value?.events ?? []
  return (
    <section aria-labelledby="used">
      <h2 id="used">Who used it lately</h2>
      <Notice error={calls.error} />
      {rows.length > 0 ? (
        <>
          <Sparkline events={rows} now={now} />
          <CallTable caption="The newest calls on this key" rows={rows.slice(0, 20)} aliases={aliases} />
        </>
      ) : (
        <p class="quiet">Nobody yet.</p>
      )}
      <p>
        <a href={addressOf(['calls'], { key: arn })}>All its calls</a>
      </p>
    </section>
  )
}
