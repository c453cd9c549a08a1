import { useState } from 'preact/hooks'
import { control } from '../api.ts'
import { bytes, moment } from '../format.ts'
import { useLoaded } from '../loaded.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { Badge, Notice } from '../parts/notice.tsx'
import { type Column, Table } from '../parts/table.tsx'

interface Snapshot {
  name: string
  created: number
  size?: number
  damage?: string
}

/** States that were kept, and can be put back. */
export function SnapshotsPanel() {
  const kept = useLoaded<{ snapshots: Snapshot[] }>(() => control('GET', '/snapshots'), 'snapshots')
  const [name, setName] = useState('')
  const [asked, setAsked] = useState<{ name: string; toDo: 'load' | 'delete' }>()
  const [error, setError] = useState<Error>()
  const [told, setTold] = useState('')
  const save = (event: Event) => {
    event.preventDefault()
    setError(undefined)
    setTold('')
    control('PUT', `/snapshots/${encodeURIComponent(name)}`).then(() => {
      setTold(`${name} is kept.`)
      kept.reload()
    }, setError)
  }
  const columns: Column<Snapshot>[] = [
    {
      title: 'Name',
      show: ({ name: own, damage }) => (damage === undefined ? own : <Badge kind="bad">{`${own}: ${damage}`}</Badge>),
    },
    { title: 'Taken', isShort: true, show: ({ created }) => moment(created) },
    { title: 'File', isNumber: true, show: ({ size }) => (size === undefined ? 'in memory' : bytes(size)) },
    {
      title: '',
      isShort: true,
      show: ({ name: own }) => (
        <>
          <button type="button" onClick={() => setAsked({ name: own, toDo: 'load' })}>
            Load<span class="unseen"> {own}</span>
          </button>{' '}
          <button type="button" class="danger" onClick={() => setAsked({ name: own, toDo: 'delete' })}>
            Delete<span class="unseen"> {own}</span>
          </button>
        </>
      ),
    },
  ]
  const rows = kept.value?.snapshots ?? []
  return (
    <section aria-labelledby="snapshots">
      <h2 id="snapshots">Snapshots</h2>
      <Notice error={error ?? kept.error} />
      {rows.length > 0 ? (
        <Table caption="Snapshots" columns={columns} rows={rows} nameOf={(row) => row.name} />
      ) : (
        <p class="quiet">None is kept.</p>
      )}
      <form class="bar" onSubmit={save}>
        <label>
          Name{' '}
          <input
            required
            pattern="[a-z0-9_.\-]+"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          Save snapshot
        </button>
        <span role="status" class="quiet">
          {told}
        </span>
      </form>
      {asked ? (
        <Confirm
          {...asked}
          onClose={() => {
            setAsked(undefined)
            kept.reload()
          }}
        />
      ) : null}
    </section>
  )
}

function Confirm({ name, toDo, onClose }: { name: string; toDo: 'load' | 'delete'; onClose(): void }) {
  const path = `/snapshots/${encodeURIComponent(name)}`
  const isLoad = toDo === 'load'
  const run = () => (isLoad ? control('POST', `${path}/load`) : control('DELETE', path))
  return (
    <FormDialog
      title={isLoad ? `Load ${name}` : `Delete ${name}`}
      action={isLoad ? 'Load' : 'Delete'}
      isDanger
      onClose={onClose}
      run={run}
    >
      <p>{isLoad ? 'What happened since is gone: keys, buckets, objects, events.' : 'It cannot be loaded any more.'}</p>
    </FormDialog>
  )
}
