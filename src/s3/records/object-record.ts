import { recordKind } from '../../store/keyspace.ts'
import type { EnvelopeRecord, ManifestEntry } from '../sse/envelope.ts'
import type { Acl } from './acl.ts'
import type { ObjectAttributes } from './object-attributes.ts'
import type { ReplicationRecord } from './replication.ts'
import type { RestoreRecord } from './restore.ts'

/*
 * Where the versions of a key lie:
 *
 *   object        [bucket, key]          the current one, where it is an object
 *   currentMarker [bucket, key]          the current one, where it is a delete marker: lists of objects never meet it
 *   objectVersion [bucket, key, order]   those that are no longer current, the newest first
 *   nullOrder     [bucket, key]          where among them the null version lies; other ids tell their order (`version-id.ts`)
 *   versionOrder  [bucket, key, id]      where one lies whose id does not tell it: a replica, or what one was put below
 *   objectParts   [bucket, key, id]      the bodies of a multipart object, in order
 *
 * Without versioning there is the first row alone. An order is one less than that of the version before, so that `null` may
 * stand anywhere: a key has it once at most.
 */

export interface StoredChecksum {
  algorithm: ChecksumAlgorithm
  type: 'FULL_OBJECT' | 'COMPOSITE'
  /** base64, `-N` for COMPOSITE; sealed under SSE-KMS (see `sealed`) */
  value: string
  /** True when `value` is sealed by the object's envelope. */
  sealed?: boolean
}

export type ChecksumAlgorithm =
  | 'CRC32'
  | 'CRC32C'
  | 'CRC64NVME'
  | 'SHA1'
  | 'SHA256'
  | 'SHA512'
  | 'MD5'
  | 'XXHASH64'
  | 'XXHASH3'
  | 'XXHASH128'

/** A body that was written: a whole object's, or a part's. */
export interface BodyRecord extends ManifestEntry {
  etag: string
  checksum?: StoredChecksum
}

/** What every version of a key has, delete markers too. */
interface VersionRecord {
  /** `null` where versioning was off when it was written. */
  versionId: string
  /** Of versions of one key the smaller is the newer; undefined: versioning was never on. */
  order?: number
  /** Its id tells another order: `versionOrder` has it once it is no longer current. */
  isMoved?: true
  /** ms since the epoch */
  lastModified: number
  /** Empty: it was written anonymously. Who owns it is the bucket's to say (`objects/ownership.ts`). */
  ownerAccountId: string
}

export interface ObjectRecord extends VersionRecord {
  size: number
  /** Without quotes. */
  etag: string
  /** content-type, content-encoding, content-language, content-disposition, cache-control, expires: as sent */
  systemMetadata: Record<string, string>
  /** Names without `x-amz-meta-`, lower case. */
  userMetadata: Record<string, string>
  attributes?: ObjectAttributes
  /** The copy that was last asked of an archive. */
  restore?: RestoreRecord
  /** Where a rule of its bucket's replication matched it, or it is a replica. */
  replication?: ReplicationRecord
  /** Undefined: it is private to its owner. */
  acl?: Acl
  checksum?: StoredChecksum
  /** Sealed to the bucket, the key and the version id. */
  envelope: EnvelopeRecord
  /** HMAC under the object key over the ordered list of bodies. */
  manifest: string
  /** The multipart upload that made it: a repeated CompleteMultipartUpload is answered from here. */
  uploadId?: string
  /** Whole objects carry their one body here; multipart ones keep theirs in `objectParts`, with their number here. */
  body: ManifestEntry | { partCount: number }
}

/** Says that the key is deleted, over versions that are still there. */
export interface DeleteMarker extends VersionRecord {
  isDeleteMarker: true
}

export type ObjectVersion = ObjectRecord | DeleteMarker

/** An object as it stands: its record, and its bodies in order. */
export interface StoredObject {
  record: ObjectRecord
  bodies: ObjectBody[]
}

/** One body of an object. ETag and checksum are a part's own; those of a whole object are in its record. */
export type ObjectBody = ManifestEntry & Partial<BodyRecord>

/** An object on its way into the store. */
export interface ObjectDraft {
  bodies: ObjectBody[]
  /** What is known before the commit. */
  record: Omit<
    ObjectRecord,
    'attributes' | 'restore' | 'versionId' | 'order' | 'isMoved' | 'lastModified' | 'envelope' | 'manifest' | 'body'
  > & {
    /** Named even where there are none, so that no write forgets them. */
    attributes: ObjectAttributes | undefined
  }
  /** Seals it to the version id that it is given under the lock. */
  seal(versionId: string): Pick<ObjectRecord, 'envelope' | 'manifest'>
}

/** The id of a version that was written while versioning was off or suspended. */
export const nullVersion = 'null'

export const objectRecords = recordKind<ObjectRecord>()('object', ['string', 'string'])
export const currentMarkers = recordKind<DeleteMarker>()('currentMarker', ['string', 'string'])
export const objectVersions = recordKind<ObjectVersion>()('objectVersion', ['string', 'string', 'integer'])
export const nullOrders = recordKind<number>()('nullOrder', ['string', 'string'])
export const versionOrders = recordKind<number>()('versionOrder', ['string', 'string', 'string'])
export const objectParts = recordKind<ObjectBody[]>()('objectParts', ['string', 'string', 'string'])

export function isMarker(version: ObjectVersion): version is DeleteMarker {
  return 'isDeleteMarker' in version
}

/** The record as it is stored: written out, because every write makes one, and held to name every member there is. */
export function objectRecordOf(
  draft: ObjectDraft,
  { versionId, order, lastModified }: Pick<ObjectRecord, 'versionId' | 'order' | 'lastModified'>,
  body: ObjectRecord['body'],
): ObjectRecord {
  const { record } = draft
  const { envelope, manifest } = draft.seal(versionId)
  const whole: { [Member in keyof Required<ObjectRecord>]: ObjectRecord[Member] } = {
    versionId,
    order,
    isMoved: undefined,
    size: record.size,
    etag: record.etag,
    lastModified,
    ownerAccountId: record.ownerAccountId,
    systemMetadata: record.systemMetadata,
    userMetadata: record.userMetadata,
    attributes: record.attributes,
    restore: undefined,
    replication: record.replication,
    acl: record.acl,
    checksum: record.checksum,
    envelope,
    manifest,
    uploadId: record.uploadId,
    body,
  }
  return whole
}
