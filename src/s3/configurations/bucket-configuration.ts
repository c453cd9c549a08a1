import type { Transaction } from '../../store/database.ts'
import { readXmlBody } from '../documents/xml-body.ts'
import { childrenOf, type XmlShape } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { onBucket } from '../needs.ts'
import type { BucketOperation, BucketRequest, S3Services, WeighedDocument } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type ConfigurationName, configurationName } from '../records/configurations.ts'

/*
 * A configuration of a bucket is one declared constant. Of it come the operations and the record:
 *
 *   Put     body → Content-MD5 or checksum → XML → shape → check ─▶ record [bucket, name] (+ the bucket, by `effect`)
 *   Get     record, or what `absent` says ─▶ shape ─▶ XML
 *   Delete  the record goes                                       ─▶ 204, also where there was none
 *
 * A Put replaces the whole document, never merges. What a configuration does lives where it acts, and reads it by `find`;
 * what every write asks for is carried into the bucket's own record by `effect`, in the same commit.
 */

/** One of the three operations: AWS's name for it, and the action that a caller needs. */
interface Named {
  name: string
  /** As IAM has it: `s3:PutBucketTagging`. */
  action: string
  /** What it does otherwise than AWS; COVERAGE.md shows it. */
  differs?: string
}

interface Put extends Named {
  /** Of the answer, which has no body; 200 when left out. */
  status?: 204
  /**
   * Where S3 demands Content-MD5 or a checksum. The model marks every Put of a configuration (`requestChecksumRequired`), but
   * the SDKs before it computed one only for tagging, CORS, lifecycle, replication, object lock and DeleteObjects (botocore's
   * `conditionally_calculate_md5` until 2022), and what they send has kept working (evidence: s3-body-digest).
   */
  digest?: 'required'
  /** Bytes that the document may have; 1 MiB when left out. */
  largest?: number
  /** Elements that it may have, where the common bound is too small for it. */
  elements?: number
  /** Which headers it takes of features that have no effect here (`objects/ineffective-headers.ts`). */
  headers?: readonly string[]
}

export interface ConfigurationDeclaration<Value> {
  /** The name in the store; never changed once it was released. */
  name: string
  /** The query parameter that selects it: `tagging`. */
  subresource: string
  /** The root element of its document. */
  root: string
  shape: XmlShape<Value>
  get: Named
  put?: Put
  delete?: Named
  /** Whether Get's answer has a Content-Type: most have none. */
  hasType?: true
  /** What Get shows where nobody set it. @throws AwsError where AWS has an error for that */
  absent: (bucket: BucketRecord, services: S3Services) => NoInfer<Value>
  /**
   * S3's own rules, beyond the shape.
   * @returns what is kept: the value, completed where S3 completes it; undefined where such a Put takes the configuration away
   * @throws AwsError in S3's words
   */
  check?: (value: Value, context: CheckContext) => NoInfer<Value> | undefined
  /** Headers of Get's and Put's answers that say what the document does not. */
  answers?: (value: NoInfer<Value>) => Record<string, string>
  /** Where S3 may refuse a Delete. @throws AwsError in S3's words */
  checkDelete?: (bucket: BucketRecord, services: S3Services) => void
  /** What its document says to policies that are weighed for Put. */
  weighs?: (value: Value) => WeighedDocument
  /** Stages what a Put has to tell, beside the configuration that it sets. */
  announce?: (transaction: Transaction, value: NoInfer<Value>, context: CheckContext) => void
  /** Carries what every write asks for into the bucket's record. @param value undefined when it was taken away */
  effect?: (bucket: BucketRecord, value: Value | undefined, services: S3Services) => BucketRecord
}

export interface CheckContext {
  services: S3Services
  request: BucketRequest
}

interface Keeping<Value> {
  /** @returns undefined where nobody set it */
  find(services: Pick<S3Services, 'configurations'>, bucket: string): Value | undefined
  /** Sets it, or takes it away, with its effect on the bucket's record; CreateBucket does so too. */
  keep(services: S3Services, transaction: Transaction, bucket: BucketRecord, value: Value | undefined): void
}

/** A configuration, for those who act by it. */
export interface BucketConfiguration<Value> extends Keeping<Value> {
  /** Of its record. */
  name: string
  root: string
  shape: XmlShape<Value>
  /** Those of AWS's operations on it that are here. */
  operations: readonly BucketOperation[]
}

/** Makes a configuration's operations and its record of one declaration. */
export function bucketConfiguration<Value>(declaration: ConfigurationDeclaration<Value>): BucketConfiguration<Value> {
  const { name, root, shape, effect, put, delete: removal } = declaration
  const record: ConfigurationName<Value> = configurationName(name)
  const configuration: Keeping<Value> = {
    find: ({ configurations }, bucket) => configurations.find(record, bucket),
    keep(services, transaction, bucket, value) {
      const { configurations, buckets } = services
      if (value === undefined) configurations.delete(transaction, record, bucket.name)
      else configurations.put(transaction, record, bucket.name, value)
      if (effect) buckets.put(transaction, effect(bucket, value, services))
    },
  }
  const operations = [getOperation(declaration, configuration)]
  if (put) operations.push(putOperation(declaration, put, configuration))
  if (removal) operations.push(deleteOperation(declaration, removal, configuration))
  return { ...configuration, name, root, shape, operations }
}

function getOperation<Value>(declaration: ConfigurationDeclaration<Value>, { find }: Keeping<Value>): BucketOperation {
  const { get, root, shape, absent, hasType, answers } = declaration
  return {
    ...declared('GET', get, declaration),
    trail: { readOnly: true },
    async handle(services, { bucket }) {
      const value = find(services, bucket.name) ?? absent(bucket, services)
      const xml = { root, content: childrenOf(shape.write(value)), hasNoType: hasType ? undefined : (true as const) }
      return { headers: answers?.(value), xml }
    },
  }
}

function putOperation<Value>(
  declaration: ConfigurationDeclaration<Value>,
  put: Put,
  { keep }: Keeping<Value>,
): BucketOperation {
  const { root, shape, check, weighs, announce, answers } = declaration
  const { status = 200, digest = 'optional', largest, elements } = put
  return {
    ...declared('PUT', put, declaration),
    headers: put.headers,
    weighs: weighs && { root, read: (document) => weighs(shape.read(document)) },
    trail: { readOnly: false },
    changesBucket: true,
    async handle(services, request, transaction) {
      const document = await readXmlBody(request, root, digest, { bytes: largest, elements })
      if (!document) throw s3Errors.MissingRequestBodyError()
      const sent = shape.read(document)
      const kept = check ? check(sent, { services, request }) : sent
      keep(services, transaction, request.bucket, kept)
      if (announce && kept !== undefined) announce(transaction, kept, { services, request })
      return { status, headers: kept === undefined ? undefined : answers?.(kept) }
    },
  }
}

function deleteOperation<Value>(
  declaration: ConfigurationDeclaration<Value>,
  removal: Named,
  { keep }: Keeping<Value>,
): BucketOperation {
  return {
    ...declared('DELETE', removal, declaration),
    trail: { readOnly: false },
    changesBucket: true,
    async handle(services, { bucket }, transaction) {
      declaration.checkDelete?.(bucket, services)
      keep(services, transaction, bucket, undefined)
      return { status: 204 }
    },
  }
}

function declared(method: string, { name, action, differs }: Named, { subresource }: { subresource: string }) {
  return {
    name,
    level: 'bucket' as const,
    route: `${method} /{Bucket}?${subresource}`,
    needs: onBucket(action),
    differs,
  }
}
