import { objectArn } from '../../aws/arn.ts'
import { s3Errors } from '../errors.ts'
import type { ObjectRequest, S3Answer, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import {
  type DeleteMarker,
  isMarker,
  type ObjectRecord,
  type StoredChecksum,
  type StoredObject,
} from '../records/object-record.ts'
import { replicationStatusOf } from '../records/replication.ts'
import type { CustomerKey, Envelope } from '../sse/envelope.ts'
import { checkRead, checkTransport, readCustomerKey } from '../sse/headers.ts'
import { restoreHeader } from './archive.ts'
import { attributeHeaders } from './attributes.ts'
import { checksumHeaders, openChecksum } from './checksums.ts'
import { checkReadConditions } from './conditions.ts'
import { expirationHeader } from './lifecycle-headers.ts'
import { httpDate, metadataHeaders } from './metadata.ts'
import { type Lock, lockHeaders } from './object-lock.ts'
import { type ByteRange, parseRange } from './ranges.ts'
import { sealTarget, sessionOf } from './session.ts'
import { checkVersionId, markerHeaders, shownVersion } from './version-ids.ts'

/** A read that passed all checks that need no key. */
export interface Reading {
  bucket: BucketRecord
  key: string
  object: StoredObject
  customerKey: CustomerKey | undefined
  isNotModified: boolean
  /** ms since the epoch */
  now: number
  /** How many tags are told of: to who may read them. */
  tagCount: number
  /** The lock, as far as the caller may read it. */
  lock: Lock | undefined
  /** What is told of the object's expiry; undefined: nothing. */
  expiration: Record<string, string> | undefined
  /** Undefined: the whole object, status 200. */
  range?: ByteRange
  partNumber?: number
}

/**
 * Checks of a read all that needs no key.
 * @throws AwsError in the order in which S3 finds fault
 */
export function beginRead(services: S3Services, request: ObjectRequest, object: StoredObject): Reading {
  const { bucket, key, headers, query } = request
  checkTransport(headers, request.call.secure, services.settings.requireTlsForSseC)
  const customerKey = readCustomerKey(headers, 'request')
  checkRead(object.record.envelope, request, customerKey)
  const now = services.ambient.now()
  const isNotModified = checkReadConditions(headers, object.record, now) === 'not modified'
  const partNumber = readPartNumber(query.get('partNumber'))
  return {
    bucket,
    key,
    object,
    customerKey,
    isNotModified,
    now,
    partNumber,
    tagCount: tagCountFor(services, request, object.record),
    lock: lockFor(services, request, object.record),
    expiration: query.has('versionId') ? undefined : expirationHeader(services, bucket, key, object.record),
    range: isNotModified ? undefined : rangeFor(headers.range, object, partNumber),
  }
}

/** @returns undefined: the whole object */
function rangeFor(
  header: string | undefined,
  object: StoredObject,
  partNumber: number | undefined,
): ByteRange | undefined {
  if (partNumber === undefined) return parseRange(header, object.record.size)
  if (header !== undefined) {
    throw s3Errors.InvalidRequest('Cannot specify both Range header and partNumber query parameter')
  }
  return rangeOfPart(object, partNumber)
}

/** "When you have the relevant permission to read object tags" (GetObject in the API Reference, x-amz-tagging-count). */
function tagCountFor({ access }: S3Services, request: ObjectRequest, { attributes }: ObjectRecord): number {
  if (!attributes?.tags) return 0
  const { bucket, key, query } = request
  const action = query.has('versionId') ? 's3:GetObjectVersionTagging' : 's3:GetObjectTagging'
  const need = { action, resource: objectArn(bucket.name, key) }
  return access.may(request, need, bucket) ? attributes.tags.length : 0
}

/** "This header is only returned if the requester has the s3:GetObjectRetention permission" (HeadObject in the API Reference). */
function lockFor({ access }: S3Services, request: ObjectRequest, { attributes }: ObjectRecord): Lock | undefined {
  if (!attributes?.retention && !attributes?.legalHold) return undefined
  const { bucket, key } = request
  const resource = objectArn(bucket.name, key)
  const mayRead = (action: string) => access.may(request, { action, resource }, bucket)
  return {
    retention: attributes.retention && mayRead('s3:GetObjectRetention') ? attributes.retention : undefined,
    legalHold: attributes.legalHold && mayRead('s3:GetObjectLegalHold') ? attributes.legalHold : undefined,
  }
}

/**
 * The object as it stands, or the version that is asked for.
 * @throws AwsError NoSuchKey, of a key whose newest version is a delete marker too; NoSuchVersion, InvalidArgument; MethodNotAllowed
 * where the id is a delete marker's (evidence: s3-delete-markers)
 */
export function findObject(
  { objects }: Pick<S3Services, 'objects'>,
  bucket: BucketRecord,
  key: string,
  versionId?: string,
): StoredObject {
  if (versionId !== undefined) return findVersion(objects, bucket, key, versionId, 'GET')
  const object = objects.find(bucket.name, key)
  if (object) return object
  const marker = currentMarker(objects, bucket, key)
  throw s3Errors.NoSuchKey(key, marker && markerHeaders(marker))
}

/**
 * As {@link findObject}, for what belongs to a version and no delete marker has (tags, locks, a new ACL): a marker that is the
 * newest version is refused as one that is named (evidence: s3-delete-markers).
 * @throws AwsError NoSuchKey, NoSuchVersion, InvalidArgument, MethodNotAllowed
 */
export function findTouched(
  { objects }: Pick<S3Services, 'objects'>,
  { bucket, key, query, call }: Pick<ObjectRequest, 'bucket' | 'key' | 'query' | 'call'>,
): StoredObject {
  const versionId = query.get('versionId')
  if (versionId !== undefined) return findVersion(objects, bucket, key, versionId, call.method)
  const marker = currentMarker(objects, bucket, key)
  if (marker) throw s3Errors.MethodNotAllowed(call.method, 'DeleteMarker', markerHeaders(marker))
  return findObject({ objects }, bucket, key)
}

function findVersion(
  objects: S3Services['objects'],
  bucket: BucketRecord,
  key: string,
  versionId: string,
  method: string,
): StoredObject {
  checkVersionId(bucket, versionId)
  const version = objects.version(bucket.name, key, versionId)
  if (version && 'isDeleteMarker' in version) {
    const ofMarker = { Allow: 'DELETE', 'Last-Modified': httpDate(version.lastModified) }
    throw s3Errors.MethodNotAllowed(method, 'DeleteMarker', { ...markerHeaders(version), ...ofMarker })
  }
  if (version) return version
  throw bucket.versioning === undefined ? s3Errors.NoSuchKey(key) : s3Errors.NoSuchVersion(key, versionId)
}

function currentMarker(
  objects: S3Services['objects'],
  { name, versioning }: BucketRecord,
  key: string,
): DeleteMarker | undefined {
  const current = versioning && objects.current(name, key)
  return current && isMarker(current) ? current : undefined
}

/**
 * Opens the object's envelope and holds its bodies against the manifest. One Decrypt under a KMS key.
 * @throws AwsError with KMS's or the customer key's refusal
 */
export async function openObject(
  { envelopes }: Pick<S3Services, 'envelopes'>,
  bucket: BucketRecord,
  request: Pick<ObjectRequest, 'authentication' | 'requestId'>,
  { key, object, customerKey }: { key: string; object: StoredObject; customerKey: CustomerKey | undefined },
): Promise<Envelope> {
  const { record, bodies } = object
  const session = sessionOf(bucket, request)
  const target = sealTarget(bucket, key, record.versionId)
  const envelope = await envelopes.openEnvelope(record.envelope, target, customerKey, session)
  envelope.checkManifest(record.manifest, bodies, target)
  // The manifest covers the bodies; what the record says of the whole must follow from them.
  if (bodies.reduce((sum, { size }) => sum + size, 0) !== record.size) {
    throw new Error('The store is damaged: an object has not the size of its bodies')
  }
  return envelope
}

/** All the bytes of an object; of an empty one 0 … -1. */
export function whole({ size }: Pick<ObjectRecord, 'size'>): ByteRange {
  return { first: 0, last: size - 1 }
}

function readPartNumber(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= 1 && number <= 10_000) return number
  throw s3Errors.InvalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', value)
}

function rangeOfPart({ record, bodies }: StoredObject, partNumber: number): ByteRange | undefined {
  let offset = 0
  for (const body of bodies) {
    // An empty part has no range to name; the whole (empty) object is the answer then.
    if (body.number === partNumber) return body.size === 0 ? undefined : { first: offset, last: offset + body.size - 1 }
    offset += body.size
  }
  const count = 'partCount' in record.body ? record.body.partCount : 1
  throw s3Errors.InvalidPartNumber(count, String(partNumber))
}

export function notModified({ bucket, object: { record } }: Reading): S3Answer {
  return {
    status: 304,
    headers: {
      ETag: `"${record.etag}"`,
      'Last-Modified': httpDate(record.lastModified),
      'x-amz-version-id': shownVersion(bucket, record),
    },
  }
}

export function statusOf({ range }: Reading): number {
  return range ? 206 : 200
}

/** @throws AwsError InvalidRequest for another mode than ENABLED, which is the only one (evidence: s3-checksum-mode) */
export function wantsChecksum({ headers }: ObjectRequest): boolean {
  const mode = headers['x-amz-checksum-mode']
  if (mode === undefined) return false
  if (mode.toUpperCase() === 'ENABLED') return true
  throw s3Errors.InvalidRequest('Value for x-amz-checksum-mode header is invalid.')
}

/**
 * A range has a checksum only when it covers the object, or is a part that was uploaded with one of its own; of the type that
 * the object's is of (evidence: s3-checksum-range).
 */
export function checksumOf({ object: { record, bodies }, range, partNumber }: Reading): StoredChecksum | undefined {
  if (!range || range.last - range.first + 1 === record.size) return record.checksum
  if (partNumber === undefined || record.checksum?.type !== 'COMPOSITE') return undefined
  const checksum = bodies.find((body) => body.number === partNumber)?.checksum
  return checksum && { ...checksum, type: record.checksum.type }
}

export function answerHeaders(
  reading: Reading,
  request: ObjectRequest,
  envelope: Envelope | undefined,
): Record<string, string> {
  const { bucket, object, range, partNumber } = reading
  const { record } = object
  const { first, last } = range ?? whole(record)
  const headers: Record<string, string> = {
    'Accept-Ranges': 'bytes',
    'Content-Length': String(last - first + 1),
    ETag: `"${record.etag}"`,
    'Last-Modified': httpDate(record.lastModified),
    ...metadataHeaders(record),
  }
  if (bucket.versioning) headers['x-amz-version-id'] = record.versionId
  if (range) headers['Content-Range'] = `bytes ${first}-${last}/${record.size}`
  if (partNumber !== undefined && 'partCount' in record.body) {
    headers['x-amz-mp-parts-count'] = String(record.body.partCount)
  }
  if (record.attributes) Object.assign(headers, attributeHeaders(record.attributes))
  if (reading.expiration) Object.assign(headers, reading.expiration)
  if (reading.tagCount > 0) headers['x-amz-tagging-count'] = String(reading.tagCount)
  if (reading.lock) Object.assign(headers, lockHeaders(reading.lock))
  if (record.replication) headers['x-amz-replication-status'] = replicationStatusOf(record.replication)
  const restore = record.restore && restoreHeader(record, reading.now)
  if (restore) headers['x-amz-restore'] = restore
  const checksum = wantsChecksum(request) ? checksumOf(reading) : undefined
  if (!checksum) return headers
  return Object.assign(headers, checksumHeaders(envelope ? openChecksum(envelope, checksum) : checksum))
}
