import { sealedSize, segmentCount } from '../../crypto/segment-arithmetic.ts'
import { bodiesOf } from '../../s3/records/object-bodies.ts'
import { isMarker, type ObjectRecord } from '../../s3/records/object-record.ts'
import { currentOf, versionOf } from '../../s3/records/versions.ts'
import { describeEnvelope, type EnvelopeDescription } from '../../s3/sse/describe-envelope.ts'
import type { Services } from '../../services.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { contextsOf } from '../../trail/event-attributes.ts'
import { LabRefusal } from '../refusal.ts'
import { type ObjectAddress, parseObjectUri } from './object-uri.ts'

/** An object as it lies in the store. Neither plaintext nor a key that opens anything is in it. */
export interface Inspection {
  bucket: string
  key: string
  versionId: string
  isLatest: boolean
  /** Bytes of the plaintext. */
  size: number
  /** Bytes as stored, with what sealing adds. */
  storedSize: number
  /** ISO 8601 */
  lastModified: string
  etag: string
  envelope: EnvelopeDescription
  /** In order; one where it was no multipart upload. */
  parts: { number: number; size: number; storedSize: number; segments: number }[]
  /** The first bytes of the first segment as they lie on the disk, in hex. */
  firstBytes: string
  /** The newest calls of KMS about it, or about its bucket where a bucket key serves; the newest first. */
  calls: { time: string; event: string; caller: string; requestId?: string; error?: string }[]
}

const firstBytesShown = 32
const callsLookedAt = 1000
const callsShown = 20

/**
 * Looks at an object: nobody's permission is asked, KMS is not called, and no event is left.
 * @param uri `s3://bucket/key?versionId=…`
 * @throws LabRefusal
 */
export async function inspect(services: Services, uri: string): Promise<Inspection> {
  const address = parseObjectUri(uri)
  const { database } = services.inProcess
  const { record, isLatest } = findRecord(services, address)
  const { bucket, key } = address
  const target = { bucket, key, versionId: record.versionId }
  const envelope = describeEnvelope(record.envelope, target)
  const bodies = bodiesOf(database, target, record)
  const parts = bodies.map(({ number, size }) => ({
    number,
    size,
    storedSize: sealedSize(size, envelope.segmentOverhead),
    segments: segmentCount(size),
  }))
  return {
    ...target,
    isLatest,
    size: record.size,
    storedSize: parts.reduce((sum, { storedSize }) => sum + storedSize, 0),
    lastModified: new Date(record.lastModified).toISOString(),
    etag: record.etag,
    envelope,
    parts,
    firstBytes: await firstBytesOf(services, bodies[0]?.blob),
    calls: await callsAbout(services, envelope),
  }
}

function findRecord(
  { inProcess: { database } }: Services,
  { bucket, key, versionId }: ObjectAddress,
): { record: ObjectRecord; isLatest: boolean } {
  const current = currentOf(database, [bucket, key])
  const record = versionId === undefined ? current : versionOf(database, [bucket, key], versionId)
  const name = `s3://${bucket}/${key}${versionId === undefined ? '' : `?versionId=${versionId}`}`
  if (!record) throw new LabRefusal('absent', `There is no ${name}`)
  if (isMarker(record)) throw new LabRefusal('absent', `${name} is deleted: a delete marker is its newest version`)
  return { record, isLatest: record.versionId === current?.versionId }
}

async function firstBytesOf({ bodies }: Services, blob: number | undefined): Promise<string> {
  if (blob === undefined) return ''
  const pin = bodies.pin([blob])
  try {
    for await (const segment of bodies.read(blob, 0, 1)) {
      return Buffer.from(segment.subarray(0, firstBytesShown)).toString('hex')
    }
    return ''
  } finally {
    pin.release()
  }
}

async function callsAbout(services: Services, { keyArn, encryptionContext }: EnvelopeDescription) {
  const wanted = encryptionContext?.['aws:s3:arn']
  if (keyArn === undefined || wanted === undefined) return []
  const [, , , region = '', accountId = ''] = keyArn.split(':')
  const attribute = { key: 'ResourceName' as const, value: keyArn }
  const { records } = await services.lookupEvents({ accountId, region, attribute, limit: callsLookedAt })
  return records
    .filter((record) => contextsOf(record).some((context) => context['aws:s3:arn'] === wanted))
    .slice(0, callsShown)
    .map(shown)
}

function shown({ eventTime, eventName, userIdentity, requestID, errorCode }: TrailRecord): Inspection['calls'][number] {
  const { arn, type } = userIdentity
  return { time: eventTime, event: eventName, caller: String(arn ?? type), requestId: requestID, error: errorCode }
}
