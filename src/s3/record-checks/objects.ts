import { checksumAlgorithms } from '../../crypto/checksums.ts'
import { type CheckContext, faultsWhere, type RecordCheck, recordCheck } from '../../store/record-check.ts'
import {
  base64,
  count,
  either,
  flag,
  listOf,
  mapOf,
  mark,
  members,
  object,
  oneOf,
  optional,
  text,
  time,
  yes,
} from '../../store/record-shape.ts'
import { restoreMoments } from '../objects/restore-events.ts'
import { bucketRecords } from '../records/buckets.ts'
import type { ObjectAttributes, Retention, Tag } from '../records/object-attributes.ts'
import {
  currentMarkers,
  type DeleteMarker,
  isMarker,
  nullOrders,
  nullVersion,
  type ObjectBody,
  type ObjectRecord,
  type ObjectVersion,
  objectParts,
  objectRecords,
  objectVersions,
  type StoredChecksum,
  versionOrders,
} from '../records/object-record.ts'
import type { ReplicationRecord } from '../records/replication.ts'
import type { RestoreRecord } from '../records/restore.ts'
import { orderOfId } from '../records/version-id.ts'
import { currentOf, orderOf, type Place, versionOf } from '../records/versions.ts'
import type { EnvelopeRecord, ManifestEntry } from '../sse/envelope.ts'
import { faultsOfIndexing } from './lifecycle.ts'

export const checksum = members<StoredChecksum>({
  algorithm: oneOf(...checksumAlgorithms),
  type: oneOf('FULL_OBJECT', 'COMPOSITE'),
  value: text,
  sealed: optional(flag),
})
const entry = { number: count, blob: count, salt: base64, size: count }

const body = members<ObjectBody>({ ...entry, etag: optional(text), checksum: optional(checksum) })

export const envelope = members<EnvelopeRecord>({
  scheme: oneOf('none', 'SSE-S3', 'SSE-KMS', 'DSSE-KMS', 'SSE-C'),
  keyArn: optional(text),
  bucketKeyEnabled: optional(flag),
  context: optional(mapOf(text)),
  sealed: optional(mapOf(text)),
})

export const attributes = optional(
  members<ObjectAttributes>({
    tags: optional(listOf(members<Tag>({ Key: text, Value: text }))),
    storageClass: optional(text),
    websiteRedirectLocation: optional(text),
    retention: optional(members<Retention>({ mode: oneOf('GOVERNANCE', 'COMPLIANCE'), retainUntil: time })),
    legalHold: optional(oneOf('ON', 'OFF')),
  }),
)

const ofVersion = { versionId: text, order: optional(count), isMoved: mark, lastModified: time, ownerAccountId: text }

const objectShape = members<ObjectRecord>({
  ...ofVersion,
  size: count,
  etag: text,
  systemMetadata: mapOf(text),
  userMetadata: mapOf(text),
  attributes,
  restore: optional(
    members<RestoreRecord>({
      tier: oneOf('Expedited', 'Standard', 'Bulk'),
      days: count,
      readyAt: time,
      expiresAt: time,
    }),
  ),
  replication: optional(members<ReplicationRecord>({ isReplica: mark, destinations: optional(mapOf(text)) })),
  acl: optional(listOf(object)),
  checksum: optional(checksum),
  envelope,
  manifest: text,
  uploadId: optional(text),
  body: either(members<ManifestEntry>(entry), members<{ partCount: number }>({ partCount: count })),
})

const markerShape = members<DeleteMarker>({ ...ofVersion, isDeleteMarker: yes })

type Records = CheckContext['records']

/** Versions of objects, where they lie among those of their key, and the bodies of multipart ones. */
export const objectChecks: readonly RecordCheck[] = [
  recordCheck(
    objectRecords,
    objectShape,
    ({ key, value }, { records }) => [
      ...faultsOfVersion(key, value, records),
      ...faultsOfParts(key, value, records),
      ...faultsOfIndexing(key, value, records),
      ...faultsWhere([!records.isMissing(currentMarkers, key), 'is current beside a delete marker']),
    ],
    ({ key, value }) => versionUri(key, value.versionId),
  ),
  recordCheck(
    currentMarkers,
    markerShape,
    ({ key, value }, { records }) => [
      ...faultsOfVersion(key, value, records),
      ...faultsOfIndexing(key, value, records),
    ],
    ({ key, value }) => versionUri(key, value.versionId),
  ),
  recordCheck(
    objectVersions,
    { fault: (value) => (markerShape.fault(value) === undefined ? undefined : objectShape.fault(value)) },
    ({ key: [bucket, key, order], value }, { records }) => [
      ...faultsOfVersion([bucket, key], value, records),
      ...faultsOfParts([bucket, key], value, records),
      ...faultsOfOrder([bucket, key], order, value, records),
      ...faultsOfIndexing([bucket, key], value, records),
    ],
    ({ key, value }) => versionUri(key, value.versionId),
  ),
  recordCheck(nullOrders, count, ({ key, value: order }, { records }) => faultsOfWay(key, order, nullVersion, records)),
  recordCheck(versionOrders, count, ({ key: [bucket, key, id], value: order }, { records }) =>
    faultsOfWay([bucket, key], order, id, records),
  ),
  recordCheck(
    objectParts,
    listOf(body),
    ({ key: [bucket, key, id] }, { records }) => {
      const version = versionOf(records, [bucket, key], id)
      return faultsWhere([
        !version && !isAnyUnread([bucket, key], id, records),
        'are the parts of a version that is missing',
      ])
    },
    ({ key }) => versionUri(key, key[2]),
  ),
  recordCheck(restoreMoments, oneOf('readyAt', 'expiresAt')),
]

/** `s3://bucket/key?versionId=…` @param place bucket, key, and what else its record's key has */
export function versionUri([bucket, key]: readonly (string | number)[], versionId: string): string {
  return `s3://${bucket}/${key}?versionId=${versionId}`
}

function faultsOfVersion([bucket, key]: Place, value: ObjectVersion, records: Records): string[] {
  if (records.isMissing(bucketRecords, [bucket])) return ['is in a bucket that is missing']
  const { versionId, order, isMoved } = value
  const told = versionId === nullVersion ? order : orderOfId(versionId)
  return faultsWhere(
    [key === '', 'has no key'],
    [told === undefined && versionId !== nullVersion, 'has a version id that was never given'],
    [!isMoved && told !== order, 'does not stand where its version id says'],
  )
}

/** What it is made of: as many parts as it says. */
function faultsOfParts([bucket, key]: Place, value: ObjectVersion, records: Records): string[] {
  if (isMarker(value) || 'blob' in value.body) return []
  const place: [string, string, string] = [bucket, key, value.versionId]
  if (records.isMissing(objectParts, place)) return ['has no list of its parts']
  const parts = records.get(objectParts, place)
  if (!parts) return []
  return faultsWhere(
    [parts.length !== value.body.partCount, `has ${parts.length} parts in place of ${value.body.partCount}`],
    [parts.some(({ number }, index) => number <= (parts[index - 1]?.number ?? 0)), 'has parts out of order'],
  )
}

/** Behind a current one, where it is found. */
function faultsOfOrder([bucket, key]: Place, order: number, value: ObjectVersion, records: Records): string[] {
  const current = currentOf(records, [bucket, key])
  const hasCurrent =
    !records.isMissing(objectRecords, [bucket, key]) || !records.isMissing(currentMarkers, [bucket, key])
  const { versionId } = value
  const isLost =
    versionId === nullVersion
      ? records.get(nullOrders, [bucket, key]) !== order
      : value.isMoved && records.get(versionOrders, [bucket, key, versionId]) !== order
  return faultsWhere(
    [!hasCurrent, 'is noncurrent, and its key has no current version'],
    [value.order !== undefined && value.order !== order, 'lies in the place of another'],
    [current !== undefined && orderOf(current) >= order, 'is newer than the current version'],
    [current?.versionId === versionId, 'has the id of the current version'],
    [isLost === true, 'is not found by its id'],
  )
}

/** A way to a version leads to it. */
function faultsOfWay([bucket, key]: Place, order: number, id: string, records: Records): string[] {
  if (records.isMissing(objectVersions, [bucket, key, order])) return ['leads to no version']
  const found = records.get(objectVersions, [bucket, key, order])
  return faultsWhere([found !== undefined && found.versionId !== id, 'leads to another version'])
}

/** Whether a version may be one that is there and cannot be read. */
function isAnyUnread([bucket, key]: Place, id: string, records: Records): boolean {
  const isCurrentUnread = !records.isMissing(objectRecords, [bucket, key]) && !records.get(objectRecords, [bucket, key])
  const order = id === nullVersion ? records.get(nullOrders, [bucket, key]) : orderOfId(id)
  return isCurrentUnread || (order !== undefined && !records.isMissing(objectVersions, [bucket, key, order]))
}
