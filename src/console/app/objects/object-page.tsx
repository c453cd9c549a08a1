import { useState } from 'preact/hooks'
import type { ObjectDetails, Overview } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { read } from '../api.ts'
import { CallTable } from '../calls/call-table.tsx'
import { useKeyNames } from '../known-keys.ts'
import { useLoaded } from '../loaded.ts'
import { Notice } from '../parts/notice.tsx'
import { CustomerKey } from './customer-key.tsx'
import { EnvelopeChain } from './envelope-chain.tsx'
import { ObjectActions } from './object-actions.tsx'
import { useCallsAbout } from './object-calls.ts'
import { ObjectFacts } from './object-facts.tsx'
import { ObjectVersions } from './object-versions.tsx'
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
  const [customerKey, setCustomerKey] = useState('')
  const [opened, setOpened] = useState({ times: 0, customerKey: '' })
  const details = object.value
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
            customerKey={customerKey}
            onOpen={() => setOpened({ times: opened.times + 1, customerKey })}
            onChanged={object.reload}
            onGone={() => go(['objects', bucket], { prefix: folder })}
          />
          {details.scheme === 'SSE-C' ? <CustomerKey value={customerKey} onChange={setCustomerKey} /> : null}
          {opened.times === 0 ? null : (
            <Preview key={opened.times} details={details} versionId={versionId} customerKey={opened.customerKey} />
          )}
          <Sealed details={details} />
        </>
      ) : null}
      <ObjectVersions address={address} onChanged={object.reload} />
    </>
  )
}

function Sealed({ details }: { details: ObjectDetails }) {
  const { keyArn } = details
  const aliases = useKeyNames(keyArn === undefined ? [] : [keyArn])
  const { calls, seen, error } = useCallsAbout(details)
  return (
    <>
      <div class="columns">
        <section aria-labelledby="facts">
          <h2 id="facts">Object</h2>
          <ObjectFacts details={details} />
        </section>
        <section aria-labelledby="envelope">
          <h2 id="envelope">How it is sealed</h2>
          <EnvelopeChain details={details} aliases={aliases} calls={calls} />
        </section>
      </div>
      {keyArn === undefined ? null : (
        <section aria-labelledby="calls">
          <h2 id="calls">KMS calls about it</h2>
          <Notice error={error} />
          {calls.length > 0 ? (
            <CallTable caption="KMS calls about this object" rows={calls} aliases={aliases} />
          ) : (
            <p class="quiet">None among the last {seen} of its key.</p>
          )}
          <p>
            <a href={addressOf(['calls'], { key: keyArn })}>All calls of this key</a>
          </p>
        </section>
      )}
    </>
  )
}
