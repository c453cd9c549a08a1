import type { Ambient } from '../ambient.ts'
import type { Log } from '../log.ts'
import type { Authentication, RequestBody } from '../protocol/authentication.ts'
import type { HttpCall } from '../protocol/http.ts'
import type { XmlElement } from '../protocol/rest-xml.ts'
import type { BlobStore } from '../store/blobs.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { Trail } from '../trail/trail.ts'
import type { BucketStore } from './records/buckets.ts'
import type { ObjectStore } from './records/objects.ts'
import type { UploadStore } from './records/uploads.ts'
import type { S3Settings } from './settings.ts'
import type { EnvelopeMaker } from './sse/envelope.ts'

/** One S3 request after addressing, routing and authentication. */
export interface S3Request {
  operation: string
  /** Empty for ListBuckets. */
  bucket: string
  /** Percent-decoded once, byte for byte: may hold `//`, `..`, anything UTF-8. Empty for bucket operations. */
  key: string
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
}

/** What a handler answers; `endpoint.ts` renders it and adds request ids, Date and Server. */
export interface S3Answer {
  status?: number
  headers?: Record<string, string | undefined>
  /** An XML document: root element name and its content (`protocol/rest-xml.ts`). */
  xml?: { root: string; content: XmlElement }
  body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** The services a handler may enter. */
export interface S3Services {
  database: Database
  blobs: BlobStore
  buckets: BucketStore
  objects: ObjectStore
  uploads: UploadStore
  envelopes: EnvelopeMaker
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

/** An S3 operation: one declared constant. Its route is in AWS's own notation: `'PUT /{Bucket}/{Key+}?partNumber&uploadId'`. */
export interface S3Operation {
  name: string
  /**
   * `METHOD /{Bucket}/{Key+}?query&query=value`, with `#header` demands after a space:
   * `'PUT /{Bucket}/{Key+} #x-amz-copy-source'`. The row with the most demands wins; no two rows tie.
   */
  route: string
  /**
   * Bucket-level management calls are recorded in the trail; CloudTrail's `readOnly` is declared with it. Those that are
   * not read-only run under the bucket's exclusive lock, their body read beforehand.
   */
  trail?: { readOnly: boolean }
  /** What it does otherwise than AWS, in a sentence; COVERAGE.md shows it. Nothing: as AWS does, as far as is known. */
  differs?: string
  /** The bucket need not exist yet. */
  createsBucket?: true
  /** Comes as a browser's form, which carries key, headers and signature in its fields: `form-request.ts` reads it. */
  isForm?: true
  /**
   * Query parameters and headers beyond the shared ones that this operation understands are its own business.
   * @param management for calls with `trail`: what is staged here is committed in one batch with the call's record
   */
  handle(services: S3Services, request: S3Request, management: Transaction): Promise<S3Answer>
}
