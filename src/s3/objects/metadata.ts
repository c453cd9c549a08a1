import { bareRecord } from '../../aws/bare-record.ts'
import { s3Errors } from '../errors.ts'
import type { ObjectRecord } from '../records/object-record.ts'

type Headers = Readonly<Record<string, string>>
export type Metadata = Pick<ObjectRecord, 'systemMetadata' | 'userMetadata'>

/** Headers that S3 keeps with an object and gives back as they were sent. */
const systemNames = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'cache-control',
  'expires',
] as const

const userPrefix = 'x-amz-meta-'
/** User metadata: names and values together, as UTF-8. Source: "Working with object metadata". */
const userMetadataLimit = 2048

/** Query parameters of GetObject that stand for an answer's header. */
const overrides: Record<string, string> = {
  'response-content-type': 'content-type',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-disposition': 'content-disposition',
  'response-cache-control': 'cache-control',
  'response-expires': 'expires',
}

/**
 * Reads what a write keeps beside the body.
 * @throws AwsError MetadataTooLarge
 */
export function readMetadata(headers: Headers): Metadata {
  return { systemMetadata: readSystemMetadata(headers), userMetadata: readUserMetadata(headers) }
}

function readSystemMetadata(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name of systemNames) {
    const value = name === 'content-encoding' ? withoutChunking(headers[name]) : headers[name]
    if (value !== undefined && value !== '') kept[name] = value
  }
  kept['content-type'] ??= 'binary/octet-stream'
  return kept
}

/** `aws-chunked` tells how the request was sent and is not part of the object. */
function withoutChunking(encoding: string | undefined): string | undefined {
  const codings = encoding?.split(',').map((coding) => coding.trim())
  return codings?.filter((coding) => coding.toLowerCase() !== 'aws-chunked' && coding !== '').join(',')
}

function readUserMetadata(headers: Headers): Record<string, string> {
  const kept = bareRecord()
  let size = 0
  for (const name in headers) {
    if (!name.startsWith(userPrefix) || name.length === userPrefix.length) continue
    const shortName = name.slice(userPrefix.length)
    const value = headers[name] ?? ''
    kept[shortName] = value
    size += Buffer.byteLength(shortName) + Buffer.byteLength(value)
  }
  if (size > userMetadataLimit) throw s3Errors.MetadataTooLarge(size)
  return kept
}

/** The metadata as headers of an answer; what a header cannot hold is encoded as S3 does (RFC 2047). */
export function metadataHeaders({ systemMetadata, userMetadata }: Metadata): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name in systemMetadata) headers[name] = headerText(systemMetadata[name] ?? '')
  for (const name in userMetadata) headers[userPrefix + name] = headerText(userMetadata[name] ?? '')
  return headers
}

function headerText(value: string): string {
  return /^[\x20-\x7e\t]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`
}

/** The answer's headers that a GET replaces with `response-…` parameters. */
export function responseOverrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {}
  if (query.size === 0) return headers
  for (const [parameter, header] of Object.entries(overrides)) {
    const value = query.get(parameter)
    if (value !== undefined) headers[header] = headerText(value)
  }
  return headers
}

/** `Last-Modified` as HTTP writes dates. */
export function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString()
}
