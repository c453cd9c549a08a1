import type { Ambient } from '../../ambient.ts'
import type { BlobStore, Pin, WrittenBlob } from '../../store/blobs.ts'
import type { Database, Reader, Transaction } from '../../store/database.ts'
import type { RecordKind } from '../../store/keyspace.ts'
import type { LockRequest } from '../../store/locks.ts'
import type { ManifestEntry } from '../sse/envelope.ts'
import { type BucketRecord, type BucketStore, bucketLock } from './buckets.ts'
import { indexPlaced, indexVersion, lookAtAmended, unindexErased, unindexVersion } from './lifecycle-index.ts'
import { bodiesOf } from './object-bodies.ts'
import {
  currentMarkers,
  type DeleteMarker,
  isMarker,
  nullVersion,
  type ObjectDraft,
  type ObjectRecord,
  type ObjectVersion,
  objectParts,
  objectRecordOf,
  objectRecords,
  type StoredObject,
} from './object-record.ts'
import { newVersionId } from './version-id.ts'
import {
  currentOf,
  orderBefore,
  type Place,
  stageAmong,
  stageAnew,
  stageBefore,
  stageRemoval,
  stageReplacementOfNull,
  versionOf,
  versionsOf,
} from './versions.ts'

/** An object whose bodies stay where they are until it is released. */
export type PinnedObject = StoredObject & Pin

/**
 * The objects of all buckets, and their versions. Reads are synchronous. Changes happen under the object's own lock and the
 * bucket's (shared), so that conditions weighed inside hold at the commit; the locks are held for one commit, never while a
 * body streams.
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

  /** What a key's newest version is: an object, a delete marker, or nothing. */
  current(bucket: string, key: string, reader: Reader = this.#database): ObjectVersion | undefined {
    return currentOf(reader, [bucket, key])
  }

  /** The object at a key; undefined where its newest version is a delete marker. */
  find(bucket: string, key: string, reader: Reader = this.#database): StoredObject | undefined {
    const record = reader.get(objectRecords, [bucket, key])
    return record && this.#withBodies(reader, bucket, key, record)
  }

  /** The version of that id, be it current or not, an object or a delete marker. */
  version(
    bucket: string,
    key: string,
    versionId: string,
    reader: Reader = this.#database,
  ): StoredObject | DeleteMarker | undefined {
    const version = versionOf(reader, [bucket, key], versionId)
    return version && !isMarker(version) ? this.#withBodies(reader, bucket, key, version) : version
  }

  /** All versions of a key, the newest first. */
  versions(bucket: string, key: string): AsyncGenerator<ObjectVersion> {
    return versionsOf(this.#database, [bucket, key])
  }

  /** Whether a bucket holds anything: where there are versions, one of them is current. */
  async isEmpty(bucket: string): Promise<boolean> {
    return (await this.#hasNone(objectRecords, bucket)) && (await this.#hasNone(currentMarkers, bucket))
  }

  /**
   * Holds the bodies of an object that was found: what is read stays there until it is released. In the same turn as the object
   * was found, before anything is awaited.
   */
  pin({ record, bodies }: StoredObject): PinnedObject {
    return { record, bodies, release: this.#blobs.pin(bodies.map((body) => body.blob)).release }
  }

  /**
   * Runs a change of one key under the locks and commits it.
   * @param change stages its writes in the transaction; what it throws leaves the store as it was
   * @param also further locks the change needs: all are taken together, so that no two callers wait for each other
   * @throws AwsError NoSuchBucket when the bucket is gone by now
   */
  change<Result>(
    bucket: string,
    key: string,
    change: (
      transaction: Transaction,
      existing: StoredObject | undefined,
      bucket: BucketRecord,
    ) => Result | Promise<Result>,
    also: readonly LockRequest[] = [],
  ): Promise<Result> {
    return this.#database.locks.with([...locksOfObject(bucket, key), ...also], () =>
      this.#database.transact((transaction) => {
        const record = this.#buckets.get(bucket, transaction)
        return change(transaction, this.find(bucket, key, transaction), record)
      }),
    )
  }

  /**
   * Commits an object whose one body is written. When the change is refused the body is abandoned.
   * @param check weighs the write's conditions under the lock
   * @param also stages what belongs to the write beside it
   */
  async putWhole(
    bucket: string,
    key: string,
    draft: ObjectDraft,
    blob: WrittenBlob,
    check: (existing: ObjectRecord | undefined) => void,
    also?: (transaction: Transaction, bucket: BucketRecord, written: ObjectRecord) => void,
  ): Promise<ObjectRecord> {
    try {
      return await this.change(bucket, key, (transaction, existing, record) => {
        check(existing?.record)
        this.#blobs.keep(transaction, blob)
        const written = this.put(transaction, record, key, draft, existing)
        also?.(transaction, record, written)
        return written
      })
    } catch (error) {
      this.#blobs.abandon(blob)
      throw error
    }
  }

  /**
   * Stages an object as the newest version of its key; inside {@link change} only. Without versioning it takes the place of what
   * stands there (`existing`); where versioning is suspended it is the null version, and the null version that was goes.
   */
  put(
    transaction: Transaction,
    bucket: BucketRecord,
    key: string,
    draft: ObjectDraft,
    existing: StoredObject | undefined,
  ): ObjectRecord {
    const record = objectRecordOf(draft, this.#nextVersion(transaction, bucket, key), bodyOf(draft))
    if (bucket.versioning === undefined) {
      // Nothing else can stand at the key: no need to look for it.
      if (existing) this.#replace(transaction, bucket, key, existing)
      transaction.put(objectRecords, [bucket.name, key], record)
    } else {
      this.#removeNullVersion(transaction, bucket, key)
      stageBefore(transaction, [bucket.name, key], record)
    }
    stageParts(transaction, [bucket.name, key], record, draft)
    if (bucket.hasLifecycle) indexVersion(transaction, [bucket.name, key], record)
    return record
  }

  /**
   * Stages a copy of a version that another bucket has, under its id and its date, where they put it among the versions of its
   * key; inside {@link change} only, and once in it.
   */
  putReplica(
    transaction: Transaction,
    bucket: BucketRecord,
    key: string,
    draft: ObjectDraft,
    { versionId, lastModified }: Pick<ObjectRecord, 'versionId' | 'lastModified'>,
  ): Promise<ObjectRecord> {
    const record = objectRecordOf(draft, { versionId, order: undefined, lastModified }, bodyOf(draft))
    stageParts(transaction, [bucket.name, key], record, draft)
    return this.#placeReplica(transaction, bucket, key, record)
  }

  /** As {@link putReplica}, of a delete marker. */
  putReplicaMarker(
    transaction: Transaction,
    bucket: BucketRecord,
    key: string,
    { versionId, lastModified }: DeleteMarker,
  ): Promise<DeleteMarker> {
    const { ownerAccountId } = bucket
    const marker: DeleteMarker = { versionId, lastModified, ownerAccountId, isDeleteMarker: true }
    return this.#placeReplica(transaction, bucket, key, marker)
  }

  async #placeReplica<Version extends ObjectVersion>(
    transaction: Transaction,
    { name, hasLifecycle }: BucketRecord,
    key: string,
    replica: Version,
  ): Promise<Version> {
    const place: Place = [name, key]
    const { placed, moves } = await stageAmong(transaction, place, replica)
    if (hasLifecycle) indexPlaced(transaction, place, placed, moves, this.#ambient.now())
    return placed
  }

  /** Stages a delete marker as the newest version of a key in a bucket that has versions; inside {@link change} only. */
  putMarker(transaction: Transaction, bucket: BucketRecord, key: string): DeleteMarker {
    const { ownerAccountId } = bucket
    const marker = { ...this.#nextVersion(transaction, bucket, key), ownerAccountId, isDeleteMarker: true } as const
    this.#removeNullVersion(transaction, bucket, key)
    stageBefore(transaction, [bucket.name, key], marker)
    if (bucket.hasLifecycle) indexVersion(transaction, [bucket.name, key], marker)
    return marker
  }

  /** Stages record and bodies of a version anew where it stands; the bodies' blobs and the object's date stay. */
  amend(transaction: Transaction, bucket: string, key: string, { record, bodies }: StoredObject): void {
    const [only] = bodies
    const isWhole = 'blob' in record.body && only !== undefined
    if (this.#buckets.find(bucket, transaction)?.hasLifecycle) {
      lookAtAmended(transaction, [bucket, key], record, this.#ambient.now())
    }
    stageAnew(transaction, [bucket, key], { ...record, body: isWhole ? only : record.body })
    if (isWhole) return
    transaction.hold(objectParts, [bucket, key, record.versionId])
    transaction.put(objectParts, [bucket, key, record.versionId], bodies)
  }

  /**
   * Stages the removal of a version for good, bodies included; inside {@link change} only, and once in it: what becomes current is
   * found among what is committed.
   * @returns what was removed; undefined when no version has that id
   */
  async erase(
    transaction: Transaction,
    bucket: string,
    key: string,
    versionId: string,
  ): Promise<ObjectVersion | undefined> {
    const version = versionOf(transaction, [bucket, key], versionId)
    if (!version) return undefined
    this.#dropBodiesOf(transaction, bucket, key, version)
    if (this.#buckets.find(bucket, transaction)?.hasLifecycle) {
      unindexErased(transaction, [bucket, key], version, this.#ambient.now())
    }
    await stageRemoval(transaction, [bucket, key], version)
    return version
  }

  async #hasNone(kind: RecordKind<unknown, readonly ['string', 'string']>, bucket: string): Promise<boolean> {
    for await (const _ of this.#database.entries(kind, { within: [bucket], limit: 1 })) return false
    return true
  }

  #nextVersion(
    transaction: Transaction,
    { name, versioning }: BucketRecord,
    key: string,
  ): Pick<ObjectRecord, 'versionId' | 'order' | 'lastModified'> {
    const lastModified = this.#ambient.now()
    if (versioning === undefined) return { versionId: nullVersion, order: undefined, lastModified }
    const order = orderBefore(currentOf(transaction, [name, key]))
    const versionId = versioning === 'Enabled' ? newVersionId(order, this.#ambient.randomBytes(13)) : nullVersion
    return { versionId, order, lastModified }
  }

  /** What was there without versions goes. */
  #replace(transaction: Transaction, { name, hasLifecycle }: BucketRecord, key: string, existing: StoredObject): void {
    this.#dropBodies(transaction, name, key, existing)
    if (hasLifecycle) unindexVersion(transaction, [name, key], existing.record)
  }

  /** Removes the null version where the next version is one too: a key has at most one. */
  #removeNullVersion(transaction: Transaction, bucket: BucketRecord, key: string): void {
    const { name, versioning, hasLifecycle } = bucket
    if (versioning === 'Enabled') return
    const earlier = versionOf(transaction, [name, key], nullVersion)
    if (!earlier) return
    this.#dropBodiesOf(transaction, name, key, earlier)
    if (hasLifecycle) unindexVersion(transaction, [name, key], earlier)
    stageReplacementOfNull(transaction, [name, key], earlier)
  }

  #withBodies(reader: Reader, bucket: string, key: string, record: ObjectRecord): StoredObject {
    return { record, bodies: bodiesOf(reader, { bucket, key }, record) }
  }

  #dropBodiesOf(transaction: Transaction, bucket: string, key: string, version: ObjectVersion): void {
    if (isMarker(version)) return
    this.#dropBodies(transaction, bucket, key, this.#withBodies(transaction, bucket, key, version))
  }

  #dropBodies(transaction: Transaction, bucket: string, key: string, { record, bodies }: StoredObject): void {
    for (const { blob, size } of bodies) this.#blobs.drop(transaction, blob, size)
    if ('blob' in record.body) return
    // Who has read the record already goes on to the parts, under no lock.
    transaction.hold(objectParts, [bucket, key, record.versionId])
    transaction.delete(objectParts, [bucket, key, record.versionId])
  }
}

/** What a change of one key holds. */
export function locksOfObject(bucket: string, key: string): LockRequest[] {
  return [bucketLock(bucket, 'shared'), { name: `object:${bucket}/${key}`, mode: 'exclusive' }]
}

/**
 * What a read of one key holds that must not meet a change half shown: what a version is may be told by several records, which readers
 * see one after another.
 */
export function locksOfReading(bucket: string, key: string): LockRequest[] {
  return [{ name: `object:${bucket}/${key}`, mode: 'shared' }]
}

export interface ObjectStoreServices {
  database: Database
  blobs: BlobStore
  buckets: BucketStore
  ambient: Ambient
}

function bodyOf(draft: ObjectDraft): ObjectRecord['body'] {
  const { bodies, record } = draft
  const [only] = bodies
  return record.uploadId === undefined && only !== undefined ? manifestEntry(only) : { partCount: bodies.length }
}

function stageParts(
  transaction: Transaction,
  [bucket, key]: readonly [string, string],
  { body, versionId }: ObjectRecord,
  { bodies }: ObjectDraft,
): void {
  if (!('blob' in body)) transaction.put(objectParts, [bucket, key, versionId], bodies)
}

function manifestEntry({ number, blob, salt, size }: ManifestEntry): ManifestEntry {
  return { number, blob, salt, size }
}
