import { type Caller, canonicalUserId, displayName } from '../../aws/caller.ts'
import { s3Errors } from '../errors.ts'
import { checksumHeaders, readUploadChecksum, type SentChecksum } from '../objects/checksums.ts'
import { type BodyExpectation, readBodyExpectation, type WrittenBody, writeBody } from '../objects/content.ts'
import { ineffectiveHeadersDiffer } from '../objects/ineffective-headers.ts'
import { readMetadata } from '../objects/metadata.ts'
import type { S3Operation, S3Request, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { PartRecord, Upload } from '../records/uploads.ts'
import type { CustomerKey, Envelope, SealTarget } from '../sse/envelope.ts'
import {
  checkPart,
  checkTransport,
  readCustomerKey,
  readEncryptionRequest,
  refuseBlockedCustomerKey,
  refuseEncryptionHeaders,
} from '../sse/headers.ts'
import { checkCustomerKey } from '../sse/keyring.ts'
import { sessionOf } from './write-object.ts'

/*
 * A multipart upload: the object key is made at Create and sealed under the upload id; every part opens it (one Decrypt under
 * a KMS key); Complete seals it anew under the object's version. No byte moves at Complete.
 */

/** Begins an upload and settles all that concerns the object: metadata, encryption, kind of checksum. */
export const CreateMultipartUpload: S3Operation = {
  name: 'CreateMultipartUpload',
  route: 'POST /{Bucket}/{Key+}?uploads',
  differs: ineffectiveHeadersDiffer,
  async handle(services, request) {
    const { headers, key, authentication } = request
    const { envelopes, uploads, objects, ambient } = services
    const bucket = services.buckets.get(request.bucket)
    const metadata = readMetadata(headers)
    const checksum = readUploadChecksum(headers)
    checkTransport(headers, request.call.secure, services.settings.requireTlsForSseC)
    const wanted = readEncryptionRequest(headers)
    const uploadId = uploads.newId()
    const target = { bucket: bucket.name, key, versionId: uploadId }
    const envelope = await envelopes.envelopeFor(wanted, bucket.encryption, target, sessionOf(bucket, request))
    const record = {
      ...metadata,
      initiated: ambient.now(),
      initiator: initiatorOf(authentication.caller),
      ownerAccountId: bucket.ownerAccountId,
      checksumAlgorithm: checksum.algorithm,
      checksumType: checksum.type,
      envelope: envelope.recordFor(target),
      manifest: envelope.manifest([], target, 'upload'),
      keyExisted: objects.find(bucket.name, key) !== undefined,
    }
    await uploads.create({ bucket: bucket.name, key, uploadId, record }, (reader) => {
      services.buckets.get(bucket.name, reader)
    })
    return {
      headers: {
        'x-amz-checksum-algorithm': checksum.algorithm,
        'x-amz-checksum-type': checksum.type,
        ...envelope.answerHeaders('CreateMultipartUpload'),
      },
      xml: {
        root: 'InitiateMultipartUploadResult',
        content: { Bucket: bucket.name, Key: key, UploadId: uploadId },
      },
    }
  },
}

/** Stores a part; an earlier one of the same number is replaced. */
export const UploadPart: S3Operation = {
  name: 'UploadPart',
  route: 'PUT /{Bucket}/{Key+}?partNumber&uploadId',
  async handle(services, request) {
    const target = beginPart(services, request)
    const expectation = readBodyExpectation(request)
    checkPartChecksum(target.upload, expectation.sent)
    const envelope = await openUpload(services, target, request)
    const { part, written } = await storePart(services, target, envelope, request.body.bytes, expectation)
    return {
      headers: {
        ETag: `"${part.etag}"`,
        ...partChecksumHeaders(target.upload, expectation, written),
        ...envelope.answerHeaders('UploadPart'),
      },
    }
  },
}

/** Ends an upload without an object. */
export const AbortMultipartUpload: S3Operation = {
  name: 'AbortMultipartUpload',
  route: 'DELETE /{Bucket}/{Key+}?uploadId',
  async handle({ uploads }, { bucket, key, query }) {
    await uploads.abort(uploads.get(bucket, key, query.get('uploadId') ?? ''))
    return { status: 204 }
  },
}

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
export function beginPart({ buckets, uploads, settings }: S3Services, request: S3Request): PartTarget {
  const { key, query, headers } = request
  const bucket = buckets.get(request.bucket)
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
  request: Pick<S3Request, 'authentication' | 'requestId'>,
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

/** A part's checksum must be of the kind the upload was created with (recorded). */
function checkPartChecksum({ record }: Upload, sent: SentChecksum | undefined): void {
  const expected = record.checksumAlgorithm
  if (!expected || !sent || sent.algorithm === expected) return
  throw checksumTypeMismatch(expected, sent.algorithm)
}

export function checksumTypeMismatch(expected: string, actual: string) {
  const message = `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual.toLowerCase()}`
  return s3Errors.InvalidRequest(message)
}

/** What the client sent is told back; else what the upload's algorithm gave. */
function partChecksumHeaders(
  { record }: Upload,
  { sent, trailers }: BodyExpectation,
  { checksum }: WrittenBody,
): Record<string, string> {
  if (!sent && !record.checksumAlgorithm) return {}
  const { 'x-amz-checksum-type': _, ...kept } = checksumHeaders(checksum)
  if (!sent || sent.algorithm === checksum.algorithm) return kept
  const name = `x-amz-checksum-${sent.algorithm.toLowerCase()}`
  return { [name]: sent.value ?? trailers[name] ?? '' }
}

/** Source: ListParts, "Initiator": the ARN of an IAM user, the canonical user id of an account. */
function initiatorOf(caller: Caller): { id: string; displayName: string } {
  if (caller.type === 'Root')
    return { id: canonicalUserId(caller.accountId), displayName: displayName(caller.accountId) }
  return { id: caller.arn, displayName: caller.userName ?? displayName(caller.accountId) }
}
