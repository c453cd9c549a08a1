import { useCallback, useState } from 'preact/hooks'
import type { Change, KeyPage, KeyRow, Overview } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { callKms, read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { moment } from '../format.ts'
import { changesKeys } from '../known-keys.ts'
import { useLoaded } from '../loaded.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { Badge, Empty, Notice } from '../parts/notice.tsx'
import { Pages } from '../parts/pages.tsx'
import { type Column, Table } from '../parts/table.tsx'

/** The keys, page by page, the AWS managed ones included; or those whose aliases begin with what is looked for. */
export function KeyList({ parameters, overview }: { parameters: Record<string, string>; overview: Overview }) {
  const { find, after } = parameters
  const query = { find, after }
  const page = useLoaded<KeyPage>((signal) => read('keys', query, signal), JSON.stringify(query))
  const [isMaking, setMaking] = useState(false)
  useChanges(useCallback((change: Change) => changesKeys(change) && page.reload(), [page.reload]))
  const rows = page.value?.keys
  const isAll = find === undefined && after === undefined
  return (
    <>
      <div class="bar">
        <h1>KMS keys</h1>
        <span class="grow" />
        <Find value={find ?? ''} region={overview.region} />
        <button type="button" class="main" onClick={() => setMaking(true)}>
          Create key
        </button>
      </div>
      <Notice error={page.error} />
      {rows && rows.length > 0 ? (
        <Table caption="KMS keys" columns={columns} rows={rows} nameOf={({ arn, aliases }) => `${arn} ${aliases[0]}`} />
      ) : null}
      {rows?.length === 0 && isAll ? (
        <Empty>
          No key yet; <code>alias/aws/s3</code> is made when S3 first needs it. Create one here, or:{' '}
          <code>aws kms create-key --endpoint-url {overview.endpoint}</code>
        </Empty>
      ) : null}
      {rows?.length === 0 && !isAll ? (
        <Empty>
          No alias begins like that. <code>aws kms list-aliases --endpoint-url {overview.endpoint}</code> lists all.
        </Empty>
      ) : null}
      <Pages
        isBehind={after !== undefined}
        first={addressOf(['keys'], { find })}
        next={page.value?.next && addressOf(['keys'], { find, after: page.value.next })}
        of="keys"
      />
      {isMaking ? <CreateKey region={overview.region} onClose={() => setMaking(false)} /> : null}
    </>
  )
}

/** Leads to a key by its id or ARN, and to those whose aliases begin so. */
function Find({ value, region }: { value: string; region: string }) {
  const [text, setText] = useState(value)
  const find = (event: Event) => {
    event.preventDefault()
    const [, place = region, id] = /^(?:arn:aws:kms:([^:]*):\d*:key\/)?((?:mrk-)?[0-9a-f-]{32,36})$/.exec(text) ?? []
    if (id === undefined) go(['keys'], { find: text })
    else go(['keys', place, id])
  }
  return (
    <form class="bar" onSubmit={find}>
      <label>
        Alias, id or ARN{' '}
        <input type="search" value={text} onInput={(event) => setText(event.currentTarget.value.trim())} />
      </label>
      <button type="submit">Find</button>
    </form>
  )
}

const columns: Column<KeyRow>[] = [
  {
    title: 'Key',
    show: ({ region, keyId, aliases }) => (
      <a href={addressOf(['keys', region, keyId])}>{aliases.length > 0 ? aliases.join(', ') : keyId}</a>
    ),
  },
  { title: 'State', isShort: true, show: (key) => <KeyState state={key.state} /> },
  { title: 'Spec', isShort: true, show: ({ keySpec }) => keySpec.replace('SYMMETRIC_DEFAULT', 'symmetric') },
  { title: 'Managed by', isShort: true, show: ({ manager }) => (manager === 'AWS' ? 'AWS' : 'customer') },
  { title: 'Region', isShort: true, show: ({ region }) => region },
  { title: 'Description', show: ({ description }) => description },
  { title: 'Created', isShort: true, show: ({ creationDate }) => moment(creationDate) },
]

/** The state of a key, in KMS's word. */
export function KeyState({ state }: { state: string }) {
  const kind = state === 'Enabled' ? 'good' : state === 'Disabled' ? 'warn' : 'bad'
  return <Badge kind={kind}>{state}</Badge>
}

function CreateKey({ region, onClose }: { region: string; onClose(): void }) {
  const [alias, setAlias] = useState('')
  const [description, setDescription] = useState('')
  const run = async () => {
    const { KeyMetadata } = await callKms<{ KeyMetadata: { KeyId: string } }>(
      'CreateKey',
      { Description: description },
      region,
    )
    const { KeyId } = KeyMetadata
    if (alias !== '') await callKms('CreateAlias', { AliasName: `alias/${alias}`, TargetKeyId: KeyId }, region)
    go(['keys', region, KeyId])
  }
  return (
    <FormDialog title="Create a symmetric key" action="Create" onClose={onClose} run={run}>
      <label class="field">
        Alias, behind alias/
        <input value={alias} pattern="[A-Za-z0-9\/_\-]+" onInput={(event) => setAlias(event.currentTarget.value)} />
      </label>
      <label class="field">
        Description
        <input value={description} onInput={(event) => setDescription(event.currentTarget.value)} />
      </label>
    </FormDialog>
  )
}
