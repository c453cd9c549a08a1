import { createHash, timingSafeEqual } from 'node:crypto'
import { objectArn } from '../../aws/arn.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import { contextHeader, ownPairs, parseContextHeader, strictBase64 } from './encryption-context.ts'
import type {
  CustomerKey,
  DefaultEncryption,
  EncryptionRequest,
  EnvelopeRecord,
  Scheme,
  SealTarget,
  Session,
} from './envelope.ts'
import { sseErrors, words } from './errors.ts'

/** Lower-case names; form fields of POST Object have the same. */
type Headers = Readonly<Record<string, string>>

const method = 'x-amz-server-side-encryption'
const keyIdHeader = `${method}-aws-kms-key-id`
const contextHeaderName = `${method}-context`
const bucketKeyHeader = `${method}-bucket-key-enabled`
/** Written out: every request looks for them. */
const customerHeaders = {
  request: {
    algorithm: 'x-amz-server-side-encryption-customer-algorithm',
    key: 'x-amz-server-side-encryption-customer-key',
    keyMd5: 'x-amz-server-side-encryption-customer-key-md5',
  },
  'copy-source': {
    algorithm: 'x-amz-copy-source-server-side-encryption-customer-algorithm',
    key: 'x-amz-copy-source-server-side-encryption-customer-key',
    keyMd5: 'x-amz-copy-source-server-side-encryption-customer-key-md5',
  },
}

const keyLength = 32

/**
 * What a write asks for (PutObject, CopyObject, CreateMultipartUpload, and the fields of POST Object).
 * @throws AwsError in S3's order and words (evidence: sse-c-write-order)
 */
export function readEncryptionRequest(headers: Headers): EncryptionRequest {
  if (hasCustomerHeaders(headers, 'request')) return { scheme: 'SSE-C', customerKey: readNewCustomerKey(headers) }
  const algorithm = headers[method]
  const bucketKey = readBucketKeyFlag(headers)
  if (algorithm === undefined || algorithm === 'AES256') {
    refuseKmsHeaders(headers)
    return { scheme: algorithm === undefined ? 'unasked' : 'SSE-S3', bucketKey }
  }
  if (algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') {
    throw sseErrors.InvalidArgument(words.unknownMethod, algorithm)
  }
  const context = headers[contextHeaderName]
  return {
    scheme: algorithm === 'aws:kms' ? 'SSE-KMS' : 'DSSE-KMS',
    keyId: headers[keyIdHeader],
    context: context === undefined ? undefined : parseContextHeader(context),
    bucketKey,
  }
}

/**
 * A customer key that a write brings wrongly is told to whoever writes, before it is weighed whether he may (evidence: sse-c-write-order).
 * @throws AwsError
 */
export function refuseUnfitCustomerKey(headers: Headers): void {
  if (hasCustomerHeaders(headers, 'request')) readNewCustomerKey(headers)
}

/**
 * The customer's key of a part, of a read, or of the source of a copy; undefined when no header speaks of one. Its length
 * is not checked: a key of another length is a wrong key, 403 (evidence: sse-c-read).
 * @throws AwsError
 */
export function readCustomerKey(headers: Headers, origin: 'request' | 'copy-source'): CustomerKey | undefined {
  if (!hasCustomerHeaders(headers, origin)) return undefined
  const names = customerHeaders[origin]
  const { [names.algorithm]: algorithm, [names.key]: key, [names.keyMd5]: keyMd5 } = headers
  if (algorithm === undefined) throw sseErrors.InvalidArgument(words.needsAlgorithm)
  if (algorithm !== 'AES256') throw sseErrors.InvalidEncryptionAlgorithmError(algorithm)
  if (key === undefined) throw sseErrors.InvalidArgument(words.needsKey)
  if (keyMd5 === undefined) throw sseErrors.InvalidArgument(words.needsMd5)
  const bytes = strictBase64(key)
  // AWS refuses a key that is not base64, in words that are not known (evidence: sse-c-not-base64).
  if (!bytes) throw sseErrors.InvalidArgument(words.unfitKey)
  if (!isMd5Of(bytes, keyMd5)) throw sseErrors.InvalidArgument(words.md5Differs)
  return { key: bytes, keyMd5 }
}

/**
 * All that is checked before KMS or a customer's key is tried, for GET, HEAD, GetObjectAttributes and the source of a copy.
 * Whether the key is the right one is checked later by `checkCustomerKey`: an unsatisfiable range comes first (evidence: sse-c-read).
 * @param origin of a copy's source the encryption headers are the target's, so they are no fault
 * @throws AwsError
 */
export function checkRead(
  record: EnvelopeRecord,
  request: { headers: Headers; authentication: Authentication },
  customerKey: CustomerKey | undefined,
  origin: 'request' | 'copy-source' = 'request',
): void {
  if (origin === 'request') refuseEncryptionHeaders(request.headers)
  if (isKms(record.scheme)) requireSignatureVersion4(request.authentication)
  if (record.scheme === 'SSE-C' && !customerKey) throw sseErrors.InvalidRequest(words.keyMissing)
  if (record.scheme !== 'SSE-C' && customerKey) throw sseErrors.InvalidRequest(words.notApplicable)
}

/**
 * A part must bring the customer's key exactly when the upload was begun with one.
 * @throws AwsError InvalidRequest
 */
export function checkPart(record: EnvelopeRecord, customerKey: CustomerKey | undefined): void {
  if ((record.scheme === 'SSE-C') !== (customerKey !== undefined)) throw sseErrors.InvalidRequest(words.partNeedsKey)
}

/**
 * Refuses customer keys over plain HTTP, where `--require-tls-for-sse-c` asks for it.
 * @throws AwsError InvalidRequest
 */
export function checkTransport(headers: Headers, secure: boolean, requireTls: boolean): void {
  if (secure || !requireTls) return
  if (hasCustomerHeaders(headers, 'request') || hasCustomerHeaders(headers, 'copy-source')) {
    throw sseErrors.InvalidRequest(words.needsTls)
  }
}

/**
 * A bucket may refuse customer keys altogether (BlockedEncryptionTypes): for every write, parts included (evidence: sse-c-blocked).
 * @throws AwsError AccessDenied
 */
export function refuseBlockedCustomerKey(
  bucketDefault: DefaultEncryption | undefined,
  { bucket, key }: SealTarget,
  { authentication }: Session,
): void {
  if (bucketDefault?.blockedEncryptionTypes !== 'SSE-C') return
  const principal = authentication.caller.arn || 'anonymous'
  throw sseErrors.AccessDenied(words.blocked(principal, objectArn(bucket, key)))
}

/**
 * What of a write's wish can be refused before any key is asked for.
 * @throws AwsError AccessDenied for a blocked customer key, InvalidArgument for the context of another object
 */
export function checkEncryptionRequest(
  request: EncryptionRequest,
  bucketDefault: DefaultEncryption | undefined,
  target: SealTarget,
  session: Session,
): void {
  if (request.scheme === 'SSE-C') refuseBlockedCustomerKey(bucketDefault, target, session)
  if ('context' in request) ownPairs(request.context, target)
}

/**
 * S3 asks KMS only for callers who signed with Signature Version 4 (evidence: sse-kms-signature).
 * @throws AwsError InvalidArgument
 */
export function requireSignatureVersion4({ signature }: Authentication): void {
  if (signature !== 'SigV4') throw sseErrors.InvalidArgument(words.needsSignatureVersion4, 'null', 'Authorization')
}

export function isKms(scheme: Scheme): scheme is 'SSE-KMS' | 'DSSE-KMS' {
  return scheme === 'SSE-KMS' || scheme === 'DSSE-KMS'
}

const silentOperations = new Set(['GetObjectAttributes', 'ListParts', 'DeleteObject'])
const contextOperations = new Set(['PutObject', 'CopyObject', 'CreateMultipartUpload'])

/** What a request knows beside the record: the customer's key, and the context as it was sent. */
export interface AnswerSource {
  customerKey?: CustomerKey
  sentContext?: Record<string, string>
}

/** The response headers about an object's encryption, operation by operation (evidence: sse-answers). */
export function answerHeadersOf(
  record: EnvelopeRecord,
  operation: string,
  { customerKey, sentContext }: AnswerSource = {},
): Record<string, string> {
  if (silentOperations.has(operation) || record.scheme === 'none') return {}
  if (record.scheme === 'SSE-C') {
    if (!customerKey || operation === 'CompleteMultipartUpload') return {}
    const { algorithm } = customerHeaders.request
    return { [algorithm]: 'AES256', 'x-amz-server-side-encryption-customer-key-MD5': customerKey.keyMd5 }
  }
  const headers: Record<string, string> = {}
  headers[method] = methodNames[record.scheme]
  if (record.keyArn) headers[keyIdHeader] = record.keyArn
  if (record.bucketKeyEnabled) headers[bucketKeyHeader] = 'true'
  if (sentContext && contextOperations.has(operation)) headers[contextHeaderName] = contextHeader(sentContext)
  return headers
}

const methodNames = { 'SSE-S3': 'AES256', 'SSE-KMS': 'aws:kms', 'DSSE-KMS': 'aws:kms:dsse' } as const

function hasCustomerHeaders(headers: Headers, origin: 'request' | 'copy-source'): boolean {
  const { algorithm, key, keyMd5 } = customerHeaders[origin]
  return headers[algorithm] !== undefined || headers[key] !== undefined || headers[keyMd5] !== undefined
}

function readNewCustomerKey(headers: Headers): CustomerKey {
  const other = headers[method]
  if (other !== undefined) throw sseErrors.InvalidArgument(words.incompatible, other)
  // Refused by AWS; its text was never captured.
  if (hasKmsHeaders(headers)) throw sseErrors.InvalidArgument(words.incompatible)
  const customerKey = readCustomerKey(headers, 'request')
  if (customerKey?.key.length !== keyLength) throw sseErrors.InvalidArgument(words.unfitKey)
  return customerKey
}

function hasKmsHeaders(headers: Headers): boolean {
  return headers[keyIdHeader] !== undefined || headers[contextHeaderName] !== undefined
}

function refuseKmsHeaders(headers: Headers): void {
  if (hasKmsHeaders(headers)) throw sseErrors.InvalidArgument(words.needsKmsHeader, headers[method] ?? 'null')
}

/**
 * Reads and parts take no header on the object's encryption but the customer's key (evidence: sse-header-on-read).
 * @throws AwsError InvalidArgument
 */
export function refuseEncryptionHeaders(headers: Headers): void {
  const sent = [method, keyIdHeader, contextHeaderName, bucketKeyHeader].find((name) => headers[name] !== undefined)
  if (sent) throw sseErrors.InvalidArgument(words.notForReading, headers[sent] ?? 'null', sent)
}

function readBucketKeyFlag(headers: Headers): boolean | undefined {
  const value = headers[bucketKeyHeader]
  if (value === undefined) return undefined
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw sseErrors.InvalidArgument(words.bucketKeyForm, value, bucketKeyHeader)
}

function isMd5Of(key: Buffer, base64: string): boolean {
  const given = strictBase64(base64)
  return given?.length === 16 && timingSafeEqual(given, createHash('md5').update(key).digest())
}
