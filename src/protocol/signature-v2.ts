import { createHmac } from 'node:crypto'
import type { QueryPair } from './uri.ts'

/**
 * Signature Version 2 for S3 (S3 developer guide, "Signing and authenticating REST requests"):
 *
 *   string to sign = METHOD ¶ Content-MD5 ¶ Content-Type ¶ Date or Expires ¶ x-amz-* headers, each with ¶ ‖ resource
 *   resource       = /bucket ‖ raw path ‖ ? sub-resources, sorted
 *   signature      = base64 HMAC-SHA1(secret, string to sign)
 */
export interface PartsV2 {
  method: string
  headers: Readonly<Record<string, string>>
  /** Raw path; with the bucket in front where the host name carried it. */
  path: string
  query: readonly QueryPair[]
  /** The value of the Expires parameter, in the query form. */
  expires?: string
}

/**
 * Parameters that are part of the resource: S3's sub-resources and its response overrides. botocore's list, and beyond it every
 * sub-resource that S3 has: else the signature of `DELETE /bucket` would be one of `DELETE /bucket?encryption` too. S3's own rule
 * ("if the request addresses a sub-resource, append it") names no end of the list; that it holds for the later ones is assumed.
 */
const subResources = new Set(
  (
    'accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics notification ' +
    'object-lock partNumber policy replication requestPayment restore select select-type storageClass tagging torrent ' +
    'uploadId uploads versionId versioning versions website response-cache-control response-content-disposition ' +
    'response-content-encoding response-content-language response-content-type response-expires ' +
    'abac annotation annotations attributes encryption intelligent-tiering legal-hold metadataAnnotationTable ' +
    'metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable ownershipControls policyStatus ' +
    'publicAccessBlock renameObject retention session'
  ).split(' '),
)

export function stringToSignV2({ method, headers, path, query, expires }: PartsV2): string {
  const date = expires ?? (headers['x-amz-date'] === undefined ? (headers.date ?? '') : '')
  const lines = [method, headers['content-md5'] ?? '', headers['content-type'] ?? '', date]
  return `${lines.join('\n')}\n${amazonHeaders(headers)}${path}${resourceQuery(query)}`
}

function amazonHeaders(headers: Readonly<Record<string, string>>): string {
  const names = Object.keys(headers).filter((name) => name.startsWith('x-amz-'))
  return names
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
    .join('')
}

/** Values stand decoded in the resource. */
function resourceQuery(query: readonly QueryPair[]): string {
  const parameters = query
    .filter(([name]) => subResources.has(name))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
  return parameters.length === 0 ? '' : `?${parameters.sort().join('&')}`
}

export function signV2(secretAccessKey: string, text: string): string {
  return createHmac('sha1', secretAccessKey).update(text).digest('base64')
}
