/*
 * What the console's API answers: the one thing that its server and its page share. Types alone, so that the page gets no code of the
 * server's.
 */

import type { ToldExplanation, ToldRuling, Weighing } from '../control/told-explanation.ts'

export type { ToldExplanation, ToldRuling, Weighing }

/** What the page shows of the emulator itself. */
export interface Overview {
  version: string
  accountId: string
  region: string
  /** Where AWS clients find S3 and KMS. */
  endpoint: string
  /** ms since the epoch, by the emulator's clock */
  now: number
  status: string
  /** Whether S3's own calls on objects are recorded. */
  recordsDataEvents: boolean
}

export interface BucketRow {
  name: string
  region: string
  /** ms since the epoch */
  creationDate: number
  /** `AES256`, `aws:kms`, `aws:kms:dsse`; undefined: what asks for nothing lies in clear */
  encryption?: string
  /** Of the default: as it was set. */
  keyId?: string
  versioning?: 'Enabled' | 'Suspended'
  hasPolicy: boolean
  isPublic: boolean
  isLockable: boolean
}

export interface BucketPage {
  buckets: BucketRow[]
  /** The last name of this page, where there are more. */
  next?: string
}

/** A bucket in a list of all of them. */
export type BucketName = Pick<BucketRow, 'name' | 'hasPolicy'>

/** What a bucket holds, counted up to a limit. */
export interface BucketSize {
  objects: number
  bytes: number
  /** Whether there is more than was counted. */
  isMore: boolean
}

/** A key, a version of it, or what begins with a common prefix. */
export type ObjectRow = { prefix: string } | VersionRow

export interface VersionRow {
  key: string
  versionId: string
  isLatest: boolean
  isMarker: boolean
  /** ms since the epoch */
  lastModified: number
  size: number
  /** `none`, `SSE-S3`, `SSE-KMS`, `DSSE-KMS`, `SSE-C` */
  scheme: string
  keyArn?: string
  storageClass?: string
  isLocked: boolean
}

export interface ObjectPage {
  rows: ObjectRow[]
  /** Goes on behind this page. */
  next?: string
}

/** An object as its record has it: no key material, no content. */
export interface ObjectDetails extends VersionRow {
  bucket: string
  etag: string
  contentType?: string
  systemMetadata: Record<string, string>
  userMetadata: Record<string, string>
  tags: Record<string, string>
  checksum?: { algorithm: string; type: string }
  retention?: { mode: string; until: number }
  legalHold: boolean
  envelope: EnvelopeDetails
}

/** How an object lies in the store. */
export interface EnvelopeDetails {
  /** Outermost last; empty: in clear, with checksums alone. */
  layers: number
  bucketKeyEnabled: boolean
  /** As KMS is asked with it; undefined where it is not asked. */
  encryptionContext?: Record<string, string>
  /** Bytes of the data key as KMS sealed it. */
  encryptedDataKey?: number
  /** The request to KMS that made the data key, as long as it is remembered. */
  madeBy?: string
  segmentSize: number
  /** Bytes that sealing adds to each segment. */
  segmentOverhead: number
  /** Of each part, in order; the first thousand. */
  parts: { number: number; size: number; storedSize: number; segments: number }[]
  partCount: number
  /** Whether it was uploaded in parts, be it one. */
  isMultipart: boolean
  /** Bytes of all parts as they lie in the store. */
  storedSize: number
}

/** The newest calls of KMS about an object, or about its bucket where a bucket key serves. */
export interface ObjectCalls {
  calls: EventRow[]
  /** Of the object's key: how many were looked at. */
  seen: number
}

export interface KeyRow {
  keyId: string
  arn: string
  region: string
  aliases: string[]
  description: string
  state: string
  keySpec: string
  keyUsage: string
  manager: string
  origin: string
  creationDate: number
  deletionDate?: number
}

export interface KeyPage {
  keys: KeyRow[]
  next?: string
}

export interface KeyDetails extends KeyRow {
  policy: string
  tags: Record<string, string>
  /** Oldest first. */
  materials: {
    id: string
    since: number
    how: 'created' | 'automatic' | 'on demand' | 'imported'
    isCurrent: boolean
  }[]
  rotation?: { periodInDays: number; nextDate: number }
  grants: { id: string; grantee: string; operations: string[]; context?: Record<string, string>; name?: string }[]
}

/** Current versions under a key, as far as they were looked for. */
export interface SealedObjects {
  objects: { bucket: string; key: string }[]
  /** Objects that were looked at. */
  seen: number
  isMore: boolean
}

/** A call as the trail has it. */
export interface EventRow {
  id: string
  time: string
  name: string
  source: string
  region: string
  caller: string
  /** Whether S3 did it with an object. */
  isData: boolean
  /** Whether it changed nothing. */
  isRead: boolean
  /** Who asked in the caller's name, `fas.s3.amazonaws.com`, or the service that did it by itself. */
  via?: string
  /** The request of S3 on whose behalf it was made, as long as it is remembered. */
  causeId?: string
  requestId?: string
  error?: string
  message?: string
  resources: string[]
  context?: Record<string, string>
}

export interface EventPage {
  events: EventRow[]
  /** How many calls were looked at to find them. */
  seen: number
  next?: string
}

/** What calls are chosen by. */
export type CallFilter = 'name' | 'key' | 'caller' | 'bucket' | 'context' | 'error'

/** What occurs among the newest calls, in order. */
export type Occurring = Record<CallFilter, string[]>

/** What happened since a page was last told. */
export interface Change {
  /** Calls that were recorded, the newest first; not all of them where there were many. */
  calls: EventRow[]
  /** Whether something is not told of here: what is shown is to be read anew. */
  isMore: boolean
}

export interface EventDetails {
  row: EventRow
  /** As CloudTrail has it. */
  record: object
  explanations: ToldExplanation[]
}

/** A user or a role that is declared. */
export interface PrincipalRow {
  arn: string
  /** Nobody gave it policies. */
  isAdministrator: boolean
  /** Inline ones. */
  policies: { name: string; document: string }[]
  /** ARNs of managed policies and groups. */
  attached: string[]
  /** The ARN of its permissions boundary. */
  boundary?: string
}

/** What would be answered to a call that nobody made, and what was weighed for it. */
export interface Decision {
  /** An ARN; empty: nobody. */
  caller: string
  ruling: ToldRuling
}
