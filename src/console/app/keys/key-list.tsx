import { useCallback, useState } from 'preact/hooks'
import type { KeyRow, Overview } from '../../answers.ts'
import { addressOf, go } from '../address.ts'
import { callKms } from '../api.ts'
import { useCalls } from '../calls.ts'
import { moment } from '../format.ts'
import { useKeys } from '../known-keys.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { Badge, Empty, Notice } from '../parts/notice.tsx'
import { type Column, Table } from '../parts/table.tsx'

/** All keys, the AWS managed ones included. */
export function KeyList({ overview }: { overview: Overview }) {
  const keys = useKeys()
  const [isMaking, setMaking] = useState(false)
  useCalls(useCallback(() => keys.reload(), [keys.reload]))
  const rows = keys.value
  return (
    <>
      <div class="bar">
        <h1>KMS keys</h1>
        <span class="grow" />
        <button type="button" class="main" onClick={() => setMaking(true)}>
          Create key
        </button>
      </div>
      <Notice error={keys.error} />
      {rows && rows.length > 0 ? (
        <Table caption="KMS keys" columns={columns} rows={rows} nameOf={({ arn }) => arn} />
      ) : null}
      {rows?.length === 0 ? (
        <Empty>
          No key yet; <code>alias/aws/s3</code> is made when S3 first needs it. Create one here, or:{' '}
          <code>aws kms create-key --endpoint-url {overview.endpoint}</code>
        </Empty>
      ) : null}
      {isMaking ? <CreateKey region={overview.region} onClose={() => setMaking(false)} /> : null}
    </>
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
