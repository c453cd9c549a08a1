import { useState } from 'preact/hooks'
import type { VersionRow } from '../../answers.ts'
import { callS3 } from '../api.ts'
import { Notice } from '../parts/notice.tsx'

interface RestoreButtonProps {
  bucket: string
  /** A delete marker. */
  row: VersionRow
  onDone(): void
}

/** Deletes a delete marker: what it hides is there again. */
export function RestoreButton({ bucket, row: { key, versionId, isLatest }, onDone }: RestoreButtonProps) {
  const [error, setError] = useState<Error>()
  const restore = () => {
    callS3({ method: 'DELETE', bucket, key, query: { versionId } }).then(onDone, setError)
  }
  return (
    <>
      <button type="button" onClick={restore}>
        {isLatest ? 'Restore' : 'Delete marker'}
        <span class="unseen"> {key}</span>
      </button>
      <Notice error={error} />
    </>
  )
}
