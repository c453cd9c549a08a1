import { useRef, useState } from 'preact/hooks'
import { addressOf, go } from '../address.ts'
import { callS3 } from '../api.ts'
import { count } from '../format.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { deleteMany, deleteUnder } from './delete-objects.ts'

/** A version: key, version id, whether it is the latest, and whether a delete marker. Or a folder: its prefix alone. */
export type Choice = [key: string, versionId: string, isLatest: boolean, isMarker: boolean] | [prefix: string]

interface BucketActionsProps {
  bucket: string
  prefix: string
  /** JSON, each a Choice. */
  chosen: ReadonlySet<string>
  /** Undefined: there is nothing to choose. */
  onChooseAll: (() => void) | undefined
  onFiles(files: File[]): void
  onDone(): void
}

/** What can be done with a bucket and with what is chosen in it. */
export function BucketActions({ bucket, prefix, chosen, onChooseAll, onFiles, onDone }: BucketActionsProps) {
  const [asked, setAsked] = useState<'folder' | 'delete' | 'empty' | 'bucket'>()
  const input = useRef<HTMLInputElement>(null)
  const folderInput = useRef<HTMLInputElement>(null)
  const close = () => {
    setAsked(undefined)
    onDone()
  }
  const pick = (event: { currentTarget: HTMLInputElement }) => {
    const files = [...(event.currentTarget.files ?? [])]
    event.currentTarget.value = ''
    if (files.length > 0) onFiles(files)
  }
  return (
    <div class="bar">
      <button type="button" class="main" onClick={() => input.current?.click()}>
        Upload files
      </button>
      <button type="button" onClick={() => folderInput.current?.click()}>
        Upload folder
      </button>
      <input ref={input} type="file" multiple hidden aria-label="Files to upload" onChange={pick} />
      <input
        ref={folderInput}
        type="file"
        hidden
        aria-label="Folder to upload"
        onChange={pick}
        {...{ webkitdirectory: true }}
      />
      <button type="button" onClick={() => setAsked('folder')}>
        Create folder
      </button>
      <button type="button" disabled={!onChooseAll} onClick={onChooseAll}>
        Choose all shown
      </button>
      <button type="button" class="danger" disabled={chosen.size === 0} onClick={() => setAsked('delete')}>
        Delete chosen
      </button>
      <span class="grow" />
      <a class="button" href={addressOf(['objects', bucket, 'settings'])}>
        Settings
      </a>
      <button type="button" class="danger" onClick={() => setAsked('empty')}>
        Empty bucket
      </button>
      <button type="button" class="danger" onClick={() => setAsked('bucket')}>
        Delete bucket
      </button>
      {asked === 'folder' ? <CreateFolder bucket={bucket} prefix={prefix} onClose={close} /> : null}
      {asked === 'delete' ? <DeleteChosen bucket={bucket} chosen={chosen} onClose={close} /> : null}
      {asked === 'empty' ? <EmptyBucket bucket={bucket} onClose={close} /> : null}
      {asked === 'bucket' ? <DeleteBucket bucket={bucket} onClose={() => setAsked(undefined)} /> : null}
    </div>
  )
}

function CreateFolder({ bucket, prefix, onClose }: { bucket: string; prefix: string; onClose(): void }) {
  const [name, setName] = useState('')
  const create = () => callS3({ method: 'PUT', bucket, key: `${prefix}${name.replace(/\/$/, '')}/`, body: '' })
  return (
    <FormDialog title="Create folder" action="Create" onClose={onClose} run={create}>
      <label class="field">
        Name
        <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <p class="quiet">S3 has no folders: this is an empty object whose key ends with a slash.</p>
    </FormDialog>
  )
}

function DeleteChosen({ bucket, chosen, onClose }: { bucket: string; chosen: ReadonlySet<string>; onClose(): void }) {
  const rows = [...chosen].map((text): Choice => JSON.parse(text))
  const folders = rows.filter((row): row is [string] => row.length === 1)
  const objects = rows.filter((row) => row.length > 1)
  const [isForever, setForever] = useState(objects.some(([, , isLatest, isMarker]) => !isLatest || isMarker))
  const run = async () => {
    await deleteMany(
      bucket,
      objects.map(([Key, VersionId]) => (isForever ? { Key, VersionId } : { Key })),
    )
    for (const [prefix] of folders) await deleteUnder({ bucket, prefix, isForever })
  }
  return (
    <FormDialog title={`Delete ${count(rows.length, 'object')}`} action="Delete" isDanger onClose={onClose} run={run}>
      <ul>
        {rows.slice(0, 10).map(([key, version]) => (
          <li key={`${key} ${version}`}>
            <code>{key}</code>
            {version === undefined ? ' and all that is in it' : ''}
          </li>
        ))}
      </ul>
      {rows.length > 10 ? <p>… and {rows.length - 10} more</p> : null}
      <label>
        <input type="checkbox" checked={isForever} onChange={() => setForever(!isForever)} /> these versions, for ever
      </label>
    </FormDialog>
  )
}

function EmptyBucket({ bucket, onClose }: { bucket: string; onClose(): void }) {
  const [done, setDone] = useState(0)
  const onDeleted = (deleted: number) => setDone((before) => before + deleted)
  const run = () => deleteUnder({ bucket, prefix: '', isForever: true, onDeleted })
  return (
    <FormDialog title={`Empty ${bucket}`} action="Delete everything" isDanger onClose={onClose} run={run}>
      <p>All objects, versions and delete markers go for ever. Locked versions stay.</p>
      <p aria-live="polite">{done > 0 ? `${done} are gone` : ''}</p>
    </FormDialog>
  )
}

function DeleteBucket({ bucket, onClose }: { bucket: string; onClose(): void }) {
  const run = async () => {
    await callS3({ method: 'DELETE', bucket })
    go(['objects'])
  }
  return (
    <FormDialog title={`Delete ${bucket}`} action="Delete bucket" isDanger onClose={onClose} run={run}>
      <p>The bucket must be empty.</p>
    </FormDialog>
  )
}
