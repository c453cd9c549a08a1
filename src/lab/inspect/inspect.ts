import { sealedSize, segmentCount } from '../../crypto/segment-arithmetic.ts'
import { bucketRecords } from '../../s3/records/buckets.ts'
import { bodiesOf } from '../../s3/records/object-bodies.ts'
import { isMarker, type ObjectRecord } from '../../s3/records/object-record.ts'
import { currentOf, versionOf } from '../../s3/records/versions.ts'
import { describeEnvelope, type EnvelopeDescription } from '../../s3/sse/describe-envelope.ts'
import type { Services } from '../../services.ts'
import { LabRefusal } from '../refusal.ts'
import { callsAbout, type ObjectCall } from './object-calls.ts'
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
  /** The first bytes of the first segment as they lie on the disk, in hex; undefined where they would be plaintext. */
  firstBytes?: string
  /** How many calls of KMS about it the trail has, refused ones among them; about its bucket where a bucket key serves. */
  callCount: number
  /** The newest of them, the oldest first. */
  calls: ObjectCall[]
}

export interface InspectOptions {
  /** How many calls are shown, the newest ones; default 20. */
  limit?: number
}

const firstBytesShown = 32
const callsShown = 20

/**
 * Looks at an object: nobody's permission is asked, KMS is not called, and no event is left.
 * @param uri `s3://bucket/key?versionId=…`
 * @throws LabRefusal
 */
export async function inspect(
  services: Services,
  uri: string,
  { limit = callsShown }: InspectOptions = {},
): Promise<Inspection> {
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
    firstBytes: envelope.layers === 0 ? undefined : await firstBytesOf(services, bodies[0]?.blob),
    ...(await callsAbout(services, envelope, limit)),
  }
}

function findRecord(
  { inProcess: { database } }: Services,
  { bucket, key, versionId }: ObjectAddress,
): { record: ObjectRecord; isLatest: boolean } {
  if (!database.get(bucketRecords, [bucket])) throw new LabRefusal('absent', `There is no bucket ${bucket}`)
  const current = currentOf(database, [bucket, key])
  const record = versionId === undefined ? current : versionOf(database, [bucket, key], versionId)
  const name = `s3://${bucket}/${key}`
  if (!record && versionId !== undefined && current) {
    throw new LabRefusal('absent', `${name} has no version ${versionId}`)
  }
  if (!record) throw new LabRefusal('absent', `There is no ${name}`)
  if (isMarker(record)) throw new LabRefusal('absent', markerWords(name, versionId))
  return { record, isLatest: record.versionId === current?.versionId }
}

function markerWords(name: string, versionId: string | undefined): string {
  if (versionId === undefined) return `${name} is deleted: a delete marker is its newest version`
  return `The version ${versionId} of ${name} is a delete marker: nothing lies under it`
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
