import type { ComponentChildren } from 'preact'
import type { EnvelopeDetails, EventRow, ObjectDetails, SealedObjects } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { read } from '../api.ts'
import { callerOf } from '../calls/caller.ts'
import { count, moment } from '../format.ts'
import { useLoaded } from '../loaded.ts'
import { KeyLink } from '../parts/key-link.tsx'
import { Parts } from './envelope-parts.tsx'

interface EnvelopeProps {
  details: ObjectDetails
  aliases: ReadonlyMap<string, string>
  /** KMS's calls about it, the newest first. */
  calls: readonly EventRow[]
}

/** KMS key → data key → object key → parts → segments, as this object has them. */
export function EnvelopeChain({ details, aliases, calls }: EnvelopeProps) {
  const { scheme, keyArn, envelope } = details
  return (
    <ol class="chain">
      {keyArn === undefined ? null : (
        <li>
          <strong>KMS key</strong> <KeyLink arn={keyArn} aliases={aliases} />
          <div class="quiet">its material never leaves KMS</div>
        </li>
      )}
      {keyArn === undefined ? null : <DataKey details={details} calls={calls} />}
      {scheme === 'SSE-C' ? (
        <li>
          <strong>Customer key</strong>
          <div class="quiet">comes with every request and is never stored; without it nobody reads this object</div>
        </li>
      ) : null}
      {scheme === 'SSE-S3' ? (
        <li>
          <strong>Root of S3’s own</strong>
          <div class="quiet">kept under the emulator’s root key; no call leads to it</div>
        </li>
      ) : null}
      {envelope.layers === 0 ? null : (
        <li data-how="seals ↓">
          <strong>{envelope.layers === 2 ? 'Two object keys' : 'Object key'}</strong> AES-256, random, of this object
          alone
          <div class="quiet">
            sealed to the bucket, the key and version {details.versionId}
            {envelope.layers === 2 ? '; the second seals what the first has sealed' : ''}
          </div>
        </li>
      )}
      <Parts size={details.size} envelope={envelope} />
    </ol>
  )
}

function DataKey({ details, calls }: Omit<EnvelopeProps, 'aliases'>) {
  const { envelope } = details
  const { encryptionContext = {}, encryptedDataKey, bucketKeyEnabled } = envelope
  return (
    <li data-how={bucketKeyEnabled ? 'GenerateDataKey, once for many objects ↓' : 'GenerateDataKey ↓'}>
      <strong>{bucketKeyEnabled ? 'Bucket key' : 'Data key'}</strong> AES-256, kept as {encryptedDataKey} bytes of
      ciphertext
      <Maker envelope={envelope} calls={calls} />
      <Openers calls={calls} />
      <div class="quiet">encryption context:</div>
      <dl>
        {Object.entries(encryptionContext).map(([name, value]) => (
          <>
            <dt key={`${name} term`}>
              <code>{name}</code>
            </dt>
            <dd key={name}>
              <code>{value}</code>
            </dd>
          </>
        ))}
      </dl>
      {bucketKeyEnabled ? <Sharers details={details} /> : null}
    </li>
  )
}

/** The call that made the data key, as far as it is known: no event names what it gave out. */
function Maker({ envelope: { madeBy }, calls }: { envelope: EnvelopeDetails; calls: readonly EventRow[] }) {
  const call = calls.find(({ requestId, error }) => error === undefined && requestId === madeBy)
  if (call) {
    return (
      <div>
        made by <CallLink call={call}>{call.name}</CallLink>, {callerOf(call)}, {moment(call.time)}
      </div>
    )
  }
  if (madeBy === undefined) return <div class="quiet">made too long ago to say by which call</div>
  return (
    <div>
      made by request{' '}
      <a href={addressOf(['calls'], { request: madeBy })}>
        <code>{madeBy}</code>
      </a>
    </div>
  )
}

function Openers({ calls }: { calls: readonly EventRow[] }) {
  const opened = calls.filter(({ name }) => name === 'Decrypt')
  const refused = opened.filter(({ error }) => error !== undefined)
  const [newest] = opened
  if (!newest) return <div class="quiet">nobody opened it lately</div>
  return (
    <div>
      opened by {count(opened.length - refused.length, 'Decrypt', 'times Decrypt')}
      {refused.length > 0 ? `, ${refused.length} refused` : ''}, the last{' '}
      <CallLink call={newest}>{moment(newest.time)}</CallLink>
    </div>
  )
}

function CallLink({ call: { region, id }, children }: { call: EventRow; children: ComponentChildren }) {
  return <a href={addressOf(['calls', region, id])}>{children}</a>
}

/** What else one bucket key seals. */
function Sharers({ details: { bucket, key, versionId } }: { details: ObjectDetails }) {
  const query = { bucket, key, versionId }
  const others = useLoaded<SealedObjects>((signal) => read('shared-data-key', query, signal), JSON.stringify(query))
  const { objects, isMore } = others.value ?? { objects: [], isMore: false }
  if (objects.length === 0) return <div class="quiet">no other object is sealed under it</div>
  return (
    <>
      <div>it also seals:</div>
      <ul>
        {objects.map((other) => (
          <li key={other.key}>
            <a href={addressOf(['objects', bucket], { key: other.key })}>{other.key}</a>
          </li>
        ))}
        {isMore ? <li class="quiet">… and perhaps more</li> : null}
      </ul>
    </>
  )
}
