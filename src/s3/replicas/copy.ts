import { segmentCount } from '../../crypto/segment-arithmetic.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import type { WrittenBlob } from '../../store/blobs.ts'
import { openChecksum, sealChecksum } from '../objects/checksums.ts'
import { piecesOf } from '../objects/content.ts'
import { openObject, whole } from '../objects/read.ts'
import { sealTarget, sessionOf } from '../objects/session.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ObjectBody, StoredChecksum, StoredObject } from '../records/object-record.ts'
import type { EncryptionRequest, Envelope } from '../sse/envelope.ts'
import { failureOf } from './failure.ts'

/*
 * The bodies of an object, copied into another bucket under an envelope of their own:
 *
 *   source's envelope (Decrypt) ─▶ plaintext ─▶ replica's envelope (GenerateDataKey) ─▶ blobs, one for each part
 *   SSE-C: sealed segments as they are, because nobody here has the key
 *
 * What the encryption is follows the source's ("Replicating encrypted objects" in the Amazon S3 User Guide; evidence:
 * s3-replication-encryption). ETags and checksums stay.
 */

export interface CopyServices extends Pick<S3Services, 'blobs' | 'envelopes'> {
  /** Breaks a copy off. */
  signal: AbortSignal
}

export interface CopySpot {
  bucket: BucketRecord
  key: string
}

/** Who copies. */
export interface Copier {
  authentication: Authentication
  requestId: string
}

/** What was copied, and is in no record yet. */
export interface ObjectCopy {
  envelope: Envelope
  bodies: ObjectBody[]
  checksum: StoredChecksum | undefined
  blobs: WrittenBlob[]
}

/**
 * @param source its bodies are pinned
 * @param replicaKey the KMS key of the replica, where the source is under one
 * @throws ReplicationFailure where a key is refused; the signal's reason
 */
export async function copyObject(
  services: CopyServices,
  copier: Copier,
  source: CopySpot & { object: StoredObject },
  target: CopySpot,
  replicaKey: string | undefined,
): Promise<ObjectCopy> {
  const { record } = source.object
  if (record.envelope.scheme === 'SSE-C') return copySealed(services, copier, source, target)
  const opened = await orFailure('source', () =>
    openObject(services, source.bucket, copier, { ...source, customerKey: undefined }),
  )
  const wanted = encryptionOf(source.object, replicaKey)
  const session = sessionOf(target.bucket, copier)
  const envelope = await orFailure('destination', () =>
    services.envelopes.envelopeFor(wanted, target.bucket.encryption, sealTarget(target.bucket, target.key), session),
  )
  const reseal = (checksum: StoredChecksum | undefined) =>
    checksum && sealChecksum(envelope, openChecksum(opened, checksum))
  const copyBody = async (body: ObjectBody) => {
    const { first, last } = whole(body)
    const read = (segment: number, count: number) => services.blobs.read(body.blob, segment, count)
    const sealed = envelope.seal(piecesOf(await opened.open(body, first, last, read)))
    return { segments: sealed.segments, copied: { ...body, salt: sealed.salt, checksum: reseal(body.checksum) } }
  }
  const { bodies, blobs } = await copyBodies(services, source.object.bodies, copyBody)
  return { envelope, bodies, blobs, checksum: reseal(record.checksum) }
}

/** A replica is encrypted as its source; one of a plain object as the bucket has it. */
function encryptionOf({ record: { envelope } }: StoredObject, keyId: string | undefined): EncryptionRequest {
  const { scheme, bucketKeyEnabled: bucketKey = false } = envelope
  if (scheme === 'SSE-KMS' || scheme === 'DSSE-KMS') return { scheme, keyId, bucketKey }
  return { scheme: scheme === 'SSE-S3' ? 'SSE-S3' : 'unasked' }
}

async function copySealed(
  services: CopyServices,
  copier: Copier,
  { bucket, key, object }: CopySpot & { object: StoredObject },
  target: CopySpot,
): Promise<ObjectCopy> {
  const { record } = object
  const copy = {
    target: sealTarget(target.bucket, target.key),
    bucketDefault: target.bucket.encryption,
    session: sessionOf(target.bucket, copier),
  }
  const envelope = await orFailure('destination', () =>
    services.envelopes.transplant(record.envelope, sealTarget(bucket, key, record.versionId), bucket.region, copy),
  )
  const copyBody = async (body: ObjectBody) => ({
    segments: services.blobs.read(body.blob, 0, segmentCount(body.size)),
    copied: body,
  })
  const { bodies, blobs } = await copyBodies(services, object.bodies, copyBody)
  return { envelope, bodies, blobs, checksum: record.checksum }
}

/** Writes the bodies one after another. What was written is given up when one fails. */
async function copyBodies(
  { blobs: store, signal }: CopyServices,
  originals: readonly ObjectBody[],
  copyBody: (body: ObjectBody) => Promise<{ segments: AsyncIterable<Uint8Array>; copied: ObjectBody }>,
): Promise<Pick<ObjectCopy, 'bodies' | 'blobs'>> {
  const blobs: WrittenBlob[] = []
  const bodies: ObjectBody[] = []
  try {
    for (const body of originals) {
      const { segments, copied } = await copyBody(body)
      const blob = await store.write(breakable(segments, signal))
      blobs.push(blob)
      bodies.push({ ...copied, blob: blob.id })
    }
  } catch (error) {
    for (const blob of blobs) store.abandon(blob)
    throw error
  }
  return { bodies, blobs }
}

async function* breakable(segments: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const segment of segments) {
    signal.throwIfAborted()
    yield segment
  }
}

async function orFailure<Result>(side: 'source' | 'destination', attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt()
  } catch (error) {
    throw failureOf(error, side)
  }
}
