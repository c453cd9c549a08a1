import type { ObjectRequest, S3Services } from '../operation.ts'
import type { ObjectAttributes } from '../records/object-attributes.ts'
import type { ObjectBody, ObjectRecord } from '../records/object-record.ts'
import type { EncryptionRequest, Envelope, SealTarget } from '../sse/envelope.ts'
import { checkTransport, readEncryptionRequest } from '../sse/headers.ts'
import { readAttributes } from './attributes.ts'
import { checkWriteCondition, readWriteCondition, type WriteCondition } from './conditions.ts'
import { type BodyExpectation, type WrittenBody, writeBody } from './content.ts'
import { type Metadata, readMetadata } from './metadata.ts'
import { lockOfWrite } from './object-lock.ts'
import { sealTarget, sessionOf } from './session.ts'
import { creationTeller } from './tell.ts'

/** All that a write asks for beside its bytes, read once: from headers, or from a form's fields, which stand for them. */
export interface WriteIntent {
  metadata: Metadata
  /** Tags, storage class and the like; undefined where nothing is asked. */
  attributes: ObjectAttributes | undefined
  encryption: EncryptionRequest
  condition: WriteCondition
  /** Who owns what is written, and its ACL. */
  holding: Pick<ObjectRecord, 'ownerAccountId' | 'acl'>
}

/** The body of a write, and what it must turn out to be. */
export interface WriteContent {
  bytes: AsyncIterable<Uint8Array>
  expectation: BodyExpectation
}

/** A write as far as it is about the object: a request like any other, or one that a form made. */
export type WriteRequest = Pick<
  ObjectRequest,
  'bucket' | 'key' | 'headers' | 'authentication' | 'call' | 'operation' | 'requestId' | 'hostId'
>

/** Of a write that knows no conditions: a form's, and the beginning of an upload. */
export const noCondition: WriteCondition = { kind: 'none' }

/**
 * Reads what PutObject, CreateMultipartUpload, CopyObject and POST Object alike may ask for.
 * @param given what the operation does not take from the headers; who owns what is written (`access/acl-of-write.ts`)
 * @throws AwsError in S3's words for the first fault
 */
export function readWriteIntent(
  { settings, ambient }: Pick<S3Services, 'settings' | 'ambient'>,
  request: Pick<WriteRequest, 'bucket' | 'headers' | 'call' | 'authentication'>,
  given: Partial<WriteIntent> & Pick<WriteIntent, 'holding'>,
): WriteIntent {
  const { headers, call } = request
  const { metadata = readMetadata(headers), condition = readWriteCondition(headers), holding } = given
  const attributes =
    'attributes' in given ? given.attributes : readAttributes(headers, lockOfWrite(request, ambient.now()))
  checkTransport(headers, call.secure, settings.requireTlsForSseC)
  return { metadata, attributes, encryption: readEncryptionRequest(headers), condition, holding }
}

/**
 * The envelope that a write asks for. Its condition is weighed before KMS is asked, and once more at the commit.
 * @throws AwsError
 */
export function envelopeForWrite(
  services: S3Services,
  request: WriteRequest,
  { encryption, condition }: WriteIntent,
): Promise<Envelope> {
  const { bucket, key } = request
  if (condition.kind !== 'none') checkWriteCondition(condition, key, services.objects.find(bucket.name, key)?.record)
  const target = sealTarget(bucket, key)
  return services.envelopes.envelopeFor(encryption, bucket.encryption, target, sessionOf(bucket, request))
}

/**
 * Writes the body and commits the object in place of what stands at the key.
 * @throws AwsError when body or condition are not as expected; the store is then as it was
 */
export async function storeObject(
  services: S3Services,
  request: WriteRequest,
  { metadata, attributes, condition, holding }: WriteIntent,
  envelope: Envelope,
  { bytes, expectation }: WriteContent,
): Promise<{ record: ObjectRecord; body: WrittenBody }> {
  const { bucket, key } = request
  const body = await writeBody(services, envelope, 1, bytes, expectation)
  const { size, etag, checksum } = body.record
  const bodies = [body.record]
  const draft = {
    bodies,
    record: {
      size,
      etag,
      checksum,
      systemMetadata: metadata.systemMetadata,
      userMetadata: metadata.userMetadata,
      attributes,
      ownerAccountId: holding.ownerAccountId,
      acl: holding.acl,
    },
    seal: (versionId: string) => sealObject(envelope, bodies, sealTarget(bucket, key, versionId)),
  }
  const check = (existing: ObjectRecord | undefined) => checkWriteCondition(condition, key, existing)
  const isFollowed = bucket.notifies || bucket.replicates
  const tell = isFollowed ? creationTeller(services, request) : undefined
  const record = await services.objects.putWhole(bucket.name, key, draft, body.blob, check, tell)
  return { record, body }
}

/** What binds an object's bodies to its bucket, its key and its version. */
export function sealObject(
  envelope: Envelope,
  bodies: readonly ObjectBody[],
  target: SealTarget,
): Pick<ObjectRecord, 'envelope' | 'manifest'> {
  return { envelope: envelope.recordFor(target), manifest: envelope.manifest(bodies, target) }
}
