import { useState } from 'preact/hooks'
import type { SealedObjects } from '../../answers.ts'
import { addressOf } from '../address.ts'
import { read } from '../api.ts'
import { Notice } from '../parts/notice.tsx'

/** Looked for when somebody asks: no index leads from a key to its objects. */
export function ObjectsUnder({ arn }: { arn: string }) {
  const [found, setFound] = useState<SealedObjects>()
  const [error, setError] = useState<Error>()
  if (error) return <Notice error={error} />
  if (!found) {
    return (
      <button
        type="button"
        onClick={() => void read<SealedObjects>('sealed-objects', { key: arn }).then(setFound, setError)}
      >
        Look for them
      </button>
    )
  }
  return (
    <>
      <ul>
        {found.objects.map(({ bucket, key }) => (
          <li key={`${bucket}/${key}`}>
            <a href={addressOf(['objects', bucket], { key })}>{`s3://${bucket}/${key}`}</a>
          </li>
        ))}
      </ul>
      <p class="quiet">
        {found.objects.length} found among {found.seen.toLocaleString('en')} objects
        {found.isMore ? '; there are more' : ''}.
      </p>
    </>
  )
}
