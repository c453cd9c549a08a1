import { nextTurn } from '../../../event-loop.ts'
import { holdingOf } from '../../access/acl-of-write.ts'
import { objectUrl } from '../../address.ts'
import { type ListedPart, readPartList } from '../../documents/part-list.ts'
import { s3Errors } from '../../errors.ts'
import { onObject } from '../../needs.ts'
import { storageClassHeader } from '../../objects/attributes.ts'
import { checksumElements, sealChecksum } from '../../objects/checksums.ts'
import { checkChecksumType, completedChecksum } from '../../objects/completed-checksum.ts'
import { checkCompleteCondition, readWriteCondition } from '../../objects/conditions.ts'
import { expirationHeader } from '../../objects/lifecycle-headers.ts'
import { multipartEtag } from '../../objects/multipart-etag.ts'
import { openUpload, uploadTarget } from '../../objects/parts.ts'
import { sealTarget } from '../../objects/session.ts'
import { creationTeller } from '../../objects/tell.ts'
import { copiedVersion } from '../../objects/version-ids.ts'
import { sealObject } from '../../objects/write.ts'
import type { ObjectOperation, ObjectRequest, S3Answer, S3Services } from '../../operation.ts'
import type { BucketRecord } from '../../records/buckets.ts'
import type { BodyRecord, ObjectDraft, StoredChecksum, StoredObject } from '../../records/object-record.ts'
import type { PartRecord, Upload } from '../../records/uploads.ts'
import type { Envelope } from '../../sse/envelope.ts'
import { answerHeadersOf, checkPart, checkTransport, readCustomerKey } from '../../sse/headers.ts'
import { checkCustomerKey } from '../../sse/keyring.ts'

/*
 *   listed parts ─ ascending, stored, ETags equal, not too small ─▶ envelope (one Decrypt) ─▶ checksums ─▶ one commit:
 *   the object with its bodies in order, the upload and what was not listed gone
 *
 * The list is checked before KMS is asked and once more under the locks, where no part can come or go.
 */

export const CompleteMultipartUpload: ObjectOperation = {
  name: 'CompleteMultipartUpload',
  level: 'object',
  route: 'POST /{Bucket}/{Key+}?uploadId',
  needs: onObject('s3:PutObject'),
  differs:
    'asks KMS for one Decrypt (assumed, so that a revoked key fails it); the answer is not preceded by white space',
  async handle(services, request) {
    const { objects, uploads } = services
    const { bucket, key, headers, query } = request
    const uploadId = query.get('uploadId') ?? ''
    const listed = await readPartList(request)
    const condition = readWriteCondition(headers)
    const upload = uploads.find(bucket.name, key, uploadId)
    if (!upload) return answerAgain(services, request, uploadId, listed)
    const customerKey = readUploadCustomerKey(services, request, upload)
    checkChecksumType(upload, headers)
    choose(upload, await uploads.parts(upload), listed)
    checkCompleteCondition(condition, key, objects.current(bucket.name, key), upload.record)
    const envelope = await openUpload(services, { bucket, upload, customerKey }, request)

    const completed = await objects.change(
      bucket.name,
      key,
      async (transaction, existing, record) => {
        if (!uploads.find(bucket.name, key, uploadId, transaction)) return undefined
        const stored = await uploads.parts(upload)
        const parts = choose(upload, stored, listed)
        await checkParts(upload, envelope, parts)
        const checksum = await completedChecksum(upload, envelope, parts, listed, headers)
        checkSize(headers, parts)
        checkCompleteCondition(condition, key, objects.current(bucket.name, key, transaction), upload.record)
        const draft = await draftOf(record, upload, envelope, parts, checksum)
        await uploads.end(transaction, upload, stored, new Set(parts.map((part) => part.blob)))
        if (parts.length > partsOfOneTurn) await nextTurn()
        const written = objects.put(transaction, record, key, draft, existing)
        if (record.notifies || record.replicates) creationTeller(services, request)(transaction, record, written)
        return { record: written, checksum }
      },
      [uploads.endingLock(upload)],
    )
    // Someone else completed or aborted it meanwhile.
    if (!completed) return answerAgain(services, request, uploadId, listed)
    // Under a KMS key the answer has no default checksum, though GET has it later (evidence: s3-checksum-complete).
    const showsChecksum = upload.record.checksumAlgorithm !== undefined || !completed.record.checksum?.sealed
    return {
      headers: {
        ...storageClassHeader(completed.record),
        ...expirationHeader(services, bucket, key, completed.record),
        ...envelope.answerHeaders('CompleteMultipartUpload'),
        'x-amz-version-id': copiedVersion(completed.record),
      },
      xml: result(request, completed.record.etag, showsChecksum ? completed.checksum : undefined),
    }
  },
}

/** An SSE-C upload is completed without its key, unless it was created with a checksum (CompleteMultipartUpload, AWS). */
function readUploadCustomerKey({ settings }: S3Services, { headers, call }: ObjectRequest, { record }: Upload) {
  checkTransport(headers, call.secure, settings.requireTlsForSseC)
  const customerKey = readCustomerKey(headers, 'request')
  if (customerKey || record.checksumAlgorithm) checkPart(record.envelope, customerKey)
  checkCustomerKey(record.envelope, customerKey, 'part')
  return customerKey
}

const smallestPart = 5 << 20

/** The stored parts that are listed, in order. @throws AwsError InvalidPartOrder, InvalidPart, EntityTooSmall */
function choose({ uploadId }: Upload, stored: readonly PartRecord[], listed: readonly ListedPart[]): PartRecord[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]))
  if (listed.some(({ number }, index) => number <= (listed[index - 1]?.number ?? 0))) {
    throw s3Errors.InvalidPartOrder(uploadId)
  }
  const parts = listed.map(({ number, etag }) => {
    const part = byNumber.get(number)
    if (part?.etag !== etag) throw s3Errors.InvalidPart(uploadId, number, etag)
    return part
  })
  for (const { number: PartNumber, size, etag } of parts.slice(0, -1)) {
    if (size < smallestPart) throw s3Errors.EntityTooSmall(size, smallestPart, { PartNumber, ETag: etag })
  }
  return parts
}

/** Parts that are opened in one turn of the event loop: a few ms of work. */
const partsOfOneTurn = 200

/** @throws Error when a part is not the one that was stored */
async function checkParts(upload: Upload, envelope: Envelope, parts: readonly PartRecord[]): Promise<void> {
  for (const [index, part] of parts.entries()) {
    if (index % partsOfOneTurn === partsOfOneTurn - 1) await nextTurn()
    envelope.checkManifest(part.manifest, [part], uploadTarget(upload), 'part')
  }
}

/** @throws AwsError InvalidRequest */
function checkSize(headers: ObjectRequest['headers'], parts: readonly PartRecord[]): void {
  const expected = headers['x-amz-mp-object-size']
  const size = sizeOf(parts)
  if (expected === undefined || expected === String(size)) return
  const message = `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${size}`
  throw s3Errors.InvalidRequest(message)
}

async function draftOf(
  bucket: BucketRecord,
  { key, uploadId, record: begun }: Upload,
  envelope: Envelope,
  parts: readonly PartRecord[],
  checksum: StoredChecksum | undefined,
): Promise<ObjectDraft> {
  const bodies: BodyRecord[] = parts.map(({ lastModified: _, manifest: __, ...body }) => body)
  return {
    bodies,
    record: {
      size: sizeOf(parts),
      etag: await multipartEtag(parts.map(({ etag }) => etag)),
      ...holdingOf(bucket, begun.ownerAccountId, begun.acl),
      systemMetadata: begun.systemMetadata,
      userMetadata: begun.userMetadata,
      attributes: begun.attributes,
      checksum: checksum && sealChecksum(envelope, checksum),
      uploadId,
    },
    seal: (versionId) => sealObject(envelope, bodies, sealTarget(bucket, key, versionId)),
  }
}

function sizeOf(parts: readonly { size: number }[]): number {
  return parts.reduce((sum, { size }) => sum + size, 0)
}

/**
 * Complete is idempotent: the same list for the upload that made the present object is answered as the first time, but for the
 * checksum, which is answered once (evidence: s3-complete-again).
 */
function answerAgain(
  { objects }: S3Services,
  request: ObjectRequest,
  uploadId: string,
  listed: readonly ListedPart[],
): S3Answer {
  const object: StoredObject | undefined = objects.find(request.bucket.name, request.key)
  const isSame =
    object?.record.uploadId === uploadId &&
    object.bodies.length === listed.length &&
    object.bodies.every(({ number, etag }, index) => number === listed[index]?.number && etag === listed[index]?.etag)
  if (!isSame) throw s3Errors.NoSuchUpload(uploadId)
  const { etag, envelope } = object.record
  return {
    headers: {
      ...storageClassHeader(object.record),
      ...answerHeadersOf(envelope, 'CompleteMultipartUpload'),
      'x-amz-version-id': copiedVersion(object.record),
    },
    xml: result(request, etag, undefined),
  }
}

function result(request: ObjectRequest, etag: string, checksum: StoredChecksum | undefined) {
  const { bucket, key } = request
  return {
    root: 'CompleteMultipartUploadResult',
    content: {
      Location: objectUrl(request, bucket.name, key),
      Bucket: bucket.name,
      Key: key,
      ETag: `"${etag}"`,
      ...checksumElements(checksum),
    },
  }
}
