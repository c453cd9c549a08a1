import { sealedSize, segmentCount } from '../../crypto/segment-arithmetic.ts'
import { bodiesOf } from '../../s3/records/object-bodies.ts'
import { isMarker, type ObjectRecord } from '../../s3/records/object-record.ts'
import { currentOf, versionOf } from '../../s3/records/versions.ts'
import { describeEnvelope } from '../../s3/sse/describe-envelope.ts'
import type { Services } from '../../services.ts'
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
    envelope: envelopeOf(services, { bucket, key, versionId: version.versionId }, version),
  }
}

function envelopeOf({ inProcess }: Services, target: Required<ObjectAddress>, record: ObjectRecord): EnvelopeDetails {
  const { encryptedDataKey, segmentOverhead, ...described } = describeEnvelope(record.envelope, target)
  const parts = bodiesOf(inProcess.database, target, record)
  const dataKey = encryptedDataKey === undefined ? undefined : Buffer.from(encryptedDataKey, 'base64')
  return {
    layers: described.layers,
    bucketKeyEnabled: described.bucketKeyEnabled,
    encryptionContext: described.encryptionContext,
    encryptedDataKey: dataKey?.length,
    madeBy: dataKey && inProcess.kms.makerOf(dataKey),
    segmentSize: described.segmentSize,
    segmentOverhead,
    parts: parts.slice(0, partsShown).map(({ number, size }) => ({
      number,
      size,
      storedSize: sealedSize(size, segmentOverhead),
      segments: segmentCount(size),
    })),
    isMultipart: !('blob' in record.body),
    partCount: parts.length,
    storedSize: parts.reduce((sum, { size }) => sum + sealedSize(size, segmentOverhead), 0),
  }
}
