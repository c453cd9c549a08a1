import { bareRecord } from '../../aws/bare-record.ts'
import { s3Errors } from '../errors.ts'
import type { ObjectRecord } from '../records/object-record.ts'
import { decodeWords, encodeWord, isLatin1, isPrintable, isWithoutControls } from './encoded-words.ts'

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

/** `aws-chunked` tells how the request was sent and is not part of the object; the rest keeps its spelling. */
function withoutChunking(encoding: string | undefined): string | undefined {
  const codings = encoding?.split(',')
  const kept = codings?.filter((coding) => coding.trim().toLowerCase() !== 'aws-chunked')
  return kept?.length === codings?.length ? encoding : kept?.join(',').trim()
}

function readUserMetadata(headers: Headers): Record<string, string> {
  const kept = bareRecord()
  let size = 0
  for (const name in headers) {
    if (!name.startsWith(userPrefix) || name.length === userPrefix.length) continue
    const shortName = name.slice(userPrefix.length)
    const value = decodeWords(headers[name] ?? '')
    kept[shortName] = value
    size += Buffer.byteLength(shortName) + Buffer.byteLength(value)
  }
  if (size > userMetadataLimit) throw s3Errors.MetadataTooLarge(size)
  return kept
}

/**
 * The metadata as headers of an answer. What the user named is encoded where a header cannot hold it; the rest comes back as the
 * bytes it was (evidence: s3-header-text).
 */
export function metadataHeaders({ systemMetadata, userMetadata }: Metadata): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name in systemMetadata) headers[name] = rawText(systemMetadata[name] ?? '')
  for (const name in userMetadata) headers[userPrefix + name] = encodeWord(userMetadata[name] ?? '')
  return headers
}

/** As Node writes headers: each character is one byte. A control character is none that a header can hold. */
export function rawText(value: string): string {
  if (isPrintable(value)) return value
  return isWithoutControls(value) ? Buffer.from(value).toString('latin1') : encodeWord(value)
}

/**
 * The answer's headers that a GET replaces with `response-…` parameters.
 * @throws AwsError InvalidArgument for what is not Latin-1 (evidence: s3-header-text)
 */
export function responseOverrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {}
  if (query.size === 0) return headers
  for (const [parameter, header] of Object.entries(overrides)) {
    const value = query.get(parameter)
    if (value === undefined) continue
    if (!isLatin1(value)) {
      throw s3Errors.InvalidArgument('Header value cannot be represented using ISO-8859-1.', parameter, value)
    }
    headers[header] = isWithoutControls(value) ? value : encodeWord(value)
  }
  return headers
}

/** `Last-Modified` as HTTP writes dates. */
export function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString()
}
