import { useState } from 'preact/hooks'
import type { ObjectDetails } from '../../answers.ts'
import { callS3, read } from '../api.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { Notice } from '../parts/notice.tsx'
import { customerHeaders } from './customer-key.tsx'
import { deleteMany } from './delete-objects.ts'
import { EditMetadata } from './edit-metadata.tsx'
import { EditRetention } from './edit-retention.tsx'
import { EditTags } from './edit-tags.tsx'
import type { Address } from './object-page.tsx'

interface ObjectActionsProps {
  details: ObjectDetails
  address: Address
  endpoint: string
  /** Of SSE-C; else empty. */
  customerKey: string
  onOpen(): void
  onChanged(): void
  onGone(): void
}

/** What can be done with an object. */
export function ObjectActions({
  details,
  address,
  endpoint,
  customerKey,
  onOpen,
  onChanged,
  onGone,
}: ObjectActionsProps) {
  const [asked, setAsked] = useState<'tags' | 'metadata' | 'retention' | 'delete'>()
  const [told, setTold] = useState('')
  const [error, setError] = useState<Error>()
  const doing = (work: () => Promise<string>) => () => {
    setError(undefined)
    work().then(setTold, setError)
  }
  const close = () => {
    setAsked(undefined)
    onChanged()
  }
  const link = () => read<{ url: string }>('presign', { ...address }).then(({ url }) => url)
  return (
    <>
      <div class="bar">
        <button type="button" class="main" onClick={onOpen}>
          Open
        </button>
        <button type="button" onClick={doing(() => download(address, customerKey))}>
          Download
        </button>
        <button type="button" onClick={doing(async () => copied(await link(), 'The presigned URL'))}>
          Copy presigned URL
        </button>
        <button
          type="button"
          onClick={doing(async () => copied(commandFor(details, address, endpoint), 'The command'))}
        >
          Copy CLI command
        </button>
        <button type="button" onClick={() => setAsked('tags')}>
          Tags
        </button>
        <button type="button" onClick={() => setAsked('metadata')}>
          Metadata
        </button>
        <button type="button" onClick={() => setAsked('retention')}>
          Retention
        </button>
        <button type="button" class="danger" onClick={() => setAsked('delete')}>
          Delete
        </button>
        <span role="status" class="quiet">
          {told}
        </span>
      </div>
      <Notice error={error} />
      {asked === 'tags' ? <EditTags details={details} address={address} onClose={close} /> : null}
      {asked === 'metadata' ? <EditMetadata {...{ details, address, customerKey }} onClose={close} /> : null}
      {asked === 'retention' ? <EditRetention details={details} address={address} onClose={close} /> : null}
      {asked === 'delete' ? (
        <DeleteObject details={details} address={address} onClose={() => setAsked(undefined)} onGone={onGone} />
      ) : null}
    </>
  )
}

/** @returns what to say: where the page came over plain HTTP from another machine there is no clipboard */
async function copied(text: string, what: string): Promise<string> {
  if (!isSecureContext) return text
  await navigator.clipboard.writeText(text)
  return `${what} is on the clipboard.`
}

/** @returns what to say */
async function download({ bucket, key, versionId }: Address, customerKey: string): Promise<string> {
  const response = await callS3({ bucket, key, query: { versionId }, headers: customerHeaders(customerKey) })
  const url = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: url, download: key.split('/').at(-1) ?? key })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
  return 'Downloaded.'
}

function commandFor({ scheme }: ObjectDetails, { bucket, key, versionId }: Address, endpoint: string): string {
  const word = (text: string) => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
  const parts = ['aws s3api get-object', '--bucket', bucket, '--key', word(key)]
  if (versionId !== undefined) parts.push('--version-id', word(versionId))
  if (scheme === 'SSE-C') parts.push('--sse-customer-algorithm AES256 --sse-customer-key YOUR-KEY')
  return [...parts, '--endpoint-url', endpoint, '/dev/stdout'].join(' ')
}

interface DeleteObjectProps {
  details: ObjectDetails
  address: Address
  onClose(): void
  onGone(): void
}

function DeleteObject({ details, address: { bucket, key, versionId }, onClose, onGone }: DeleteObjectProps) {
  const [isForever, setForever] = useState(versionId !== undefined)
  const [isPast, setPast] = useState(false)
  const run = async () => {
    await deleteMany(bucket, [isForever ? { Key: key, VersionId: details.versionId } : { Key: key }], isPast)
    onGone()
  }
  return (
    <FormDialog title={`Delete ${key}`} action="Delete" isDanger onClose={onClose} run={run}>
      <label>
        <input type="checkbox" checked={isForever} onChange={() => setForever(!isForever)} /> this version, for ever
      </label>
      {isForever && details.retention?.mode === 'GOVERNANCE' ? (
        <div>
          <label>
            <input type="checkbox" checked={isPast} onChange={() => setPast(!isPast)} /> bypass its governance
          </label>
        </div>
      ) : null}
    </FormDialog>
  )
}
