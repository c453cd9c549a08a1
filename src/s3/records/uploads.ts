import type { Ambient } from '../../ambient.ts'
import { nextTurn } from '../../event-loop.ts'
import type { BlobStore, WrittenBlob } from '../../store/blobs.ts'
import type { Cursor, Database, Reader, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { LockRequest } from '../../store/locks.ts'
import { s3Errors } from '../errors.ts'
import type { EnvelopeRecord } from '../sse/envelope.ts'
import type { AskedAcl } from './acl.ts'
import { bucketLock, bucketRecords } from './buckets.ts'
import { indexUpload, unindexUpload } from './lifecycle-index.ts'
import type { ObjectAttributes } from './object-attributes.ts'
import type { BodyRecord, ChecksumAlgorithm, ObjectRecord, StoredChecksum } from './object-record.ts'

/** A multipart upload in progress: all that CreateMultipartUpload settled. */
export interface UploadRecord extends Pick<ObjectRecord, 'systemMetadata' | 'userMetadata'> {
  /** Of the initiator; who owns the object is settled when it is completed. */
  ownerAccountId: string
  /** As asked at Create. */
  acl?: AskedAcl
  /** Of the object, as asked at Create; uploads of before there were any have no such member. */
  attributes: ObjectAttributes | undefined
  /** ms since the epoch */
  initiated: number
  initiator: { id: string; displayName: string }
  /** As asked at Create; undefined: nothing was asked, parts are kept with the default algorithm. */
  checksumAlgorithm?: ChecksumAlgorithm
  checksumType?: StoredChecksum['type']
  /** Sealed to the upload id in place of a version id. */
  envelope: EnvelopeRecord
  /** Of no bodies yet: ties the record to its upload, under the upload's key. */
  manifest: string
  /** The encryption that Create's headers named: policies ask for it at every part. */
  asked?: { algorithm: string; keyId?: string }
  /** Whether an object stood at the key when the upload was created (ConditionalRequestConflict). */
  keyExisted: boolean
}

export interface PartRecord extends BodyRecord {
  /** HMAC under the upload's key over body and number: parts cannot be exchanged before they are joined. */
  manifest: string
  /** ms since the epoch */
  lastModified: number
}

/** An upload and where it is. */
export interface Upload {
  bucket: string
  key: string
  uploadId: string
  record: UploadRecord
}

/** bucket, key, upload id (ids rise with time) */
export const uploadRecords = recordKind<UploadRecord>()('upload', ['string', 'string', 'string'])
/** upload id, part number */
export const uploadParts = recordKind<PartRecord>()('uploadPart', ['string', 'integer'])

/** Parts whose end is staged in one turn of the event loop. */
const partsOfOneTurn = 1000

/** The multipart uploads in progress. Parts are committed one by one; Complete or Abort takes them away together. */
export class UploadStore {
  readonly #database: Database
  readonly #blobs: BlobStore
  readonly #ambient: Ambient

  constructor({ database, blobs, ambient }: { database: Database; blobs: BlobStore; ambient: Ambient }) {
    this.#database = database
    this.#blobs = blobs
    this.#ambient = ambient
  }

  /** An opaque id; it begins with the time, so that uploads of one key are listed in the order of their creation. */
  newId(): string {
    const time = this.#ambient.now().toString(16).padStart(12, '0')
    return time + this.#ambient.randomBytes(42).toString('hex')
  }

  async create({ bucket, key, uploadId, record }: Upload, check: (reader: Reader) => void): Promise<void> {
    await this.#database.locks.with([bucketLock(bucket, 'shared')], () =>
      this.#database.transact((transaction) => {
        check(transaction)
        transaction.put(uploadRecords, [bucket, key, uploadId], record)
        if (hasLifecycle(transaction, bucket)) indexUpload(transaction, { bucket, key, uploadId, record })
      }),
    )
  }

  find(bucket: string, key: string, uploadId: string, reader: Reader = this.#database): Upload | undefined {
    const record = reader.get(uploadRecords, [bucket, key, uploadId])
    return record && { bucket, key, uploadId, record }
  }

  /** @throws AwsError NoSuchUpload */
  get(bucket: string, key: string, uploadId: string, reader: Reader = this.#database): Upload {
    const upload = this.find(bucket, key, uploadId, reader)
    if (!upload) throw s3Errors.NoSuchUpload(uploadId)
    return upload
  }

  /** The parts in order, from behind part number `after`. */
  async parts({ uploadId }: Upload, after = 0): Promise<PartRecord[]> {
    const found: PartRecord[] = []
    for await (const { value } of this.#database.entries(uploadParts, {
      within: [uploadId],
      from: [uploadId, after + 1],
    })) {
      found.push(value)
    }
    return found
  }

  /**
   * Commits a part that is written; an earlier one of the same number is dropped with it. When the upload is gone by now the
   * body is abandoned.
   * @throws AwsError NoSuchUpload
   */
  async putPart(upload: Upload, body: Omit<PartRecord, 'lastModified'>, blob: WrittenBlob): Promise<PartRecord> {
    const { bucket, key, uploadId } = upload
    const locks: LockRequest[] = [
      bucketLock(bucket, 'shared'),
      uploadLock(uploadId, 'shared'),
      { name: `part:${uploadId}/${body.number}`, mode: 'exclusive' },
    ]
    const commit = () =>
      this.#database.transact((transaction) => {
        this.get(bucket, key, uploadId, transaction)
        const earlier = transaction.get(uploadParts, [uploadId, body.number])
        if (earlier) this.#blobs.drop(transaction, earlier.blob, earlier.size)
        const part: PartRecord = { ...body, lastModified: this.#ambient.now() }
        this.#blobs.keep(transaction, blob)
        transaction.put(uploadParts, [uploadId, body.number], part)
        return part
      })
    try {
      return await this.#database.locks.with(locks, commit)
    } catch (error) {
      this.#blobs.abandon(blob)
      throw error
    }
  }

  /** The lock under which no part can come and no one else can end the upload. */
  endingLock({ uploadId }: Upload): LockRequest {
    return uploadLock(uploadId, 'exclusive')
  }

  /**
   * Stages the end of an upload; under its {@link endingLock} only.
   * @param parts all it has
   * @param kept blobs that live on in the completed object
   */
  async end(
    transaction: Transaction,
    upload: Upload,
    parts: readonly PartRecord[],
    kept: ReadonlySet<number>,
  ): Promise<void> {
    const { bucket, key, uploadId } = upload
    for (const [index, part] of parts.entries()) {
      if (index % partsOfOneTurn === partsOfOneTurn - 1) await nextTurn()
      transaction.delete(uploadParts, [uploadId, part.number])
      if (!kept.has(part.blob)) this.#blobs.drop(transaction, part.blob, part.size)
    }
    transaction.delete(uploadRecords, [bucket, key, uploadId])
    if (hasLifecycle(transaction, bucket)) unindexUpload(transaction, upload)
  }

  /** @throws AwsError NoSuchUpload */
  abort(upload: Upload): Promise<void> {
    const { bucket, key, uploadId } = upload
    return this.#database.locks.with([bucketLock(bucket, 'shared'), this.endingLock(upload)], async () => {
      const parts = await this.parts(upload)
      await this.#database.transact(async (transaction) => {
        this.get(bucket, key, uploadId, transaction)
        await this.end(transaction, upload, parts, new Set())
      })
    })
  }

  /** Stages the end of all uploads of a bucket that is about to be deleted; the caller holds the bucket's lock exclusively. */
  async endAll(transaction: Transaction, bucket: string): Promise<void> {
    for await (const { key, value } of this.#database.entries(uploadRecords, { within: [bucket] })) {
      const upload = { bucket, key: key[1], uploadId: key[2], record: value }
      await this.end(transaction, upload, await this.parts(upload), new Set())
    }
  }

  /** A walk over a bucket's uploads by key, then by age. Close it in `finally`. */
  cursor(
    bucket: string,
    prefix: string,
    after?: readonly string[],
  ): Cursor<UploadRecord, readonly ['string', 'string', 'string']> {
    return this.#database.cursor(uploadRecords, {
      within: [bucket],
      beginningWith: prefix,
      after: after && [bucket, ...after],
    })
  }
}

function hasLifecycle(reader: Reader, bucket: string): boolean {
  return reader.get(bucketRecords, [bucket])?.hasLifecycle === true
}

function uploadLock(uploadId: string, mode: LockRequest['mode']): LockRequest {
  return { name: `upload:${uploadId}`, mode }
}
