import { useState } from 'preact/hooks'
import type { ObjectDetails } from '../../answers.ts'
import { callS3 } from '../api.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { xml } from '../xml.ts'
import type { Address } from './object-page.tsx'
import { pairsIn } from './seal-headers.ts'

/** Tags as lines of name=value. */
export function EditTags({ details, address, onClose }: { details: ObjectDetails; address: Address; onClose(): void }) {
  const [text, setText] = useState(() =>
    Object.entries(details.tags)
      .map((pair) => pair.join('='))
      .join('\n'),
  )
  const run = () => {
    const { bucket, key, versionId } = address
    const tags = pairsIn(text, '=').map(([Key, Value]) => ({ Key, Value }))
    const body = xml('Tagging', { TagSet: { Tag: tags } })
    return callS3({ method: 'PUT', bucket, key, query: { tagging: '', versionId }, body })
  }
  return (
    <FormDialog title="Tags" action="Save" onClose={onClose} run={run}>
      <label class="field">
        One name=value a line
        <textarea rows={6} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
    </FormDialog>
  )
}
