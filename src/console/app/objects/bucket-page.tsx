import { useState } from 'preact/hooks'
import type { Overview, VersionRow } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { useKeyNames } from '../known-keys.ts'
import { Empty, Notice } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { Table } from '../parts/table.tsx'
import { BucketActions } from './bucket-actions.tsx'
import { filesIn } from './dropped-files.ts'
import { keyColumns, nameOfChoice } from './key-columns.tsx'
import { type TreeRow, useListing } from './listing.ts'
import { Upload } from './upload.tsx'

interface BucketPageProps {
  bucket: string
  parameters: Record<string, string>
  overview: Overview
}

/** The keys of a bucket, as a tree of folders or as a list, with or without their versions. */
export function BucketPage({ bucket, parameters, overview }: BucketPageProps) {
  const { prefix = '', versions, list, after } = parameters
  const query = { bucket, prefix, delimiter: list === 'true' ? '' : '/', versions: versions === 'true', after }
  const { rows = [], next, error, toggle, reload, isLoaded } = useListing(query)
  const objects = rows.filter((row): row is TreeRow & VersionRow => 'key' in row)
  const aliases = useKeyNames(objects.flatMap(({ keyArn }) => keyArn ?? []))
  const [files, setFiles] = useState<File[]>()
  const [isOver, setOver] = useState(false)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const change = (other: Record<string, string | undefined>) =>
    go(['objects', bucket], { ...parameters, after: undefined, ...other })
  const pageAt = (token?: string) => addressOf(['objects', bucket], { ...parameters, after: token })
  const columns = keyColumns({ bucket, prefix, parameters, aliases, chosen, setChosen, toggle, reload })
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
        onChooseAll={rows.length > 0 ? () => setChosen(new Set(rows.map(nameOfChoice))) : undefined}
        onFiles={setFiles}
        onDone={() => {
          setChosen(new Set())
          reload()
        }}
      />
      <Notice error={error} />
      {rows.length > 0 ? (
        <Table caption={`Objects in ${bucket}`} columns={columns} rows={rows} nameOf={nameOf} />
      ) : null}
      {isLoaded && rows.length === 0 ? (
        <Empty>
          Nothing is here. Drop files on this page, or:{' '}
          <code>
            aws s3 cp FILE s3://{bucket}/{prefix} --endpoint-url {overview.endpoint}
          </code>
        </Empty>
      ) : null}
      <Pages isBehind={after !== undefined} first={pageAt()} next={next && pageAt(next)} of="keys" />
      {files ? (
        <Upload
          bucket={bucket}
          prefix={prefix}
          files={files}
          onClose={() => {
            setFiles(undefined)
            reload()
          }}
        />
      ) : null}
    </section>
  )
}

function nameOf(row: TreeRow): string {
  return 'prefix' in row ? row.prefix : `${row.key} ${row.versionId}`
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
