import { createHash, randomBytes } from 'node:crypto'
import type { Headers } from './table.ts'

/* What a request says for each scheme, and what answers say of it (S3 API Reference, response syntax of each operation). */

export const method = 'x-amz-server-side-encryption'
export const keyIdHeader = `${method}-aws-kms-key-id`
export const contextHeader = `${method}-context`
export const bucketKeyHeader = `${method}-bucket-key-enabled`
export const customerAlgorithm = `${method}-customer-algorithm`
export const customerKeyHeader = `${method}-customer-key`
export const customerMd5 = `${method}-customer-key-md5`

export const schemes = [
  'none',
  'SSE-S3',
  'SSE-KMS',
  'SSE-KMS with a context',
  'SSE-KMS with a bucket key',
  'DSSE-KMS',
  'SSE-C',
] as const
export type SchemeName = (typeof schemes)[number]

export const operations = [
  'PutObject',
  'PostObject',
  'CopyObject',
  'CreateMultipartUpload',
  'UploadPart',
  'UploadPartCopy',
  'CompleteMultipartUpload',
  'ListParts',
  'GetObject',
  'HeadObject',
  'GetObjectAttributes',
  'DeleteObject',
] as const
export type OperationName = (typeof operations)[number]

/** What makes an object or an upload, and may ask for any scheme. */
export const writes = ['PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload'] as const

/** The status of an operation that went well. */
export function success(operation: OperationName): number {
  return operation === 'PostObject' || operation === 'DeleteObject' ? 204 : 200
}

/** Text that goes into the context header. */
export function encodeContext(context: unknown): string {
  return Buffer.from(JSON.stringify(context)).toString('base64')
}

export const sentContext = { team: 'a' }

/** The three headers of a customer's key, in the request's names. */
export function customerHeaders(key: Uint8Array): Headers {
  return {
    [customerAlgorithm]: 'AES256',
    [customerKeyHeader]: Buffer.from(key).toString('base64'),
    [customerMd5]: createHash('md5').update(key).digest('base64'),
  }
}

/** The same, for the source of a copy. */
export function sourceHeaders(key: Uint8Array): Headers {
  const renamed = Object.entries(customerHeaders(key)).map(([name, value]) => [
    name.replace('x-amz-', 'x-amz-copy-source-'),
    value,
  ])
  return Object.fromEntries(renamed)
}

/** The key of every SSE-C object of the table, and one that is not. */
export const customerKey = randomBytes(32)
export const anotherKey = randomBytes(32)

/** What asks for a scheme: PutObject, CopyObject (for its target), CreateMultipartUpload. */
export function asking(scheme: SchemeName, keyArn: string): Headers {
  const underKms = { [method]: 'aws:kms', [keyIdHeader]: keyArn }
  const headers: Record<SchemeName, Headers> = {
    none: {},
    'SSE-S3': { [method]: 'AES256' },
    'SSE-KMS': underKms,
    'SSE-KMS with a context': { ...underKms, [contextHeader]: encodeContext(sentContext) },
    'SSE-KMS with a bucket key': { ...underKms, [bucketKeyHeader]: 'true' },
    'DSSE-KMS': { ...underKms, [method]: 'aws:kms:dsse' },
    'SSE-C': customerHeaders(customerKey),
  }
  return headers[scheme]
}

/** What opens an object or joins an upload of the scheme: the customer's key, or nothing. */
export function opening(scheme: SchemeName): Headers {
  return scheme === 'SSE-C' ? customerHeaders(customerKey) : {}
}

const silent: readonly OperationName[] = ['GetObjectAttributes', 'ListParts', 'DeleteObject']
const tellingContext: readonly OperationName[] = ['PutObject', 'CopyObject', 'CreateMultipartUpload']

/** All encryption headers of an answer, by operation and scheme. */
export function told(operation: OperationName, scheme: SchemeName, keyArn: string): Headers {
  if (silent.includes(operation) || scheme === 'none') return {}
  if (scheme === 'SSE-S3') return { [method]: 'AES256' }
  if (scheme === 'SSE-C') {
    const { [customerKeyHeader]: _, ...echoed } = customerHeaders(customerKey)
    return operation === 'CompleteMultipartUpload' ? {} : echoed
  }
  const context = scheme === 'SSE-KMS with a context' && tellingContext.includes(operation)
  return {
    [method]: scheme === 'DSSE-KMS' ? 'aws:kms:dsse' : 'aws:kms',
    [keyIdHeader]: keyArn,
    ...(scheme === 'SSE-KMS with a bucket key' && { [bucketKeyHeader]: 'true' }),
    ...(context && { [contextHeader]: encodeContext(sentContext) }),
  }
}

/**
 * The KMS call that using (or making) a key of the scheme costs. The bucket key of the table serves from its first use on.
 * @param place `object`, or `source` of a copy
 */
export function kmsCall(scheme: SchemeName, call: 'GenerateDataKey' | 'Decrypt', place = 'object'): string[] {
  if (scheme === 'SSE-KMS' || scheme === 'DSSE-KMS') return [`${call} ${place}`]
  return scheme === 'SSE-KMS with a context' ? [`${call} ${place} team=a`] : []
}

/** Where nothing but S3's own key (or none) is at work, the ETag is the MD5 of the plaintext. */
export function hasMd5Etag(scheme: SchemeName): boolean {
  return scheme === 'none' || scheme === 'SSE-S3'
}
