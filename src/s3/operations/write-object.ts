import { checksumHeaders } from '../objects/checksums.ts'
import { checkWriteCondition, readWriteCondition, type WriteCondition } from '../objects/conditions.ts'
import { type BodyExpectation, readBodyExpectation, type WrittenBody, writeBody } from '../objects/content.ts'
import { ineffectiveHeadersDiffer } from '../objects/ineffective-headers.ts'
import { type Metadata, readMetadata } from '../objects/metadata.ts'
import type { S3Operation, S3Request, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type ObjectRecord, unversionedId } from '../records/objects.ts'
import type { Envelope, SealTarget, Session } from '../sse/envelope.ts'
import { checkTransport, readEncryptionRequest } from '../sse/headers.ts'

/** Stores a whole object in one request. All that can be refused is refused before the body is read. */
export const PutObject: S3Operation = {
  name: 'PutObject',
  route: 'PUT /{Bucket}/{Key+}',
  differs: ineffectiveHeadersDiffer,
  async handle(services, request) {
    const { body } = request
    const bucket = services.buckets.get(request.bucket)
    const metadata = readMetadata(request.headers)
    const expectation = readBodyExpectation(request)
    const condition = readWriteCondition(request.headers)
    const envelope = await envelopeForWrite(services, request, bucket, condition)
    const content = { bytes: body.bytes, expectation }
    const stored = await storeObject(services, { bucket, key: request.key, metadata, condition }, envelope, content)
    const headers = checksumHeaders(stored.body.checksum)
    headers.ETag = `"${stored.record.etag}"`
    return { headers: Object.assign(headers, envelope.answerHeaders('PutObject')) }
  },
}

/** Where an object goes and what it carries; PutObject, CopyObject and POST Object alike. */
export interface WriteTarget {
  bucket: BucketRecord
  key: string
  metadata: Metadata
  condition: WriteCondition
}

/** The body of a write, and what it must turn out to be. */
export interface WriteContent {
  bytes: AsyncIterable<Uint8Array>
  expectation: BodyExpectation
}

/**
 * The envelope that a write's headers ask for. Checks come before KMS is asked; conditions are weighed once more at commit.
 * @throws AwsError
 */
export function envelopeForWrite(
  services: S3Services,
  request: Pick<S3Request, 'headers' | 'key' | 'authentication' | 'call' | 'requestId'>,
  bucket: BucketRecord,
  condition: WriteCondition,
): Promise<Envelope> {
  const { headers, key, call } = request
  checkTransport(headers, call.secure, services.settings.requireTlsForSseC)
  const wanted = readEncryptionRequest(headers)
  if (condition.kind !== 'none') checkWriteCondition(condition, key, services.objects.find(bucket.name, key)?.record)
  const target = sealTarget(bucket, key)
  return services.envelopes.envelopeFor(wanted, bucket.encryption, target, sessionOf(bucket, request))
}

/**
 * Writes the body and commits the object in place of what stands at the key.
 * @throws AwsError when body or condition are not as expected; the store is then as it was
 */
export async function storeObject(
  services: S3Services,
  { bucket, key, metadata, condition }: WriteTarget,
  envelope: Envelope,
  { bytes, expectation }: WriteContent,
): Promise<{ record: ObjectRecord; body: WrittenBody }> {
  const body = await writeBody(services, envelope, 1, bytes, expectation)
  const { size, etag, checksum } = body.record
  const bodies = [body.record]
  const { systemMetadata, userMetadata } = metadata
  const target = sealTarget(bucket, key)
  const draft = {
    bodies,
    record: {
      systemMetadata,
      userMetadata,
      versionId: unversionedId,
      size,
      etag,
      checksum,
      ownerAccountId: bucket.ownerAccountId,
      envelope: envelope.recordFor(target),
      manifest: envelope.manifest(bodies, target),
    },
  }
  const check = (existing: ObjectRecord | undefined) => checkWriteCondition(condition, key, existing)
  const record = await services.objects.putWhole(bucket.name, key, draft, body.blob, check)
  return { record, body }
}

/** What the envelope of an object is bound to, for as long as it has no other versions. */
export function sealTarget({ name }: Pick<BucketRecord, 'name'>, key: string): SealTarget {
  return { bucket: name, key, versionId: unversionedId }
}

/** KMS is asked in the caller's name and the bucket's Region. */
export function sessionOf(
  { region }: BucketRecord,
  { authentication, requestId }: Pick<S3Request, 'authentication' | 'requestId'>,
): Session {
  return { authentication, region, requestId }
}
