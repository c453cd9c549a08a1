import { segmentCount } from '../../crypto/segment-arithmetic.ts'
import { bodiesOf } from '../../s3/records/object-bodies.ts'
import { isMarker, type ObjectRecord } from '../../s3/records/object-record.ts'
import { currentOf, versionOf } from '../../s3/records/versions.ts'
import { describeEnvelope } from '../../s3/sse/describe-envelope.ts'
import type { Database } from '../../store/database.ts'
import type { EnvelopeDetails, ObjectDetails } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'
import { rowOf } from './objects.ts'

const partsShown = 1000

export interface ObjectAddress {
  bucket: string
  key: string
  /** The current version where it is left out. */
  versionId?: string
}

/**
 * An object as its record has it.
 * @throws ConsoleRefusal where there is none, or a delete marker
 */
export function readObject(
  { services, ambient }: ApiContext,
  { bucket, key, versionId }: ObjectAddress,
): ObjectDetails {
  const { database } = services.inProcess
  const current = currentOf(database, [bucket, key])
  const version = versionId === undefined ? current : versionOf(database, [bucket, key], versionId)
  if (!version) throw new ConsoleRefusal(404, `There is no ${key} in ${bucket}`)
  if (isMarker(version))
    throw new ConsoleRefusal(404, `${key} in ${bucket} is deleted: its newest version is a delete marker`)
  const { attributes, checksum, systemMetadata, userMetadata, etag } = version
  return {
    ...rowOf(key, version, version.versionId === current?.versionId, ambient.now()),
    bucket,
    etag,
    contentType: systemMetadata['content-type'],
    systemMetadata,
    userMetadata,
    tags: Object.fromEntries((attributes?.tags ?? []).map(({ Key, Value }) => [Key, Value])),
    checksum: checksum && { algorithm: checksum.algorithm, type: checksum.type },
    retention: attributes?.retention && {
      mode: attributes.retention.mode,
      until: attributes.retention.retainUntil,
    },
    legalHold: attributes?.legalHold === 'ON',
    envelope: envelopeOf(database, { bucket, key, versionId: version.versionId }, version),
  }
}

function envelopeOf(database: Database, target: Required<ObjectAddress>, record: ObjectRecord): EnvelopeDetails {
  const described = describeEnvelope(record.envelope, target)
  const parts = bodiesOf(database, target, record)
  const { encryptedDataKey } = described
  return {
    layers: described.layers,
    bucketKeyEnabled: described.bucketKeyEnabled,
    encryptionContext: described.encryptionContext,
    encryptedDataKey: encryptedDataKey === undefined ? undefined : Buffer.from(encryptedDataKey, 'base64').length,
    segmentSize: described.segmentSize,
    segmentOverhead: described.segmentOverhead,
    parts: parts.slice(0, partsShown).map(({ number, size }) => ({ number, size, segments: segmentCount(size) })),
    partCount: parts.length,
  }
}
