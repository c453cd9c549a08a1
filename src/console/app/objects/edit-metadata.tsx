import { useState } from 'preact/hooks'
import type { ObjectDetails } from '../../answers.ts'
import { callS3, s3Path } from '../api.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { customerHeaders } from './customer-key.tsx'
import type { Address } from './object-page.tsx'
import { pairsIn, sealHeaders } from './seal-headers.ts'

interface EditMetadataProps {
  details: ObjectDetails
  address: Address
  /** Of SSE-C; else empty. */
  customerKey: string
  onClose(): void
}

/** Metadata as lines of headers. S3 changes none of an object that is there: it copies the object onto itself. */
export function EditMetadata({ details, address, customerKey, onClose }: EditMetadataProps) {
  const [text, setText] = useState(() => linesOf(details))
  const run = async () => {
    const { bucket, key, versionId } = address
    const version = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`
    const headers = {
      ...Object.fromEntries(pairsIn(text, ':')),
      ...sealOf(details),
      ...customerHeaders(customerKey),
      ...customerHeaders(customerKey, 'x-amz-copy-source-'),
      'x-amz-storage-class': details.storageClass ?? 'STANDARD',
      'x-amz-copy-source': `${s3Path(bucket, key)}${version}`,
      'x-amz-metadata-directive': 'REPLACE',
    }
    return callS3({ method: 'PUT', bucket, key, headers })
  }
  return (
    <FormDialog title="Metadata" action="Save" onClose={onClose} run={run}>
      <label class="field">
        One header: value a line; your own begin with x-amz-meta-
        <textarea rows={8} spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      <p class="quiet">
        The object is copied onto itself, sealed as it is; where the bucket keeps versions, that is a new one.
      </p>
    </FormDialog>
  )
}

function linesOf({ systemMetadata, userMetadata }: ObjectDetails): string {
  const own = Object.entries(userMetadata).map(([name, value]) => [`x-amz-meta-${name}`, value])
  return [...Object.entries(systemMetadata), ...own].map((pair) => pair.join(': ')).join('\n')
}

const schemes: Record<string, string> = { 'SSE-S3': 'AES256', 'SSE-KMS': 'aws:kms', 'DSSE-KMS': 'aws:kms:dsse' }

/** What keeps a copy sealed as its source is. Under a customer's key that is said by the key. */
function sealOf({ scheme, keyArn, envelope }: ObjectDetails): Record<string, string> {
  const { bucketKeyEnabled, encryptionContext = {} } = envelope
  const { 'aws:s3:arn': _, ...own } = encryptionContext
  return sealHeaders({ scheme: schemes[scheme] ?? '', keyId: keyArn, context: own, bucketKey: bucketKeyEnabled })
}
