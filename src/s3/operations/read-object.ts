import { s3Errors } from '../errors.ts'
import { checksumHeaders, openChecksum } from '../objects/checksums.ts'
import { checkReadConditions } from '../objects/conditions.ts'
import { readBodies } from '../objects/content.ts'
import { httpDate, metadataHeaders, responseOverrides } from '../objects/metadata.ts'
import { type ByteRange, parseRange } from '../objects/ranges.ts'
import type { S3Answer, S3Operation, S3Request, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type ObjectRecord, type StoredObject, unversionedId } from '../records/objects.ts'
import type { CustomerKey, Envelope } from '../sse/envelope.ts'
import { answerHeadersOf, checkRead, checkTransport, readCustomerKey } from '../sse/headers.ts'
import { sealTarget, sessionOf } from './write-object.ts'

/*
 * A read, in the order of its checks (recorded, but for KMS):
 *
 *   object is there → encryption headers are fit → conditions (304, 412) → range (416) → key: KMS's or the customer's → body
 *
 * So KMS is asked only for what is answered: once for every body, an empty one too, and never for a 304, 412 or 416.
 */

export const GetObject: S3Operation = {
  name: 'GetObject',
  route: 'GET /{Bucket}/{Key+}',
  async handle(services, request) {
    const reading = beginRead(services, request)
    if (reading.isNotModified) return notModified(reading)
    const overrides = responseOverrides(request.query)
    const pin = services.objects.pin(reading.object)
    try {
      const envelope = await openObject(services, reading.bucket, request, reading)
      const { bodies } = reading.object
      const body = await readBodies(
        services.blobs,
        envelope,
        bodies,
        reading.range ?? whole(reading.object.record),
        pin,
      )
      const headers = answerHeaders(reading, request, envelope)
      const encryption = envelope.answerHeaders('GetObject')
      return { status: statusOf(reading), headers: Object.assign(headers, encryption, overrides), body }
    } catch (error) {
      pin.release()
      throw error
    }
  },
}

/** What GetObject's headers would be; KMS is asked only where a checksum sealed under its key is to be told. */
export const HeadObject: S3Operation = {
  name: 'HeadObject',
  route: 'HEAD /{Bucket}/{Key+}',
  async handle(services, request) {
    const reading = beginRead(services, request)
    if (reading.isNotModified) return notModified(reading)
    const overrides = responseOverrides(request.query)
    const envelope = needsKey(reading, request)
      ? await openObject(services, reading.bucket, request, reading)
      : undefined
    const headers = answerHeaders(reading, request, envelope)
    const encryption = answerHeadersOf(reading.object.record.envelope, 'HeadObject', reading)
    return { status: statusOf(reading), headers: Object.assign(headers, encryption, overrides) }
  },
}

/** A read that passed all checks that need no key. */
interface Reading {
  bucket: BucketRecord
  key: string
  object: StoredObject
  customerKey: CustomerKey | undefined
  isNotModified: boolean
  /** Undefined: the whole object, status 200. */
  range?: ByteRange
  partNumber?: number
}

function beginRead(services: S3Services, request: S3Request): Reading {
  const { key, headers, query } = request
  const bucket = services.buckets.get(request.bucket)
  const object = findObject(services, request.bucket, key, query.get('versionId'))
  checkTransport(headers, request.call.secure, services.settings.requireTlsForSseC)
  const customerKey = readCustomerKey(headers, 'request')
  checkRead(object.record.envelope, request, customerKey)
  const isNotModified = checkReadConditions(headers, object.record) === 'not modified'
  const partNumber = readPartNumber(query.get('partNumber'))
  const common = { bucket, key, object, customerKey, isNotModified, partNumber }
  if (isNotModified) return common
  if (partNumber === undefined) return { ...common, range: parseRange(headers.range, object.record.size) }
  if (headers.range !== undefined) {
    throw s3Errors.InvalidRequest('Cannot specify both Range header and partNumber query parameter')
  }
  return { ...common, range: rangeOfPart(object, partNumber) }
}

/**
 * The object as it stands.
 * @param versionId as given; only `null` exists where versioning was never on
 * @throws AwsError NoSuchKey, NoSuchVersion, InvalidArgument
 */
export function findObject(
  { objects }: Pick<S3Services, 'objects'>,
  bucket: string,
  key: string,
  versionId?: string,
): StoredObject {
  if (versionId !== undefined && versionId !== unversionedId) {
    // Recorded: 32 characters of letters, digits, `.` and `_` are well-formed.
    if (/^[\w.]{32}$/.test(versionId)) throw s3Errors.NoSuchVersion(key, versionId)
    throw s3Errors.InvalidArgument('Invalid version id specified', 'versionId', versionId)
  }
  const object = objects.find(bucket, key)
  if (!object) throw s3Errors.NoSuchKey(key)
  return object
}

/**
 * Opens the object's envelope and holds its bodies against the manifest. One Decrypt under a KMS key.
 * @throws AwsError with KMS's or the customer key's refusal
 */
export async function openObject(
  { envelopes }: Pick<S3Services, 'envelopes'>,
  bucket: BucketRecord,
  request: Pick<S3Request, 'authentication' | 'requestId'>,
  { key, object, customerKey }: { key: string; object: StoredObject; customerKey: CustomerKey | undefined },
): Promise<Envelope> {
  const { record, bodies } = object
  const session = sessionOf(bucket, request)
  const target = sealTarget(bucket, key)
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

function notModified({ object: { record } }: Reading): S3Answer {
  return { status: 304, headers: { ETag: `"${record.etag}"`, 'Last-Modified': httpDate(record.lastModified) } }
}

function statusOf({ range }: Reading): number {
  return range ? 206 : 200
}

function wantsChecksum({ headers }: S3Request): boolean {
  return headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED'
}

/**
 * HEAD tries a customer's key always (recorded: 403 for a wrong one), and asks KMS only where a checksum is to be told. Under
 * S3's own key or none nobody is asked, but a record that was tampered with tells no checksum either.
 */
function needsKey(reading: Reading, request: S3Request): boolean {
  const { scheme } = reading.object.record.envelope
  if (scheme === 'SSE-C') return true
  return wantsChecksum(request) && checksumOf(reading) !== undefined
}

/** A range has a checksum only when it covers the object, or is a part that was uploaded with one of its own. */
function checksumOf({ object: { record, bodies }, range, partNumber }: Reading) {
  if (!range || range.last - range.first + 1 === record.size) return record.checksum
  if (partNumber === undefined || record.checksum?.type !== 'COMPOSITE') return undefined
  return bodies.find((body) => body.number === partNumber)?.checksum
}

function answerHeaders(reading: Reading, request: S3Request, envelope: Envelope | undefined): Record<string, string> {
  const { object, range, partNumber } = reading
  const { record } = object
  const { first, last } = range ?? whole(record)
  const headers: Record<string, string> = {
    'Accept-Ranges': 'bytes',
    'Content-Length': String(last - first + 1),
    ETag: `"${record.etag}"`,
    'Last-Modified': httpDate(record.lastModified),
    ...metadataHeaders(record),
  }
  if (range) headers['Content-Range'] = `bytes ${first}-${last}/${record.size}`
  if (partNumber !== undefined && 'partCount' in record.body) {
    headers['x-amz-mp-parts-count'] = String(record.body.partCount)
  }
  const checksum = wantsChecksum(request) ? checksumOf(reading) : undefined
  if (!checksum) return headers
  return Object.assign(headers, checksumHeaders(envelope ? openChecksum(envelope, checksum) : checksum))
}
