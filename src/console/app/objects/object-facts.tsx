import type { ComponentChildren } from 'preact'
import type { ObjectDetails } from '../../answers.ts'
import { bytes, moment } from '../format.ts'
import { Badge } from '../parts/notice.tsx'
import { Scheme } from './scheme.tsx'

/** What is known of an object. */
export function ObjectFacts({ details }: { details: ObjectDetails }) {
  const { versionId, size, lastModified, contentType, etag, checksum, retention, legalHold, storageClass } = details
  const others = Object.entries(details.systemMetadata).filter(([name]) => name !== 'content-type')
  const rows: [string, ComponentChildren][] = [
    ['Size', `${bytes(size)} (${size.toLocaleString('en')} bytes)`],
    ['Changed', moment(lastModified)],
    ['Type', contentType ?? 'application/octet-stream'],
    ['Sealed', <Scheme key="scheme" row={details} />],
    ['ETag', <code key="etag">{etag}</code>],
    ['Version', <code key="version">{versionId}</code>],
    ['Storage class', storageClass ?? 'STANDARD'],
    ['Checksum', checksum ? `${checksum.algorithm}, ${checksum.type}` : undefined],
    ['Retention', retention ? `${retention.mode} until ${moment(retention.until)}` : undefined],
    ['Legal hold', legalHold ? <Badge kind="warn">on</Badge> : undefined],
    ...others,
    ...Object.entries(details.userMetadata).map(([name, value]): [string, string] => [`x-amz-meta-${name}`, value]),
    ...Object.entries(details.tags).map(([name, value]): [string, string] => [`tag ${name}`, value]),
  ]
  return (
    <dl>
      {rows
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <>
            <dt key={`${name} term`}>{name}</dt>
            <dd key={name}>{value}</dd>
          </>
        ))}
    </dl>
  )
}
