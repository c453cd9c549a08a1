import { useState } from 'preact/hooks'
import type { BucketPage, BucketRow, BucketSize, Overview } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { callS3, read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { bytes, count, moment } from '../format.ts'
import { useLoaded } from '../loaded.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { Badge, Empty, Notice } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { type Column, Table } from '../parts/table.tsx'

/** All buckets, page by page. */
export function BucketList({ after, overview }: { after: string | undefined; overview: Overview }) {
  const buckets = useLoaded<BucketPage>((signal) => read('buckets', { after }, signal), `buckets ${after}`)
  const [isMaking, setMaking] = useState(false)
  useChanges(buckets.reload)
  const rows = buckets.value?.buckets
  const next = buckets.value?.next
  return (
    <>
      <div class="bar">
        <h1>Buckets</h1>
        <span class="grow" />
        <button type="button" class="main" onClick={() => setMaking(true)}>
          Create bucket
        </button>
      </div>
      <Notice error={buckets.error} />
      {rows && rows.length > 0 ? (
        <Table caption="Buckets" columns={columns} rows={rows} nameOf={({ name }) => name} />
      ) : null}
      {rows?.length === 0 && after === undefined ? (
        <Empty>
          No bucket yet. Create one here, or: <code>aws s3 mb s3://uploads --endpoint-url {overview.endpoint}</code>
        </Empty>
      ) : null}
      <Pages
        isBehind={after !== undefined}
        first={addressOf(['objects'])}
        next={next && addressOf(['objects'], { after: next })}
        of="buckets"
      />
      {isMaking ? <CreateBucket onClose={() => setMaking(false)} /> : null}
    </>
  )
}

const columns: Column<BucketRow>[] = [
  { title: 'Name', show: ({ name }) => <a href={addressOf(['objects', name])}>{name}</a> },
  { title: 'Region', isShort: true, show: ({ region }) => region },
  { title: 'Default encryption', isShort: true, show: defaultOf },
  { title: 'Versions', isShort: true, show: ({ versioning }) => versioning ?? <span class="quiet">off</span> },
  { title: 'Access', isShort: true, show: accessOf },
  { title: 'Size', isNumber: true, show: ({ name }) => <Size bucket={name} /> },
  { title: 'Created', isShort: true, show: ({ creationDate }) => moment(creationDate) },
  { title: '', isShort: true, show: ({ name }) => <a href={addressOf(['objects', name, 'settings'])}>Settings</a> },
]

function defaultOf({ encryption, keyId }: BucketRow) {
  if (encryption === undefined) return <Badge kind="warn">none</Badge>
  return (
    <>
      <Badge kind="good">{encryption}</Badge>{' '}
      {keyId === undefined ? null : <code>{keyId.slice(keyId.lastIndexOf(':') + 1)}</code>}
    </>
  )
}

function accessOf({ isPublic, hasPolicy, isLockable }: BucketRow) {
  return (
    <>
      {isPublic ? <Badge kind="bad">public</Badge> : null} {hasPolicy ? <Badge>policy</Badge> : null}{' '}
      {isLockable ? <Badge>object lock</Badge> : null}
    </>
  )
}

/** Counted when somebody asks: it is a walk over the bucket. */
function Size({ bucket }: { bucket: string }) {
  const [size, setSize] = useState<BucketSize>()
  if (size) {
    const more = size.isMore ? '≥ ' : ''
    return (
      <>
        {more}
        {count(size.objects, 'object')}, {more}
        {bytes(size.bytes)}
      </>
    )
  }
  return (
    <button type="button" onClick={() => void read<BucketSize>('bucket-size', { bucket }).then(setSize)}>
      Count<span class="unseen"> what is in {bucket}</span>
    </button>
  )
}

function CreateBucket({ onClose }: { onClose(): void }) {
  const [name, setName] = useState('')
  const [isLockable, setLockable] = useState(false)
  const create = async () => {
    const headers: Record<string, string> = isLockable ? { 'x-amz-bucket-object-lock-enabled': 'true' } : {}
    await callS3({ method: 'PUT', bucket: name, headers })
    go(['objects', name])
  }
  return (
    <FormDialog title="Create bucket" action="Create" onClose={onClose} run={create}>
      <label class="field">
        Name
        <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <label>
        <input type="checkbox" checked={isLockable} onChange={() => setLockable(!isLockable)} /> object lock, and
        versions
      </label>
    </FormDialog>
  )
}
