import { s3Errors } from '../errors.ts'
import type { ObjectRequest, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { PartRecord, Upload } from '../records/uploads.ts'
import type { CustomerKey, Envelope, SealTarget } from '../sse/envelope.ts'
import {
  checkPart,
  checkTransport,
  readCustomerKey,
  refuseBlockedCustomerKey,
  refuseEncryptionHeaders,
} from '../sse/headers.ts'
import { checkCustomerKey } from '../sse/keyring.ts'
import { type BodyExpectation, type WrittenBody, writeBody } from './content.ts'
import { sessionOf } from './session.ts'

/** Where a part goes. */
export interface PartTarget {
  bucket: BucketRecord
  upload: Upload
  number: number
  customerKey: CustomerKey | undefined
}

/**
 * Reads and checks where a part goes, for UploadPart and UploadPartCopy alike.
 * @throws AwsError InvalidArgument, NoSuchUpload, and the customer key's refusals
 */
export function beginPart({ uploads, settings }: S3Services, request: ObjectRequest): PartTarget {
  const { bucket, key, query, headers } = request
  const number = readPartNumber(query.get('partNumber') ?? '')
  const upload = uploads.get(bucket.name, key, query.get('uploadId') ?? '')
  checkTransport(headers, request.call.secure, settings.requireTlsForSseC)
  refuseEncryptionHeaders(headers)
  const customerKey = readCustomerKey(headers, 'request')
  checkPart(upload.record.envelope, customerKey)
  checkCustomerKey(upload.record.envelope, customerKey, 'part')
  const target = { bucket: bucket.name, key, versionId: upload.uploadId }
  if (customerKey) refuseBlockedCustomerKey(bucket.encryption, target, sessionOf(bucket, request))
  return { bucket, upload, number, customerKey }
}

/** Opens the upload's object key. One Decrypt under a KMS key. */
export async function openUpload(
  { envelopes }: Pick<S3Services, 'envelopes'>,
  { bucket, upload, customerKey }: Omit<PartTarget, 'number'>,
  request: Pick<ObjectRequest, 'authentication' | 'requestId'>,
): Promise<Envelope> {
  const target = uploadTarget(upload)
  const session = sessionOf(bucket, request)
  const envelope = await envelopes.openEnvelope(upload.record.envelope, target, customerKey, session)
  envelope.checkManifest(upload.record.manifest, [], target, 'upload')
  return envelope
}

/** What envelope and parts of an upload are bound to while it goes on. */
export function uploadTarget({ bucket, key, uploadId }: Upload): SealTarget {
  return { bucket, key, versionId: uploadId }
}

/**
 * Writes a part's body and commits it.
 * @throws AwsError when the body is not what was expected, or the upload has ended meanwhile; nothing is stored then
 */
export async function storePart(
  services: S3Services,
  { upload, number }: PartTarget,
  envelope: Envelope,
  bytes: AsyncIterable<Uint8Array>,
  expectation: BodyExpectation,
): Promise<{ part: PartRecord; written: WrittenBody }> {
  const algorithm = upload.record.checksumAlgorithm ?? 'CRC64NVME'
  const written = await writeBody(services, envelope, number, bytes, { ...expectation, algorithm })
  const manifest = envelope.manifest([written.record], uploadTarget(upload), 'part')
  const part = await services.uploads.putPart(upload, { ...written.record, manifest }, written.blob)
  return { part, written }
}

function readPartNumber(value: string): number {
  const number = Number(value)
  if (/^\d+$/.test(value) && number >= 1 && number <= 10_000) return number
  throw s3Errors.InvalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber', value)
}

export function checksumTypeMismatch(expected: string, actual: string) {
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual.toLowerCase()}`
  return s3Errors.InvalidRequest(message)
}
