import type { ObjectDetails } from '../../answers.ts'
import { bytes, count } from '../format.ts'
import { KeyLink } from '../parts/key-link.tsx'

const segmentsDrawn = 400

/** KMS key → data key → object key → segments, as this object has them. */
export function EnvelopeChain({ details, aliases }: { details: ObjectDetails; aliases: ReadonlyMap<string, string> }) {
  const { scheme, keyArn, envelope } = details
  return (
    <ol class="chain">
      {keyArn === undefined ? null : (
        <li>
          <strong>KMS key</strong> <KeyLink arn={keyArn} aliases={aliases} />
          <div class="quiet">its material never leaves KMS</div>
        </li>
      )}
      {keyArn === undefined ? null : <DataKey details={details} />}
      {scheme === 'SSE-C' ? (
        <li>
          <strong>Customer key</strong>
          <div class="quiet">comes with every request and is never stored; without it nobody reads this object</div>
        </li>
      ) : null}
      {scheme === 'SSE-S3' ? (
        <li>
          <strong>Root of S3’s own</strong>
          <div class="quiet">kept under the emulator’s root key</div>
        </li>
      ) : null}
      {envelope.layers === 0 ? null : (
        <li data-how="seals ↓">
          <strong>{envelope.layers === 2 ? 'Two object keys' : 'Object key'}</strong> AES-256, random, of this object
          alone
          <div class="quiet">sealed to the bucket, the key and version {details.versionId}</div>
        </li>
      )}
      <Segments details={details} />
    </ol>
  )
}

function DataKey({ details: { envelope } }: { details: ObjectDetails }) {
  const { encryptionContext = {}, encryptedDataKey, bucketKeyEnabled } = envelope
  return (
    <li data-how={bucketKeyEnabled ? 'GenerateDataKey, once for many objects ↓' : 'GenerateDataKey ↓'}>
      <strong>{bucketKeyEnabled ? 'Bucket key' : 'Data key'}</strong> AES-256, kept as {encryptedDataKey} bytes of
      ciphertext
      <div class="quiet">opened by Decrypt with the encryption context</div>
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
    </li>
  )
}

function Segments({ details: { size, envelope } }: { details: ObjectDetails }) {
  const { parts, partCount, layers, segmentSize, segmentOverhead } = envelope
  const segments = parts.reduce((sum, part) => sum + part.segments, 0)
  const drawn = Math.min(segments, segmentsDrawn)
  return (
    <li class={layers === 0 ? 'clear' : undefined} data-how={layers === 0 ? undefined : 'AES-256-GCM, each segment ↓'}>
      <strong>{count(segments, 'segment')}</strong> of {bytes(segmentSize)} at most
      {partCount > 1 ? `, in ${partCount} parts` : ''}
      <div class="quiet">
        {bytes(size)} of plaintext, and {segmentOverhead} bytes a segment{' '}
        {layers === 0 ? 'of checksum: it lies in clear' : 'of authentication'}
      </div>
      <div class="segments" aria-hidden="true">
        {Array.from({ length: drawn }, (_, index) => (
          <span key={index} />
        ))}
        {segments > drawn ? '…' : null}
      </div>
    </li>
  )
}
