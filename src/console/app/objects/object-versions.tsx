import type { ObjectPage as Answer, VersionRow } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { read } from '../api.ts'
import { bytes, moment } from '../format.ts'
import { useLoaded } from '../loaded.ts'
import { Badge, Notice } from '../parts/notice.tsx'
import { type Column, Table } from '../parts/table.tsx'
import type { Address } from './object-page.tsx'
import { RestoreButton } from './restore-button.tsx'
import { Scheme } from './scheme.tsx'

/** All versions of a key and its delete markers, the newest first; nothing where there is but one. */
export function ObjectVersions({
  address: { bucket, key, versionId },
  onChanged,
}: {
  address: Address
  onChanged(): void
}) {
  const query = { bucket, prefix: key, versions: true }
  const found = useLoaded<Answer>((signal) => read('objects', query, signal), JSON.stringify([query, versionId]))
  const rows = (found.value?.rows ?? []).filter((row): row is VersionRow => 'key' in row && row.key === key)
  const changed = () => {
    found.reload()
    onChanged()
  }
  const columns: Column<VersionRow>[] = [
    { title: 'Version', show: (row) => <Version bucket={bucket} row={row} /> },
    { title: 'Sealed', isShort: true, show: (row) => (row.isMarker ? null : <Scheme row={row} />) },
    { title: 'Size', isNumber: true, show: ({ size, isMarker }) => (isMarker ? '' : bytes(size)) },
    { title: 'Changed', isShort: true, show: ({ lastModified }) => moment(lastModified) },
    {
      title: '',
      isShort: true,
      show: (row) => (row.isMarker ? <RestoreButton bucket={bucket} row={row} onDone={changed} /> : null),
    },
  ]
  if (rows.length < 2 && rows[0]?.isMarker !== true) return <Notice error={found.error} />
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      <Notice error={found.error} />
      <Table caption={`Versions of ${key}`} columns={columns} rows={rows} nameOf={(row) => row.versionId} />
    </section>
  )
}

function Version({ bucket, row: { key, versionId, isLatest, isMarker } }: { bucket: string; row: VersionRow }) {
  return (
    <>
      {isMarker ? (
        <code>{versionId}</code>
      ) : (
        <a href={addressOf(['objects', bucket], { key, versionId })}>{versionId}</a>
      )}{' '}
      {isMarker ? <Badge kind="bad">delete marker</Badge> : null} {isLatest ? <Badge kind="good">current</Badge> : null}
    </>
  )
}
