import { useEffect, useState } from 'preact/hooks'
import { refusalOf, s3Target } from '../api.ts'
import { bytes, count } from '../format.ts'
import { useKeys } from '../known-keys.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { tokenHeaders } from '../session.ts'
import { CustomerKey, customerHeaders } from './customer-key.tsx'
import { pairsIn, sealHeaders } from './seal-headers.ts'

const schemes = {
  '': 'as the bucket has it',
  AES256: 'SSE-S3',
  'aws:kms': 'SSE-KMS',
  'aws:kms:dsse': 'DSSE-KMS',
  'SSE-C': 'SSE-C',
} as const

interface UploadProps {
  bucket: string
  prefix: string
  files: readonly File[]
  onClose(): void
}

/** Uploads files, one after another, sealed as was chosen. */
export function Upload({ bucket, prefix, files, onClose }: UploadProps) {
  const [scheme, setScheme] = useState<string>('')
  const [key, setKey] = useState('')
  const [context, setContext] = useState('')
  const [bucketKey, setBucketKey] = useState(false)
  const [customerKey, setCustomerKey] = useState('')
  const [progress, setProgress] = useState({ done: 0, sent: 0 })
  const keys = useKeys()
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const isKms = scheme.startsWith('aws:kms')
  // Closed while it runs, it uploads no more.
  const [ended] = useState(() => new AbortController())
  useEffect(() => () => ended.abort(), [ended])
  const run = async () => {
    const seal = isKms ? { keyId: key, context: Object.fromEntries(pairsIn(context, '=')), bucketKey } : {}
    const headers = scheme === 'SSE-C' ? customerHeaders(customerKey) : sealHeaders({ scheme, ...seal })
    let before = 0
    for (const [index, file] of files.entries()) {
      const name = `${prefix}${file.webkitRelativePath || file.name}`
      const onSent = (sent: number) => setProgress({ done: index, sent: before + sent })
      await put(s3Target({ bucket, key: name }), file, { headers, onSent, signal: ended.signal })
      before += file.size
      setProgress({ done: index + 1, sent: before })
    }
  }
  return (
    <FormDialog
      title={`Upload ${count(files.length, 'file')}, ${bytes(total)}`}
      action="Upload"
      onClose={onClose}
      run={run}
    >
      <label class="field">
        Encryption
        <select value={scheme} onChange={(event) => setScheme(event.currentTarget.value)}>
          {Object.entries(schemes).map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {scheme === 'SSE-C' ? <CustomerKey value={customerKey} onChange={setCustomerKey} /> : null}
      {isKms ? (
        <>
          <label class="field">
            KMS key
            <select value={key} onChange={(event) => setKey(event.currentTarget.value)}>
              <option value="">alias/aws/s3, or the bucket’s</option>
              {keys.map(({ arn, aliases, keyId, state }) => (
                <option key={arn} value={arn}>
                  {aliases[0] ?? keyId} ({state})
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Encryption context, one name=value a line
            <textarea rows={2} value={context} onInput={(event) => setContext(event.currentTarget.value)} />
          </label>
          {scheme === 'aws:kms' ? (
            <label>
              <input type="checkbox" checked={bucketKey} onChange={() => setBucketKey(!bucketKey)} /> bucket key: one
              data key for many objects
            </label>
          ) : null}
        </>
      ) : null}
      <label class="field">
        <span aria-live="polite">
          {progress.done} of {files.length}
        </span>
        <progress max={Math.max(total, 1)} value={progress.sent} />
      </label>
    </FormDialog>
  )
}

interface Put {
  headers: Record<string, string>
  /** Is told how many bytes are on their way. */
  onSent(bytes: number): void
  signal: AbortSignal
}

/** By XMLHttpRequest: fetch tells nothing of what is on its way. @throws Refused */
function put(target: string, file: File, { headers, onSent, signal }: Put): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', target)
    const sent = { 'content-type': file.type || 'application/octet-stream', ...headers, ...tokenHeaders() }
    for (const [name, value] of Object.entries(sent)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => onSent(loaded)
    request.onerror = () => reject(new Error('The emulator does not answer'))
    request.onload = () => {
      if (request.status < 300) return resolve()
      reject(
        refusalOf(request.status, request.responseText, request.getResponseHeader('x-amz-request-id') ?? undefined),
      )
    }
    request.onabort = () => reject(new Error('The upload was ended'))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}
