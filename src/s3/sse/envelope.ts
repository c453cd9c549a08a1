import type { EncryptionContext } from '../../kms/client.ts'
import type { Authentication } from '../../protocol/authentication.ts'

export type Scheme = 'none' | 'SSE-S3' | 'SSE-KMS' | 'DSSE-KMS' | 'SSE-C'

/** What a write asks for, parsed and checked from headers or form fields by `sse/headers.ts`. */
export type EncryptionRequest =
  | { scheme: 'unasked'; bucketKey?: boolean }
  | { scheme: 'SSE-S3'; bucketKey?: boolean }
  | {
      scheme: 'SSE-KMS' | 'DSSE-KMS'
      /** As sent: key id, ARN, alias or alias ARN; undefined: the bucket's key, else alias/aws/s3. */
      keyId?: string
      /** Without `aws:s3:arn`, unless it was sent. */
      context?: EncryptionContext
      bucketKey?: boolean
    }
  | { scheme: 'SSE-C'; customerKey: CustomerKey }

/** A customer's key as a request brings it; never stored. */
export interface CustomerKey {
  key: Uint8Array
  /** The MD5 header as sent, echoed in the answer. */
  keyMd5: string
}

/** The bucket's default, as GetBucketEncryption shows it; undefined: none (classic). */
export interface DefaultEncryption {
  algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse'
  keyId?: string
  bucketKeyEnabled: boolean
  blockedEncryptionTypes: 'SSE-C' | 'NONE'
}

/** What an envelope is bound to. An upload in progress has its upload id in place of the version id. */
export interface SealTarget {
  bucket: string
  key: string
  versionId: string
}

/** Who reads or writes: KMS is asked in this caller's name, in the bucket's Region. */
export interface Session {
  authentication: Authentication
  /** The bucket's Region. */
  region: string
  /** S3's request id, by which `explain` finds the calls that S3 made for the request. */
  requestId?: string
}

/** The object key, sealed, as the object's record keeps it. Opaque outside `sse/`, but for `scheme` and `keyArn`. */
export interface EnvelopeRecord {
  scheme: Scheme
  /** SSE-KMS and DSSE-KMS: the KMS key's ARN. */
  keyArn?: string
  bucketKeyEnabled?: boolean
  /** The caller's own context pairs (never aws:s3:arn); JSON keeps `__proto__` as an own key. */
  context?: EncryptionContext
  /** base64 fields that only `sse/` understands: encrypted data key, sealed object key, salts, check values, manifest MAC. */
  sealed?: Record<string, string>
}

/** A sealed body on its way to the blob store. */
export interface SealedBody {
  /** base64 salt of the segment key (scheme none: of the checksums), kept beside the blob's id */
  salt: string
  segments: AsyncIterable<Uint8Array>
}

/** A sealed body as a record names it. */
export interface StoredBody {
  salt: string
  /** Bytes of the plaintext. */
  size: number
}

/** What a manifest says of a body. */
export interface ManifestEntry extends StoredBody {
  /** Part number. */
  number: number
  blob: number
}

/** An object, one part of an upload in progress, or such an upload itself. */
export type ManifestOf = 'object' | 'part' | 'upload'

/** Plaintext of a body: what lies in one segment is there at once. */
export type OpenedBody = Uint8Array | AsyncIterable<Uint8Array>

/** An open object key: seals and opens bodies. No handler branches on the scheme; `none` hides nothing. */
export interface Envelope {
  readonly scheme: Scheme
  /** Only with SSE-S3 or no encryption is the ETag the MD5 of the plaintext (evidence: s3-etag). */
  readonly etagIsMd5: boolean
  /** Cuts the plaintext into segments and seals each. */
  seal(plaintext: AsyncIterable<Uint8Array>): SealedBody
  /**
   * Plaintext bytes `first` … `last` (inclusive) of one stored body. The first segment is authenticated before this
   * resolves, so that a tampered small object is a clean error.
   * @param read gives stored segments by index
   * @throws Error (an InternalError to the client) when a segment does not authenticate
   */
  open(
    body: StoredBody,
    first: number,
    last: number,
    read: (firstSegment: number, count: number) => AsyncIterable<Uint8Array>,
  ): Promise<OpenedBody>
  /**
   * HMAC under the object key over the target and the ordered list of bodies, base64; a plain hash for `none`.
   * @param of what the list makes; a part's manifest is none of an object, else all but one part could be dropped
   */
  manifest(bodies: readonly ManifestEntry[], target: SealTarget, of?: ManifestOf): string
  /** @throws Error when list and target are not the ones that the manifest was made of */
  checkManifest(mac: string, bodies: readonly ManifestEntry[], target: SealTarget, of?: ManifestOf): void
  /** Small secrets of an object (its checksums under SSE-KMS): sealed to base64, and back. */
  sealText(purpose: string, text: string): string
  openText(purpose: string, sealed: string): string
  /** The record to store: the object key sealed to `target`. Call again for a new target (Complete, UpdateObjectEncryption). */
  recordFor(target: SealTarget): EnvelopeRecord
  /** Response headers about the encryption (evidence: sse-answers). */
  answerHeaders(operation: string): Record<string, string>
}

/** Makes and opens envelopes. Keys are known in `sse/` alone, and `sse/kms-keyring.ts` makes all of S3's calls to KMS. */
export interface EnvelopeMaker {
  /**
   * A new object key for a write. Costs one GenerateDataKey under SSE-KMS and DSSE-KMS (none when a bucket key serves).
   * @param request what the write asked for; `unasked` takes the bucket's default
   * @throws AwsError with S3's code (`KMS.DisabledException`, AccessDenied …) when KMS refuses
   */
  envelopeFor(
    request: EncryptionRequest,
    bucketDefault: DefaultEncryption | undefined,
    target: SealTarget,
    session: Session,
  ): Promise<Envelope>
  /**
   * Opens a stored object key. Costs one Decrypt under SSE-KMS and DSSE-KMS (none when a bucket key serves).
   * @param customerKey of an SSE-C object, already checked for form. Without it an SSE-C envelope opens no body, but can be
   * completed (recordFor, manifest): CompleteMultipartUpload comes without the key
   * @throws AwsError AccessDenied for a wrong customer key
   */
  openEnvelope(
    record: EnvelopeRecord,
    target: SealTarget,
    customerKey: CustomerKey | undefined,
    session: Session,
  ): Promise<Envelope>
  /**
   * The envelope of a copy of an SSE-C object in another bucket, made without the customer's key (replication): the sealed bodies are
   * copied as they are.
   * @param target the object that is copied
   * @param copy where it is copied to
   * @throws AwsError AccessDenied where the other bucket takes no SSE-C
   */
  transplant(
    record: EnvelopeRecord,
    target: SealTarget,
    region: string,
    copy: { target: SealTarget; bucketDefault: DefaultEncryption | undefined; session: Session },
  ): Promise<Envelope>
  /**
   * The same object key under another key-encryption key (UpdateObjectEncryption): bodies, manifest and sealed texts stay as
   * they are, and so do the caller's context pairs. Costs what opening and making cost together.
   */
  reseal(record: EnvelopeRecord, request: EncryptionRequest, target: SealTarget, session: Session): Promise<Envelope>
}
