import { inspect as inspectRoute } from '../control/routes/inspect.ts'
import type { Inspection } from '../lab/inspect/inspect.ts'
import { openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { lineOfJson, printable } from './output.ts'

/**
 * `s3kms-emu inspect s3://bucket/key`: how an object lies in the store.
 * @throws Error in one line
 */
export async function inspect(uri: string, flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const limit = flags.limit === undefined ? undefined : String(flags.limit)
  const inspection = await openClient(flags, environment, now).control(inspectRoute, { uri, limit })
  write(flags.json ? `${lineOfJson(inspection)}\n` : `${linesOf(inspection).map(printable).join('\n')}\n`)
  return 0
}

function linesOf(inspection: Inspection): string[] {
  const { bucket, key, versionId, isLatest, size, storedSize, etag, envelope, parts, firstBytes } = inspection
  const { scheme, keyArn, bucketKeyEnabled, encryptionContext = {}, encryptedDataKey, layers } = envelope
  const segments = parts.reduce((sum, part) => sum + part.segments, 0)
  const rows: [string, string | undefined][] = [
    ['version', `${versionId}${isLatest ? '' : ', not the current one'}`],
    ['size', `${size} bytes, ${storedSize} as stored`],
    ['etag', etag],
    ['scheme', scheme === 'none' ? 'none: it lies in clear, with checksums' : scheme],
    ['KMS key', keyArn],
    ['data key', encryptedDataKey && `${bucketKeyEnabled ? 'of a bucket key, ' : ''}${encryptedDataKey}`],
    ...Object.entries(encryptionContext).map(([name, value]): [string, string] => ['context', `${name}=${value}`]),
    ['layout', `${parts.length} part(s), ${segments} segment(s) of ${envelope.segmentSize} bytes, ${layers} layer(s)`],
    ['first bytes', firstBytes ?? 'not shown: they are plaintext'],
  ]
  return [
    `s3://${bucket}/${key}`,
    ...rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)}${value}`])),
    ...callLines(inspection),
  ]
}

function callLines({ envelope, callCount, calls }: Inspection): string[] {
  if (callCount === 0) return envelope.keyArn === undefined ? [] : ['KMS calls about it: none that the trail still has']
  const about = envelope.bucketKeyEnabled ? 'its bucket, whose bucket key serves it' : 'it'
  const cut = calls.length < callCount ? `, the newest ${calls.length} of them (--limit shows more)` : ''
  const lines = calls.map(({ time, event, caller, error }) => `  ${time}  ${event}  ${caller}  ${error ?? 'ok'}`)
  return [`KMS calls about ${about}: ${callCount}${cut}`, ...lines]
}
