import { useState } from 'preact/hooks'
import { addressOf } from '../address.ts'
import { callS3, Refused } from '../api.ts'
import { useLoaded } from '../loaded.ts'
import { Notice } from '../parts/notice.tsx'

/** What can be set here, by subresource: S3's own documents, validated by S3. */
const documents = {
  policy: 'Policy (JSON)',
  encryption: 'Default encryption',
  versioning: 'Versioning',
  publicAccessBlock: 'Public access block',
  lifecycle: 'Lifecycle',
  cors: 'CORS',
  tagging: 'Tags',
  'object-lock': 'Object lock',
  notification: 'Notifications',
  ownershipControls: 'Ownership',
} as const

/** Documents to begin with; those of lists are S3's own examples, made short. */
function exampleOf(name: string, bucket: string): string | undefined {
  const rule = (content: string) => `<Rule>${content}</Rule>`
  const examples: Record<string, string> = {
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'DenyUnencrypted',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${bucket}/*`,
          Condition: { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
        },
      ],
    }),
    encryption: `<ServerSideEncryptionConfiguration>${rule(
      '<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>',
    )}</ServerSideEncryptionConfiguration>`,
    versioning: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    lifecycle: `<LifecycleConfiguration>${rule(
      '<ID>old</ID><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><Expiration><Days>30</Days></Expiration>',
    )}</LifecycleConfiguration>`,
    cors: '<CORSConfiguration><CORSRule><AllowedOrigin>http://localhost:3000</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>',
    tagging: '<Tagging><TagSet><Tag><Key>team</Key><Value>a</Value></Tag></TagSet></Tagging>',
    'object-lock': '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>',
  }
  const text = examples[name]
  return text && readable(text)
}

/** The configurations of a bucket, as S3 has them. */
export function BucketSettings({ bucket }: { bucket: string }) {
  const [name, setName] = useState<keyof typeof documents>('policy')
  return (
    <>
      <div class="bar">
        <h1>
          <a href={addressOf(['objects'])}>Buckets</a> / <a href={addressOf(['objects', bucket])}>{bucket}</a> /
          settings
        </h1>
      </div>
      <label class="field">
        Configuration
        <select value={name} onChange={(event) => setName(event.currentTarget.value as keyof typeof documents)}>
          {Object.entries(documents).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <SettingEditor key={name} bucket={bucket} name={name} />
    </>
  )
}

/** One of them as a text, to be changed, saved and deleted. */
export function SettingEditor({ bucket, name }: { bucket: string; name: string }) {
  const query = { [name]: '' }
  const found = useLoaded<string>(() => readDocument(bucket, query), `${bucket} ${name}`)
  const [text, setText] = useState<string>()
  const [error, setError] = useState<Error>()
  const [told, setTold] = useState('')
  const doing = (method: 'PUT' | 'DELETE', word: string) => () => {
    setError(undefined)
    setTold('')
    const body = method === 'PUT' ? (text ?? found.value ?? '') : undefined
    callS3({ method, bucket, query, body }).then(() => {
      setTold(word)
      setText(undefined)
      found.reload()
    }, setError)
  }
  const example = exampleOf(name, bucket)
  return (
    <>
      <Notice error={error ?? found.error} />
      <label class="field">
        Document; empty: nobody set it
        <textarea
          rows={18}
          spellcheck={false}
          value={text ?? found.value ?? ''}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <div class="bar">
        <button type="button" class="main" onClick={doing('PUT', 'Saved.')}>
          Save
        </button>
        <button type="button" class="danger" onClick={doing('DELETE', 'Deleted.')}>
          Delete
        </button>
        {example === undefined ? null : (
          <button type="button" onClick={() => setText(example)}>
            Begin with an example
          </button>
        )}
        <span role="status" class="quiet">
          {told}
        </span>
      </div>
    </>
  )
}

/** Absent ones are empty; which they are S3 says by its codes. */
async function readDocument(bucket: string, query: Record<string, string>): Promise<string> {
  try {
    return readable(await (await callS3({ bucket, query })).text())
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return ''
    throw error
  }
}

function readable(text: string): string {
  return text.startsWith('{') ? JSON.stringify(JSON.parse(text), undefined, 2) : indented(text)
}

/** One element a line. */
function indented(text: string): string {
  let depth = 0
  return text
    .replace(/^<\?xml[^>]*\?>\s*/, '')
    .replace(/></g, '>\n<')
    .split('\n')
    .map((line) => {
      if (/^<\//.test(line)) depth--
      const shown = '  '.repeat(Math.max(depth, 0)) + line
      if (/^<[^/!?][^>]*[^/]>$/.test(line) && !line.includes('</')) depth++
      return shown
    })
    .join('\n')
}
