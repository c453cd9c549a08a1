import type { S3Request, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type ObjectRecord, unversionedId } from '../records/objects.ts'
import type { Envelope } from '../sse/envelope.ts'
import { checkTransport, readEncryptionRequest } from '../sse/headers.ts'
import { checkWriteCondition, type WriteCondition } from './conditions.ts'
import { type BodyExpectation, type WrittenBody, writeBody } from './content.ts'
import type { Metadata } from './metadata.ts'
import { sealTarget, sessionOf } from './session.ts'

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
