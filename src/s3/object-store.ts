import type { BlobId } from '../store/blobs.ts'
import { recordKind } from '../store/keyspace.ts'
import type { EnvelopeRecord } from './sse/envelope.ts'

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

export type ChecksumAlgorithm =
  | 'CRC32'
  | 'CRC32C'
  | 'CRC64NVME'
  | 'SHA1'
  | 'SHA256'
  | 'SHA512'
  | 'MD5'

/** One stored body of an object: the whole of it, or a part. */
export interface BodyRecord {
  /** Part number; 1 for an object that was put whole. */
  number: number
  blob: BlobId
  salt: string
  /** Bytes of the plaintext. */
  size: number
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
  manifest: string
  /** Whole objects carry their one body here; multipart ones keep theirs in `objectParts`, with their number here. */
  body: BodyRecord | { partCount: number }
}

/** bucket, key, version slot (newest first) */
export const objectRecords = recordKind<ObjectRecord>()('object', ['string', 'string', 'integer'])
/** bucket, key, version slot → bodies in order */
export const objectParts = recordKind<BodyRecord[]>()('objectParts', ['string', 'string', 'integer'])
