import { createHash, type Hash } from 'node:crypto'
import type { Ambient } from '../../ambient.ts'
import { type Checksum, createChecksum, loadChecksum } from '../../crypto/checksums.ts'
import { type BytesObserver, observed } from '../../protocol/observed-bytes.ts'
import type { BlobStore, Pin, WrittenBlob } from '../../store/blobs.ts'
import { headerNotImplemented, s3Errors } from '../errors.ts'
import type { ServiceRequest } from '../operation.ts'
import type { BodyRecord, ChecksumAlgorithm, ObjectBody, StoredChecksum } from '../records/object-record.ts'
import type { Envelope, OpenedBody } from '../sse/envelope.ts'
import {
  defaultAlgorithm,
  readContentMd5,
  readSentChecksum,
  type SentChecksum,
  sealChecksum,
  verifyContentMd5,
  verifySentChecksum,
} from './checksums.ts'
import { type ByteRange, type Slice, sliceBodies } from './ranges.ts'

/*
 * The body path, in and out. One chunk is under way at a time: awaiting each put is the back-pressure.
 *
 *   in    request ─▶ size limit ─▶ MD5, checksums ─▶ verified at the end ─▶ envelope.seal ─▶ blobs.write ─▶ BodyRecord
 *   out   BodyRecords ─▶ slices of the range ─▶ blobs.read ─▶ envelope.open ─▶ answer (pins released at its end)
 *
 * Whatever fails on the way in fails inside `blobs.write`, which then clears what it has put: nothing stays.
 */

/** A single upload and a part: 5 GiB (evidence: s3-multipart-limits). */
export const bodyLimit = 5 * 2 ** 30

/** What a body is held against, and what is computed of it. */
export interface BodyExpectation {
  contentMd5?: Buffer
  sent?: SentChecksum
  /** Which checksum is kept; undefined: the one that was sent, else the default. */
  algorithm?: ChecksumAlgorithm
  trailers: Readonly<Record<string, string>>
}

/** A body that is written, but not yet part of an object. */
export interface WrittenBody {
  blob: WrittenBlob
  record: BodyRecord
  /** In clear; the record's may be sealed. */
  checksum: StoredChecksum
}

export interface BodyServices {
  blobs: BlobStore
  ambient: Ambient
}

/** Nothing to verify: a body that comes from our own store. */
export const unverified: BodyExpectation = { trailers: {} }

/**
 * Reads from the headers what the body must turn out to be, and refuses what is too long before a byte is read.
 * A body in HTTP's own chunks has no length; S3 names that header as one it does not implement.
 * @throws AwsError MissingContentLength, NotImplemented, EntityTooLarge, InvalidDigest, InvalidRequest
 */
export function readBodyExpectation({ headers, body }: ServiceRequest): BodyExpectation {
  if (body.length === undefined) {
    throw headers['transfer-encoding'] ? headerNotImplemented('Transfer-Encoding') : s3Errors.MissingContentLength()
  }
  if (body.length > bodyLimit) throw s3Errors.EntityTooLarge(body.length, bodyLimit)
  const contentMd5 = readContentMd5(headers)
  return { contentMd5, sent: readSentChecksum(headers, body), trailers: body.trailers }
}

/**
 * Writes a body under an envelope: to the store's end, but into no record yet. Commit it or {@link BlobStore.abandon} it.
 * @param number the part number; 1 for a whole object
 * @throws AwsError when the body is not what was expected; nothing is stored then
 */
export async function writeBody(
  { blobs, ambient }: BodyServices,
  envelope: Envelope,
  number: number,
  bytes: AsyncIterable<Uint8Array>,
  expectation: BodyExpectation,
): Promise<WrittenBody> {
  const loading = loadChecksum(expectation.algorithm) ?? loadChecksum(expectation.sent?.algorithm)
  if (loading) await loading
  const digests = new BodyDigests(envelope, expectation)
  const sealed = envelope.seal(observed(bytes, digests))
  const blob = await blobs.write(sealed.segments)
  const { size, checksum } = digests
  // Under SSE-KMS and SSE-C an ETag is 32 hex digits that do not depend on the content (evidence: s3-etag).
  const etag = digests.etag ?? ambient.randomBytes(16).toString('hex')
  const record = { number, blob: blob.id, salt: sealed.salt, size, etag, checksum: sealChecksum(envelope, checksum) }
  return { blob, record, checksum }
}

/** All that is computed of a body while it passes, and held against what was sent when it has. */
class BodyDigests implements BytesObserver {
  size = 0
  etag: string | undefined
  checksum: StoredChecksum = { algorithm: defaultAlgorithm, type: 'FULL_OBJECT', value: '' }
  readonly #expectation: BodyExpectation
  readonly #isEtagMd5: boolean
  readonly #algorithm: ChecksumAlgorithm
  readonly #kept: Checksum
  /** Undefined: what was sent is what is kept, or nothing was sent. */
  readonly #verified: Checksum | undefined
  /** MD5 is the slowest of all: computed only where somebody will look at it. */
  readonly #md5: Hash | undefined

  constructor(envelope: Envelope, expectation: BodyExpectation) {
    const { contentMd5, sent, algorithm = sent?.algorithm ?? defaultAlgorithm } = expectation
    this.#expectation = expectation
    this.#isEtagMd5 = envelope.etagIsMd5
    this.#algorithm = algorithm
    this.#kept = createChecksum(algorithm)
    this.#verified = sent && sent.algorithm !== algorithm ? createChecksum(sent.algorithm) : undefined
    this.#md5 = this.#isEtagMd5 || contentMd5 ? createHash('md5') : undefined
  }

  /** @throws AwsError EntityTooLarge */
  piece(bytes: Uint8Array): void {
    this.size += bytes.length
    if (this.size > bodyLimit) throw s3Errors.EntityTooLarge(this.size, bodyLimit)
    this.#md5?.update(bytes)
    this.#kept.update(bytes)
    this.#verified?.update(bytes)
  }

  /** @throws AwsError BadDigest, InvalidRequest */
  end(): void {
    const { contentMd5, sent, trailers } = this.#expectation
    const digest = this.#kept.digest()
    const md5 = this.#md5?.digest()
    if (sent) verifySentChecksum(sent, this.#verified?.digest() ?? digest, trailers)
    if (contentMd5 && md5) verifyContentMd5(contentMd5, md5)
    if (this.#isEtagMd5) this.etag = md5?.toString('hex')
    this.checksum = { algorithm: this.#algorithm, type: 'FULL_OBJECT', value: digest.toString('base64') }
  }
}

/**
 * A range of an object's bodies in clear. The first segment is authenticated before this resolves, so that a tampered small
 * object is a clean error.
 * @param pin released when the bytes have ended, failed, or are given up; the caller releases it when this throws
 */
export async function readBodies(
  blobs: BlobStore,
  envelope: Envelope,
  bodies: readonly ObjectBody[],
  range: ByteRange,
  pin: Pin,
): Promise<OpenedBody> {
  const [first, ...rest] = sliceBodies(bodies, range)
  if (!first) throw new Error('An object without a body')
  const opened = await openSlice(blobs, envelope, first)
  if (opened instanceof Uint8Array && rest.length === 0) {
    pin.release()
    return opened
  }
  return releasing(joined(opened, blobs, envelope, rest), () => pin.release())
}

function openSlice(blobs: BlobStore, envelope: Envelope, { body, first, last }: Slice<ObjectBody>) {
  return envelope.open(body, first, last, (segment, count) => blobs.read(body.blob, segment, count))
}

async function* joined(
  opened: OpenedBody,
  blobs: BlobStore,
  envelope: Envelope,
  rest: readonly Slice<ObjectBody>[],
): AsyncGenerator<Uint8Array> {
  yield* piecesOf(opened)
  for (const slice of rest) yield* piecesOf(await openSlice(blobs, envelope, slice))
}

/** A body as a stream, whether it is one or not. */
export async function* piecesOf(body: OpenedBody): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body
  else yield* body
}

/** `finally` of a generator that was never begun does not run; this does, however the reader leaves. */
function releasing(bytes: AsyncGenerator<Uint8Array>, release: () => void): AsyncIterableIterator<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      try {
        const result = await bytes.next()
        if (result.done) release()
        return result
      } catch (error) {
        release()
        throw error
      }
    },
    async return() {
      try {
        return await bytes.return(undefined)
      } finally {
        release()
      }
    },
  }
}
