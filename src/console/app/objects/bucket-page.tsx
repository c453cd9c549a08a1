import { useState } from 'preact/hooks'
import type { ObjectPage as Answer, ObjectRow, Overview, VersionRow } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { bytes, moment } from '../format.ts'
import { useKeyNames } from '../known-keys.ts'
import { useLoaded } from '../loaded.ts'
import { KeyLink } from '../parts/key-link.tsx'
import { Badge, Empty, Notice } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { BucketActions } from './bucket-actions.tsx'
import { Upload } from './upload.tsx'

interface BucketPageProps {
  bucket: string
  parameters: Record<string, string>
  overview: Overview
}

/** The keys of a bucket, as folders or as a list, with or without their versions. */
export function BucketPage({ bucket, parameters, overview }: BucketPageProps) {
  const { prefix = '', versions, list, after } = parameters
  const query = { bucket, prefix, delimiter: list === 'true' ? '' : '/', versions: versions === 'true', after }
  const listing = useLoaded<Answer>((signal) => read('objects', query, signal), JSON.stringify(query))
  useChanges(listing.reload)
  const rows = listing.value?.rows ?? []
  const aliases = useKeyNames(rows.flatMap((row) => ('key' in row && row.keyArn) || []))
  const [files, setFiles] = useState<File[]>()
  const [isOver, setOver] = useState(false)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const change = (other: Record<string, string | undefined>) =>
    go(['objects', bucket], { ...parameters, after: undefined, ...other })
  const pageAt = (token?: string) => addressOf(['objects', bucket], { ...parameters, after: token })
  const columns = columnsOf({ bucket, prefix, aliases, chosen, setChosen, change })
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void filesIn(event.dataTransfer).then((dropped) => dropped.length > 0 && setFiles(dropped))
  }
  return (
    <section
      class={isOver ? 'dropping' : undefined}
      aria-label={`Bucket ${bucket}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div class="bar">
        <h1>
          <a href={addressOf(['objects'])}>Buckets</a> / <Path bucket={bucket} prefix={prefix} />
        </h1>
        <span class="grow" />
        <label>
          <input
            type="checkbox"
            checked={list === 'true'}
            onChange={() => change({ list: list === 'true' ? '' : 'true' })}
          />{' '}
          all keys
        </label>
        <label>
          <input
            type="checkbox"
            checked={query.versions}
            onChange={() => change({ versions: query.versions ? '' : 'true' })}
          />{' '}
          versions
        </label>
      </div>
      <BucketActions
        bucket={bucket}
        prefix={prefix}
        chosen={chosen}
        onFiles={setFiles}
        onDone={() => {
          setChosen(new Set())
          listing.reload()
        }}
      />
      <Notice error={listing.error} />
      {rows.length > 0 ? (
        <Table caption={`Objects in ${bucket}`} columns={columns} rows={rows} nameOf={nameOf} />
      ) : null}
      {listing.value && rows.length === 0 ? (
        <Empty>
          Nothing is here. Drop files on this page, or:{' '}
          <code>
            aws s3 cp FILE s3://{bucket}/{prefix} --endpoint-url {overview.endpoint}
          </code>
        </Empty>
      ) : null}
      <Pages
        isBehind={after !== undefined}
        first={pageAt()}
        next={listing.value?.next && pageAt(listing.value.next)}
        of="keys"
      />
      {files ? (
        <Upload
          bucket={bucket}
          prefix={prefix}
          files={files}
          onClose={() => {
            setFiles(undefined)
            listing.reload()
          }}
        />
      ) : null}
    </section>
  )
}

function nameOf(row: ObjectRow): string {
  return 'prefix' in row ? row.prefix : `${row.key} ${row.versionId}`
}

interface ColumnParts {
  bucket: string
  prefix: string
  aliases: ReadonlyMap<string, string>
  chosen: ReadonlySet<string>
  setChosen(chosen: ReadonlySet<string>): void
  change(parameters: Record<string, string>): void
}

function columnsOf({ bucket, prefix, aliases, chosen, setChosen }: ColumnParts): Column<ObjectRow>[] {
  const object = (show: (row: VersionRow) => preact.ComponentChildren) => (row: ObjectRow) =>
    'key' in row ? show(row) : null
  const choose = (row: VersionRow) => {
    const name = JSON.stringify([row.key, row.versionId, row.isLatest])
    const toggle = () => {
      const next = new Set(chosen)
      if (!next.delete(name)) next.add(name)
      setChosen(next)
    }
    return <input type="checkbox" aria-label={`Choose ${row.key}`} checked={chosen.has(name)} onChange={toggle} />
  }
  return [
    { title: 'Chosen', show: object(choose) },
    { title: 'Key', show: (row) => <KeyCell bucket={bucket} prefix={prefix} row={row} /> },
    { title: 'Sealed', isShort: true, show: object((row) => (row.isMarker ? null : <Scheme row={row} />)) },
    {
      title: 'KMS key',
      show: object(({ keyArn }) => (keyArn === undefined ? null : <KeyLink arn={keyArn} aliases={aliases} />)),
    },
    { title: 'Size', isNumber: true, show: object(({ size, isMarker }) => (isMarker ? '' : bytes(size))) },
    { title: 'Changed', isShort: true, show: object(({ lastModified }) => moment(lastModified)) },
    {
      title: 'Version',
      show: object(({ versionId }) => (versionId === 'null' ? null : <code>{versionId.slice(0, 8)}…</code>)),
    },
  ]
}

function KeyCell({ bucket, prefix, row }: { bucket: string; prefix: string; row: ObjectRow }) {
  if ('prefix' in row)
    return <a href={addressOf(['objects', bucket], { prefix: row.prefix })}>{row.prefix.slice(prefix.length)}</a>
  const { key, versionId, isLatest, isMarker, isLocked } = row
  const name = key.slice(prefix.length) || key
  const address = addressOf(['objects', bucket], { prefix, key, versionId: isLatest ? undefined : versionId })
  return (
    <>
      {isMarker ? name : <a href={address}>{name}</a>} {isMarker ? <Badge kind="bad">delete marker</Badge> : null}{' '}
      {isLocked ? <Badge>locked</Badge> : null} {isLatest ? null : <Badge>older</Badge>}
    </>
  )
}

/** How an object is sealed, in one word. */
export function Scheme({ row: { scheme } }: { row: Pick<VersionRow, 'scheme'> }) {
  return scheme === 'none' ? <Badge kind="warn">in clear</Badge> : <Badge kind="good">{scheme}</Badge>
}

function Path({ bucket, prefix }: { bucket: string; prefix: string }) {
  const folders = prefix.split('/').slice(0, -1)
  return (
    <>
      <a href={addressOf(['objects', bucket])}>{bucket}</a>
      {folders.map((folder, index) => {
        const above = `${folders.slice(0, index + 1).join('/')}/`
        return (
          <span key={above}>
            {' '}
            / <a href={addressOf(['objects', bucket], { prefix: above })}>{folder || '(empty)'}</a>
          </span>
        )
      })}
    </>
  )
}

/** Files and folders that were dropped, each file with its path. */
async function filesIn(transfer: DataTransfer | null): Promise<File[]> {
  const entries = [...(transfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const found: File[] = []
  for (const entry of entries) await collect(entry, found)
  return found
}

async function collect(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (entry instanceof FileSystemFileEntry || ('file' in entry && entry.isFile)) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    found.push(Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.slice(1) }))
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (entries.length === 0) return
    for (const inner of entries) await collect(inner, found)
  }
}
