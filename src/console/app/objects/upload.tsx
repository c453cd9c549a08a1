import { useState } from 'preact/hooks'
import { refusalOf, s3Target } from '../api.ts'
import { bytes, count } from '../format.ts'
import { useKeys } from '../known-keys.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { tokenHeaders } from '../session.ts'

const schemes = {
  '': 'as the bucket has it',
  AES256: 'SSE-S3',
  'aws:kms': 'SSE-KMS',
  'aws:kms:dsse': 'DSSE-KMS',
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
  const [progress, setProgress] = useState({ done: 0, sent: 0 })
  const keys = useKeys()
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const isKms = scheme.startsWith('aws:kms')
  const run = async () => {
    const headers = headersOf(scheme, isKms ? key : '', isKms ? context : '')
    let before = 0
    for (const [index, file] of files.entries()) {
      const name = `${prefix}${file.webkitRelativePath || file.name}`
      await put(s3Target({ bucket, key: name }), file, headers, (sent) =>
        setProgress({ done: index, sent: before + sent }),
      )
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

/** @throws Error where a line of the context is no pair */
function headersOf(scheme: string, key: string, context: string): Record<string, string> {
  if (scheme === '') return {}
  const headers: Record<string, string> = { 'x-amz-server-side-encryption': scheme }
  if (key !== '') headers['x-amz-server-side-encryption-aws-kms-key-id'] = key
  const lines = context.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return headers
  const pairs = lines.map((line) => {
    const [, name, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined) throw new Error(`The encryption context has a line that is no name=value: ${line}`)
    return [name, value]
  })
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(pairs)))
  headers['x-amz-server-side-encryption-context'] = btoa(String.fromCharCode(...text))
  return headers
}

/** By XMLHttpRequest: fetch tells nothing of what is on its way. @throws Refused */
function put(
  target: string,
  file: File,
  headers: Record<string, string>,
  onSent: (bytes: number) => void,
): Promise<void> {
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
    request.send(file)
  })
}
