import { useState } from 'preact/hooks'
import { addressOf } from '../address.ts'
import { control } from '../api.ts'
import { bytes, keyName } from '../format.ts'
import { useKeyNames } from '../known-keys.ts'
import { Badge, Notice } from '../parts/notice.tsx'
import { Table } from '../parts/table.tsx'

interface Finding {
  kind: string
  level: 'error' | 'warning' | 'note'
  where: string
  message: string
}

interface Audit {
  objects: { scheme: string; keyArn?: string; versions: number; bytes: number }[]
  findings: Finding[]
  counts: Record<string, number>
}

const shownAtMost = 200

/** What lies how, and what is wrong with that. */
export function AuditPanel() {
  const [audit, setAudit] = useState<Audit>()
  const [error, setError] = useState<Error>()
  const [isBusy, setBusy] = useState(false)
  const aliases = useKeyNames((audit?.objects ?? []).flatMap(({ keyArn }) => keyArn ?? []))
  const run = () => {
    setError(undefined)
    setBusy(true)
    control<Audit>('GET', '/audit')
      .then(setAudit, setError)
      .finally(() => setBusy(false))
  }
  return (
    <section aria-labelledby="audit">
      <h2 id="audit">Audit</h2>
      <p>
        <button type="button" class="main" disabled={isBusy} onClick={run}>
          Look at everything
        </button>
      </p>
      <Notice error={error} />
      {audit ? (
        <>
          <Table
            caption="Objects by scheme and key"
            columns={[
              {
                title: 'Sealed',
                show: ({ scheme }) => (scheme === 'none' ? <Badge kind="warn">in clear</Badge> : scheme),
              },
              { title: 'KMS key', show: ({ keyArn }) => (keyArn === undefined ? '' : keyName(keyArn, aliases)) },
              { title: 'Versions', isNumber: true, show: ({ versions }) => versions.toLocaleString('en') },
              { title: 'Size', isNumber: true, show: (row) => bytes(row.bytes) },
            ]}
            rows={audit.objects}
            nameOf={({ scheme, keyArn }) => `${scheme} ${keyArn}`}
          />
          <p aria-live="polite">
            {audit.findings.length === 0
              ? 'Nothing was found.'
              : Object.entries(audit.counts)
                  .map(([kind, count]) => `${count} ${kind}`)
                  .join(', ')}
          </p>
          <ul>
            {audit.findings.slice(0, shownAtMost).map(({ kind, level, where, message }) => (
              <li key={message}>
                <Badge kind={level === 'error' ? 'bad' : level === 'warning' ? 'warn' : undefined}>{kind}</Badge>{' '}
                <Found where={where} message={message} />
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  )
}

/** A finding, with a link to what it is about. */
function Found({ where, message }: { where: string; message: string }) {
  const address = addressFor(where)
  if (address === undefined) return <>{message}</>
  return (
    <>
      <a href={address}>{where}</a>
      {message.slice(where.length)}
    </>
  )
}

function addressFor(where: string): string | undefined {
  const [, bucket, rest] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(where) ?? []
  if (bucket !== undefined) {
    // An upload in progress is no object yet.
    if (/\?uploadId=\w+$/.test(where)) return undefined
    const [, key = rest, versionId] = /^(.+)\?versionId=([^?&]+)$/s.exec(rest ?? '') ?? []
    return addressOf(['objects', bucket], { key, versionId })
  }
  const [, , service, region = '', , resource = ''] = where.split(':')
  return service === 'kms' ? addressOf(['keys', region, resource.replace(/^key\//, '')]) : undefined
}
