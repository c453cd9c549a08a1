import type { Ambient } from '../../ambient.ts'
import type { BlobStore, Pin, WrittenBlob } from '../../store/blobs.ts'
import type { Database, Reader, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { LockRequest } from '../../store/locks.ts'
import type { EnvelopeRecord, ManifestEntry } from '../sse/envelope.ts'
import { type BucketStore, bucketLock } from './buckets.ts'

/** The slot of an object's only version where versioning was never on: the last, so that later versions come before it. */
export const unversionedSlot = Number.MAX_SAFE_INTEGER

export interface StoredChecksum {
  algorithm: ChecksumAlgorithm
  type: 'FULL_OBJECT' | 'COMPOSITE'
  /** base64, `-N` for COMPOSITE; sealed under SSE-KMS (see `sealed`) */
  value: string
  /** True when `value` is sealed by the object's envelope. */
  sealed?: boolean
}

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'SHA512' | 'MD5'

/** A body that was written: a whole object's, or a part's. */
export interface BodyRecord extends ManifestEntry {
  etag: string
  checksum?: StoredChecksum
}

export interface ObjectRecord {
  versionId: string
  size: number
  /** Without quotes. */
  etag: string
  /** ms since the epoch */
  lastModified: number
  ownerAccountId: string
  /** content-type, content-encoding, content-language, content-disposition, cache-control, expires: as sent */
  systemMetadata: Record<string, string>
  /** Names without `x-amz-meta-`, lower case. */
  userMetadata: Record<string, string>
  checksum?: StoredChecksum
  envelope: EnvelopeRecord
  /** HMAC under the object key over the ordered list of bodies. */
  manifest: string
  /** The multipart upload that made it: a repeated CompleteMultipartUpload is answered from here. */
  uploadId?: string
  /** Whole objects carry their one body here; multipart ones keep theirs in `objectParts`, with their number here. */
  body: ManifestEntry | { partCount: number }
}

/** bucket, key, version slot (newest first) */
export const objectRecords = recordKind<ObjectRecord>()('object', ['string', 'string', 'integer'])
/** bucket, key, version slot → bodies in order */
export const objectParts = recordKind<BodyRecord[]>()('objectParts', ['string', 'string', 'integer'])

/** An object as it stands: its record, and its bodies in order. */
export interface StoredObject {
  record: ObjectRecord
  bodies: ObjectBody[]
}

/** One body of an object. What is told of a part alone the record tells of a whole object. */
export type ObjectBody = ManifestEntry & Partial<BodyRecord>

/** An object on its way into the store; the store adds the time of its commit. */
export type ObjectDraft = Omit<StoredObject, 'record'> & { record: Omit<ObjectRecord, 'lastModified' | 'body'> }

/** The one version id where versioning was never on; envelopes are bound to it. */
export const unversionedId = 'null'

/**
 * The objects of all buckets. Reads are synchronous. Changes happen under the object's own lock and the bucket's (shared), so
 * that conditions weighed inside hold at the commit; the locks are held for one commit, never while a body streams.
 */
export class ObjectStore {
  readonly #database: Database
  readonly #blobs: BlobStore
  readonly #buckets: BucketStore
  readonly #ambient: Ambient

  constructor({ database, blobs, buckets, ambient }: ObjectStoreServices) {
    this.#database = database
    this.#blobs = blobs
    this.#buckets = buckets
    this.#ambient = ambient
  }

  find(bucket: string, key: string, reader: Reader = this.#database): StoredObject | undefined {
    const place: [string, string, number] = [bucket, key, unversionedSlot]
    const record = reader.get(objectRecords, place)
    if (!record) return undefined
    const bodies = 'blob' in record.body ? [record.body] : (reader.get(objectParts, place) ?? [])
    return { record, bodies }
  }

  /** The record and pins on its bodies, taken in one breath: what is read stays there until the pin is released. */
  pin({ bodies }: StoredObject): Pin {
    return this.#blobs.pin(bodies.map((body) => body.blob))
  }

  /**
   * Runs a change of one object under the locks and commits it.
   * @param change stages its writes in the transaction; what it throws leaves the store as it was
   * @param also further locks the change needs: all are taken together, so that no two callers wait for each other
   * @throws AwsError NoSuchBucket when the bucket is gone by now
   */
  change<Result>(
    bucket: string,
    key: string,
    change: (transaction: Transaction, existing: StoredObject | undefined) => Result | Promise<Result>,
    also: readonly LockRequest[] = [],
  ): Promise<Result> {
    const own: LockRequest = { name: `object:${bucket}/${key}`, mode: 'exclusive' }
    return this.#database.locks.with([bucketLock(bucket, 'shared'), own, ...also], () =>
      this.#database.transact((transaction) => {
        this.#buckets.get(bucket, transaction)
        return change(transaction, this.find(bucket, key, transaction))
      }),
    )
  }

  /**
   * Commits an object whose one body is written; what stood there before is dropped with it. When the change is refused the
   * body is abandoned.
   * @param check weighs the write's conditions under the lock
   */
  async putWhole(
    bucket: string,
    key: string,
    draft: ObjectDraft,
    blob: WrittenBlob,
    check: (existing: ObjectRecord | undefined) => void,
  ): Promise<ObjectRecord> {
    try {
      return await this.change(bucket, key, (transaction, existing) => {
        check(existing?.record)
        this.#blobs.keep(transaction, blob)
        return this.replace(transaction, bucket, key, draft, existing)
      })
    } catch (error) {
      this.#blobs.abandon(blob)
      throw error
    }
  }

  /** Stages an object in place of what stands at the key; inside {@link change} only. */
  replace(
    transaction: Transaction,
    bucket: string,
    key: string,
    draft: ObjectDraft,
    existing: StoredObject | undefined,
  ): ObjectRecord {
    const place: [string, string, number] = [bucket, key, unversionedSlot]
    const { bodies } = draft
    const [only] = bodies
    const isWhole = draft.record.uploadId === undefined && only !== undefined
    const body = isWhole ? manifestEntry(only) : { partCount: bodies.length }
    const record = datedRecord(draft.record, this.#ambient.now(), body)
    if (existing) this.#dropBodies(transaction, place, existing)
    transaction.put(objectRecords, place, record)
    if (!isWhole) transaction.put(objectParts, place, bodies)
    return record
  }

  /** Stages record and bodies of an object anew where they stand; the bodies' blobs and the object's date stay. */
  amend(transaction: Transaction, bucket: string, key: string, { record, bodies }: StoredObject): void {
    const place: [string, string, number] = [bucket, key, unversionedSlot]
    const [only] = bodies
    const isWhole = 'blob' in record.body && only !== undefined
    transaction.put(objectRecords, place, { ...record, body: isWhole ? only : record.body })
    if (!isWhole) transaction.put(objectParts, place, bodies)
  }

  /** Stages the removal of what stands at the key, bodies included; inside {@link change} only. */
  remove(transaction: Transaction, bucket: string, key: string): void {
    const existing = this.find(bucket, key, transaction)
    if (!existing) return
    const place: [string, string, number] = [bucket, key, unversionedSlot]
    this.#dropBodies(transaction, place, existing)
    transaction.delete(objectRecords, place)
  }

  #dropBodies(transaction: Transaction, place: [string, string, number], { record, bodies }: StoredObject): void {
    for (const body of bodies) this.#blobs.drop(transaction, body.blob)
    if (!('blob' in record.body)) transaction.delete(objectParts, place)
  }
}

export interface ObjectStoreServices {
  database: Database
  blobs: BlobStore
  buckets: BucketStore
  ambient: Ambient
}

function manifestEntry({ number, blob, salt, size }: ManifestEntry): ManifestEntry {
  return { number, blob, salt, size }
}

/** Written out, in the order of the declaration: every write makes one. */
function datedRecord(draft: ObjectDraft['record'], lastModified: number, body: ObjectRecord['body']): ObjectRecord {
  return {
    versionId: draft.versionId,
    size: draft.size,
    etag: draft.etag,
    lastModified,
    ownerAccountId: draft.ownerAccountId,
    systemMetadata: draft.systemMetadata,
    userMetadata: draft.userMetadata,
    checksum: draft.checksum,
    envelope: draft.envelope,
    manifest: draft.manifest,
    uploadId: draft.uploadId,
    body,
  }
}
