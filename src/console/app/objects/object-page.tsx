import { useCallback, useState } from 'preact/hooks'
import type { Change, EventPage, ObjectDetails, Overview } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { read } from '../api.ts'
import { CallTable } from '../calls/call-table.tsx'
import { useChanges } from '../changes.ts'
import { bytes, moment } from '../format.ts'
import { useKeyNames } from '../known-keys.ts'
import { useLoaded } from '../loaded.ts'
import { Badge, Notice } from '../parts/notice.tsx'
import { Scheme } from './bucket-page.tsx'
import { EnvelopeChain } from './envelope-chain.tsx'
import { ObjectActions } from './object-actions.tsx'
import { Preview } from './preview.tsx'

export interface Address {
  bucket: string
  key: string
  versionId?: string
}

/** One object, or one version of it: what it is, how it is sealed, and who asked KMS about it. */
export function ObjectPage({ address, overview }: { address: Address; overview: Overview }) {
  const { bucket, key, versionId } = address
  const name = JSON.stringify(address)
  const object = useLoaded<ObjectDetails>((signal) => read('object', { bucket, key, versionId }, signal), name)
  const [isOpen, setOpen] = useState(false)
  const details = object.value
  const aliases = useKeyNames(details?.keyArn === undefined ? [] : [details.keyArn])
  const folder = key.slice(0, key.lastIndexOf('/', key.length - 2) + 1)
  return (
    <>
      <div class="bar">
        <h1>
          <a href={addressOf(['objects'])}>Buckets</a> /{' '}
          <a href={addressOf(['objects', bucket], { prefix: folder })}>{bucket}</a> / {key}
        </h1>
      </div>
      <Notice error={object.error} />
      {details ? (
        <>
          <ObjectActions
            details={details}
            address={address}
            endpoint={overview.endpoint}
            onOpen={() => setOpen(true)}
            onChanged={object.reload}
            onGone={() => go(['objects', bucket], { prefix: folder })}
          />
          {isOpen ? <Preview details={details} versionId={versionId} /> : null}
          <div class="columns">
            <section aria-labelledby="facts">
              <h2 id="facts">Object</h2>
              <Facts details={details} />
            </section>
            <section aria-labelledby="envelope">
              <h2 id="envelope">How it is sealed</h2>
              <EnvelopeChain details={details} aliases={aliases} />
            </section>
          </div>
          {details.keyArn === undefined ? null : (
            <CallsAbout details={details} aliases={aliases} region={details.keyArn.split(':')[3]} />
          )}
        </>
      ) : null}
    </>
  )
}

function Facts({ details }: { details: ObjectDetails }) {
  const { versionId, size, lastModified, contentType, etag, checksum, retention, legalHold, storageClass } = details
  const rows: [string, preact.ComponentChildren][] = [
    ['Size', `${bytes(size)} (${size.toLocaleString('en')} bytes)`],
    ['Changed', moment(lastModified)],
    ['Type', contentType ?? 'application/octet-stream'],
    ['Sealed', <Scheme key="scheme" row={details} />],
    ['ETag', <code key="etag">{etag}</code>],
    ['Version', <code key="version">{versionId}</code>],
    ['Storage class', storageClass ?? 'STANDARD'],
    ['Checksum', checksum ? `${checksum.algorithm}, ${checksum.type}` : undefined],
    ['Retention', retention ? `${retention.mode} until ${moment(retention.until)}` : undefined],
    ['Legal hold', legalHold ? <Badge kind="warn">on</Badge> : undefined],
    ...Object.entries(details.userMetadata).map(([name, value]): [string, string] => [`x-amz-meta-${name}`, value]),
    ...Object.entries(details.tags).map(([name, value]): [string, string] => [`tag ${name}`, value]),
  ]
  return (
    <dl>
      {rows
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <>
            <dt key={`${name} term`}>{name}</dt>
            <dd key={name}>{value}</dd>
          </>
        ))}
    </dl>
  )
}

interface CallsAboutProps {
  details: ObjectDetails
  aliases: ReadonlyMap<string, string>
  region: string | undefined
}

/** The newest calls of the object's key that were made for this object, or for its bucket where a bucket key serves. */
function CallsAbout({ details, aliases, region }: CallsAboutProps) {
  const { keyArn = '', bucket, key, envelope } = details
  const wanted = envelope.encryptionContext?.['aws:s3:arn'] ?? `arn:aws:s3:::${bucket}/${key}`
  const query = { region, by: 'ResourceName', value: keyArn }
  const calls = useLoaded<EventPage>((signal) => read('events', query, signal), JSON.stringify(query))
  useChanges(
    useCallback(
      (change: Change) =>
        (change.isMore || change.calls.some(({ resources }) => resources.includes(keyArn))) && calls.reload(),
      [keyArn, calls.reload],
    ),
  )
  const rows = (calls.value?.events ?? []).filter(({ context }) => context?.['aws:s3:arn'] === wanted)
  return (
    <section aria-labelledby="calls">
      <h2 id="calls">KMS calls about it</h2>
      <Notice error={calls.error} />
      {rows.length > 0 ? (
        <CallTable caption="KMS calls about this object" rows={rows} aliases={aliases} />
      ) : (
        <p class="quiet">None among the last 100 of its key.</p>
      )}
      <p>
        <a href={addressOf(['calls'], { key: keyArn })}>All calls of this key</a>
      </p>
    </section>
  )
}
