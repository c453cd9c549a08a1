import type { ComponentChildren } from 'preact'
import type { ObjectRow, VersionRow } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { bytes, moment } from '../format.ts'
import { KeyLink } from '../parts/key-link.tsx'
import { Badge } from '../parts/notice.tsx'
import type { Column } from '../parts/table.tsx'
import type { Choice } from './bucket-actions.tsx'
import type { TreeRow } from './listing.ts'
import { RestoreButton } from './restore-button.tsx'
import { Scheme } from './scheme.tsx'

interface ColumnParts {
  bucket: string
  prefix: string
  /** Kept from one folder to the next. */
  parameters: Record<string, string>
  aliases: ReadonlyMap<string, string>
  chosen: ReadonlySet<string>
  setChosen(chosen: ReadonlySet<string>): void
  toggle(prefix: string): void
  reload(): void
}

/** By what a row that was chosen is remembered. */
export function nameOfChoice(row: ObjectRow): string {
  const choice: Choice = 'prefix' in row ? [row.prefix] : [row.key, row.versionId, row.isLatest, row.isMarker]
  return JSON.stringify(choice)
}

/** What is shown of each key. */
export function keyColumns(parts: ColumnParts): Column<TreeRow>[] {
  const { bucket, aliases, reload } = parts
  const object = (show: (row: VersionRow) => ComponentChildren) => (row: TreeRow) => ('key' in row ? show(row) : null)
  return [
    { title: 'Chosen', show: (row) => <Choose row={row} {...parts} /> },
    { title: 'Key', show: (row) => <KeyCell row={row} {...parts} /> },
    { title: 'Sealed', isShort: true, show: object((row) => (row.isMarker ? null : <Scheme row={row} />)) },
    {
      title: 'KMS key',
      show: object(({ keyArn }) => (keyArn === undefined ? null : <KeyLink arn={keyArn} aliases={aliases} />)),
    },
    { title: 'Size', isNumber: true, show: object(({ size, isMarker }) => (isMarker ? '' : bytes(size))) },
    { title: 'Changed', isShort: true, show: object(({ lastModified }) => moment(lastModified)) },
    {
      title: 'Version',
      isShort: true,
      show: object((row) =>
        row.isMarker ? (
          <RestoreButton bucket={bucket} row={row} onDone={reload} />
        ) : row.versionId === 'null' ? null : (
          <code>{row.versionId.slice(0, 8)}…</code>
        ),
      ),
    },
  ]
}

function Choose({ row, chosen, setChosen }: { row: TreeRow } & Pick<ColumnParts, 'chosen' | 'setChosen'>) {
  const name = nameOfChoice(row)
  const toggle = () => {
    const next = new Set(chosen)
    if (!next.delete(name)) next.add(name)
    setChosen(next)
  }
  return (
    <input
      type="checkbox"
      aria-label={`Choose ${'prefix' in row ? row.prefix : row.key}`}
      checked={chosen.has(name)}
      onChange={toggle}
    />
  )
}

function KeyCell({ row, ...parts }: { row: TreeRow } & ColumnParts) {
  const { bucket, prefix, parameters } = parts
  const style = { paddingLeft: `${row.depth * 1.4}rem` }
  if ('prefix' in row) return <Folder row={row} {...parts} />
  const { key, versionId, isLatest, isMarker, isLocked } = row
  const above = row.depth === 0 ? prefix : key.slice(0, key.lastIndexOf('/', key.length - 2) + 1)
  const name = key.slice(above.length) || key
  const address = addressOf(['objects', bucket], {
    ...parameters,
    after: undefined,
    key,
    versionId: isLatest ? undefined : versionId,
  })
  return (
    <div style={style}>
      {isMarker ? name : <a href={address}>{name}</a>} {isMarker ? <Badge kind="bad">delete marker</Badge> : null}{' '}
      {isLocked ? <Badge>locked</Badge> : null} {isLatest ? null : <Badge>older</Badge>}
    </div>
  )
}

function Folder({ row, bucket, parameters, toggle }: { row: TreeRow & { prefix: string } } & ColumnParts) {
  const { prefix, depth, isExpanded = false, hasMore } = row
  const name = prefix.slice(prefix.lastIndexOf('/', prefix.length - 2) + 1)
  const address = addressOf(['objects', bucket], { ...parameters, prefix, after: undefined })
  return (
    <div style={{ paddingLeft: `${depth * 1.4}rem` }}>
      <button
        type="button"
        class="twist"
        aria-expanded={isExpanded}
        aria-label={`Contents of ${prefix}`}
        onClick={() => toggle(prefix)}
      >
        {isExpanded ? '▾' : '▸'}
      </button>{' '}
      <a href={address}>{name}</a> {hasMore ? <span class="quiet">the first of it</span> : null}
    </div>
  )
}
