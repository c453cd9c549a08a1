import { useState } from 'preact/hooks'
import type { BucketName } from '../../answers.ts'
import { read } from '../api.ts'
import { useChanges } from '../changes.ts'
import { useLoaded } from '../loaded.ts'
import { SettingEditor } from '../objects/bucket-settings.tsx'
import { Empty, Notice } from '../parts/notice.tsx'

/** The policy of one bucket after another, to be changed; S3 says what is wrong with it. */
export function BucketPolicies({ endpoint }: { endpoint: string }) {
  const buckets = useLoaded<BucketName[]>((signal) => read('bucket-names', {}, signal), 'bucket-names')
  const [chosen, setChosen] = useState<string>()
  useChanges(buckets.reload)
  const rows = buckets.value
  const bucket = rows?.find(({ name }) => name === chosen)?.name ?? rows?.[0]?.name
  return (
    <section aria-labelledby="policies">
      <h2 id="policies">Bucket policies</h2>
      <Notice error={buckets.error} />
      {rows?.length === 0 ? (
        <Empty>
          No bucket yet: <code>aws s3 mb s3://uploads --endpoint-url {endpoint}</code>
        </Empty>
      ) : null}
      {rows === undefined || bucket === undefined ? null : (
        <>
          <label class="field">
            Bucket
            <select value={bucket} onChange={(event) => setChosen(event.currentTarget.value)}>
              {rows.map(({ name, hasPolicy }) => (
                <option key={name} value={name}>
                  {hasPolicy ? `${name}, has one` : name}
                </option>
              ))}
            </select>
          </label>
          <SettingEditor key={bucket} bucket={bucket} name="policy" />
        </>
      )}
    </section>
  )
}
