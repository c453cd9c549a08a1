import type { Ambient } from '../ambient.ts'
import type { Caller } from '../aws/caller.ts'
import type { AwsError } from '../aws/errors.ts'
import type { FaultSource } from '../fault-source.ts'
import type { Log } from '../log.ts'
import type { Authentication, RequestBody } from '../protocol/authentication.ts'
import type { HttpAnswer, HttpCall } from '../protocol/http.ts'
import type { XmlElement } from '../protocol/rest-xml.ts'
import type { BlobStore } from '../store/blobs.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { Trail } from '../trail/trail.ts'
import type { Notifications } from './notifications/notifications.ts'
import type { AccessLogLines } from './records/access-log-lines.ts'
import type { BucketRecord, BucketStore } from './records/buckets.ts'
import type { ConfigurationStore } from './records/configurations.ts'
import type { InventorySchedule } from './records/inventory-schedule.ts'
import type { Tag } from './records/object-attributes.ts'
import type { ObjectStore } from './records/objects.ts'
import type { UploadStore } from './records/uploads.ts'
import type { Replications } from './replication/replications.ts'
import type { S3Settings } from './settings.ts'
import type { EnvelopeMaker } from './sse/envelope.ts'

/** What every request has, whatever it is about. */
export interface ServiceRequest {
  operation: string
  /** Whether the host names the bucket, rather than the path. */
  virtualHost: boolean
  /** Decoded query parameters; a name without `=` has the value ''. First one wins. */
  query: ReadonlyMap<string, string>
  /** Lower-case. Includes signed `x-amz-*` parameters of a presigned URL, which stand for headers. */
  headers: Readonly<Record<string, string>>
  call: HttpCall
  authentication: Authentication
  body: RequestBody
  /** x-amz-request-id */
  requestId: string
  /** Of operations that declare what it says to policies. */
  document?: WeighedDocument
  /** x-amz-id-2 */
  hostId: string
}

/** As it was addressed, before anything was looked for. */
export interface AddressedRequest extends ServiceRequest {
  /** Empty for the service itself. */
  bucketName: string
  /** Percent-decoded once, byte for byte: may hold `//`, `..`, anything UTF-8. Empty where no object is meant. */
  key: string
}

/** About a bucket that is to be made. */
export interface NewBucketRequest extends ServiceRequest {
  bucketName: string
}

/** About a bucket that is there, as it was when the request was allowed. */
export interface BucketRequest extends ServiceRequest {
  bucket: BucketRecord
}

/** About an object, there or not. */
export interface ObjectRequest extends BucketRequest {
  key: string
}

/** What a handler answers; `endpoint.ts` renders it and adds request ids, Date and Server. */
export interface S3Answer {
  status?: number
  headers?: Record<string, string | undefined>
  /** An XML document: root element name and its content (`protocol/rest-xml.ts`). */
  xml?: {
    root: string
    content: XmlElement
    /** The answer says nothing of its type: so do most settings of buckets (evidence: s3-unset). */
    hasNoType?: true | undefined
  }
  body?: Uint8Array | AsyncIterable<Uint8Array>
  /** How it breaks on purpose. */
  broken?: HttpAnswer['broken']
  /** Of DeleteObjects: what became of each key, for the access log. */
  deletions?: readonly { key: string; code?: string }[]
}

/** A request as far as policies look at it. */
export type WeighedRequest = Pick<
  ServiceRequest,
  'operation' | 'query' | 'headers' | 'call' | 'authentication' | 'requestId' | 'document'
>

/** What a request's document says to policies. */
export interface WeighedDocument {
  /** By condition key, in lower case. */
  values?: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Tags that it puts on what it is about. */
  tags?: readonly Tag[]
}

/** Who may do what. */
export interface Access {
  /** Whether no policy has anything to say: then the caller may do everything with the bucket, or in its account. */
  isUnrestricted(caller: Caller, bucket?: BucketRecord): boolean
  /**
   * Weighs each need on its resource, in order.
   * @param bucket that the request names, where it is there
   * @throws AwsError AccessDenied for the first that is not allowed; NoSuchBucket where the source of a copy is in none
   */
  permit(request: WeighedRequest, needs: readonly Need[], bucket?: BucketRecord): void
  /** Whether a caller may do what decides how much it is told; nothing of it is noted. */
  may(request: WeighedRequest, need: Need, bucket: BucketRecord): boolean
  /**
   * What a caller hears of an error: that a key is missing is told only to who may list the bucket.
   * @param call of the request that ended in it
   */
  asTold(call: HttpCall, error: unknown): unknown
  /**
   * Notes how a request ended about which something was weighed, for whoever asks why.
   * @returns once a refusal is stored; undefined where nothing is to be stored
   */
  noteFailure(call: HttpCall, error: AwsError): Promise<void> | undefined
}

/** What a handler may use. */
export interface S3Services {
  access: Access
  /** What is to go wrong on purpose. */
  faults?: FaultSource
  database: Database
  blobs: BlobStore
  buckets: BucketStore
  configurations: ConfigurationStore
  accessLogLines: AccessLogLines
  inventorySchedule: InventorySchedule
  objects: ObjectStore
  uploads: UploadStore
  envelopes: EnvelopeMaker
  notifications: Notifications
  replications: Replications
  ambient: Ambient
  trail: Trail
  log: Log
  settings: S3Settings
}

/** What stands in the table of routes, whether it is here or is refused by its name. */
export interface Routed {
  name: string
  route: string
}

/** A permission: an action as IAM names it, on the ARN of a resource. */
export interface Need {
  action: string
  resource: string
  /** The version that is meant, where the query does not name it. */
  versionId?: string
  /** The entity tag that the object must have, where a document says so and no header. */
  ifMatch?: string
  /** Asked of callers of the bucket's account, or of others, alone. */
  askedOf?: 'own account' | 'other accounts'
}

/** What of a request says which permissions it needs. */
export type NeedingRequest = Pick<AddressedRequest, 'bucketName' | 'key' | 'query' | 'headers'>

/** What a request needs; its query, headers and fields of a form may ask for more. */
export type Needs = (request: NeedingRequest) => readonly Need[]

/** What all operations declare. */
interface Declared extends Routed {
  /**
   * `METHOD /{Bucket}/{Key+}?query&query=value`, with `#header` demands after a space:
   * `'PUT /{Bucket}/{Key+} #x-amz-copy-source'`. The row with the most demands wins; no two rows tie.
   */
  route: string
  /** Management calls are recorded in the trail; CloudTrail's `readOnly` is declared with it. */
  trail?: { readOnly: boolean }
  /** Whether the endpoint of us-east-1, which is the global one, serves it for the buckets of all Regions. */
  servedGlobally?: true
  /** Which of versionId and partNumber it takes, beside what its route demands; else it refuses them (`http/addressing.ts`). */
  addressing?: readonly string[]
  /** Which headers it takes of features that have no effect here (`objects/ineffective-headers.ts`). */
  headers?: readonly string[]
  /** What a caller must be allowed, in the order in which a refusal names it (`needs.ts`). */
  needs: Needs
  /** Which condition keys its document has values for: it is then read before anything is weighed. */
  weighs?: { root: string; read(document: XmlElement): WeighedDocument }
  /** Which objects its document names, of at most so many bytes; for whoever asks before it is performed. */
  documentKeys?: { limit: number; read(document: Buffer): Promise<string[]> }
  /** What it does otherwise than AWS, in a sentence; COVERAGE.md shows it. Nothing: as AWS does, as far as is known. */
  differs?: string
}

export interface ServiceOperation extends Declared {
  level: 'service'
  /** It changes what the caller's account has: as an operation that changes its bucket. */
  changesAccount?: true
  handle(services: S3Services, request: ServiceRequest, transaction: Transaction): Promise<S3Answer>
}

/**
 * An operation on a bucket. One that changes the bucket runs under its exclusive lock, its body read beforehand; what it
 * stages in the transaction is committed in one batch with the call's record.
 */
export interface BucketOperation extends Declared {
  level: 'bucket'
  changesBucket?: true
  handle(services: S3Services, request: BucketRequest, transaction: Transaction): Promise<S3Answer>
}

/** As an operation that changes the bucket, of one that need not exist yet. */
export interface NewBucketOperation extends Declared {
  level: 'new bucket'
  changesBucket: true
  handle(services: S3Services, request: NewBucketRequest, transaction: Transaction): Promise<S3Answer>
}

export interface ObjectOperation extends Declared {
  level: 'object'
  /** Comes as a browser's form, which carries key, headers and signature in its fields: `http/form-request.ts` reads it. */
  isForm?: true
  handle(services: S3Services, request: ObjectRequest): Promise<S3Answer>
}

/**
 * An S3 operation: one declared constant. Query parameters and headers beyond the shared ones that it understands are its
 * own business.
 */
export type S3Operation = ServiceOperation | NewBucketOperation | BucketOperation | ObjectOperation
