import { hash } from 'node:crypto'
import { hmac, hmacText } from '../crypto/hmac.ts'
import { remembering } from './remembered.ts'
import { encodeUri, type QueryPair } from './uri.ts'

/**
 * Signature Version 4, the algorithm alone (IAM User Guide, "Create a signed AWS API request"):
 *
 *   canonical request = METHOD ¶ path ¶ query ¶ headers ¶ signed header names ¶ payload hash
 *   string to sign    = AWS4-HMAC-SHA256 ¶ time ¶ date/region/service/aws4_request ¶ SHA256(canonical request)
 *   signing key       = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")
 *   signature         = hex HMAC(signing key, string to sign)
 */
export interface CredentialScope {
  /** YYYYMMDD */
  date: string
  region: string
  service: string
}

export const algorithmV4 = 'AWS4-HMAC-SHA256'
export const terminator = 'aws4_request'
/** SHA-256 of nothing. */
export const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export interface CanonicalParts {
  method: string
  /** Encoded as the service asks: once for S3, twice elsewhere. */
  path: string
  query: readonly QueryPair[]
  headers: Readonly<Record<string, string>>
  /** Lower case, in the order the client lists them. */
  signedHeaders: readonly string[]
  payloadHash: string
}

export function canonicalRequest({ method, path, query, headers, signedHeaders, payloadHash }: CanonicalParts): string {
  let lines = `${method}\n${path}\n${canonicalQuery(query)}\n`
  for (const name of signedHeaders) lines += `${name}:${canonicalValue(headers[name] ?? '')}\n`
  return `${lines}\n${signedHeaders.join(';')}\n${payloadHash}`
}

/** Sorted by encoded name, then by encoded value. Encoded text is ASCII, so that comparing strings compares bytes. */
function canonicalQuery(query: readonly QueryPair[]): string {
  if (query.length === 0) return ''
  const pairs = query.map(([name, value]) => ({ name: encodeUri(name), value: encodeUri(value) }))
  pairs.sort((a, b) => order(a.name, b.name) || order(a.value, b.value))
  return pairs.map(({ name, value }) => `${name}=${value}`).join('&')
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function canonicalValue(value: string): string {
  if (!/\s/.test(value)) return value
  return value.trim().replace(/\s+/g, ' ')
}

export function scopeText({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/${terminator}`
}

/** @param time `YYYYMMDDThhmmssZ` */
export function stringToSign(time: string, scope: CredentialScope, canonical: string): string {
  return `${algorithmV4}\n${time}\n${scopeText(scope)}\n${sha256Hex(canonical)}`
}

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

export function hmacHex(key: Buffer, text: string): string {
  return hmacText('sha256', key, [text], 'hex')
}

/** Derives the signing key. */
export function signingKey(secret: string, scope: CredentialScope): Buffer {
  return rememberedKey(`${scopeText(scope)}/${secret}`, () => {
    const { date, region, service } = scope
    let key: Buffer = Buffer.from(`AWS4${secret}`)
    for (const part of [date, region, service, terminator]) key = hmac('sha256', key, part)
    return key
  })
}

const rememberedKey = remembering<Buffer>(64)

/** What a Credential field says; the access key may itself hold a slash. Nothing of it is checked. */
export interface CredentialField {
  accessKeyId: string
  scope: CredentialScope
  /** `aws4_request`, where the field has its form */
  terminal: string
}

/** Cuts `AKID/YYYYMMDD/REGION/SERVICE/aws4_request`. */
export function cutCredential(text: string): CredentialField {
  return rememberedCredential(text, () => {
    const fields = text.split('/')
    const [date = '', region = '', service = '', terminal = ''] = fields.splice(-4)
    return { accessKeyId: fields.join('/'), scope: { date, region, service }, terminal }
  })
}

const rememberedCredential = remembering<CredentialField>(64)

/** The names of a SignedHeaders list, in lower case. */
export function signedNames(list: string): readonly string[] {
  return rememberedNames(list, () => list.toLowerCase().split(';'))
}

const rememberedNames = remembering<readonly string[]>(64)

/** Compares two short texts in a time that does not depend on where they differ. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= a.charCodeAt(index) ^ b.charCodeAt(index)
  return difference === 0
}

/** A moment, and how SigV4 writes it. */
export interface SignedTime {
  /** ms since the epoch */
  time: number
  /** `YYYYMMDDThhmmssZ` */
  text: string
}

/**
 * Reads the time of a request: SigV4's own form, or one of HTTP's.
 * @returns undefined where it is no time
 */
export function readTime(given: string): SignedTime | undefined {
  const time = parseTime(given)
  if (time !== undefined) return { time, text: given }
  const other = Date.parse(given)
  return Number.isNaN(other) ? undefined : { time: other, text: formatTime(other) }
}

const signedTime = /^\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])[0-5]\d[0-5]\dZ$/

/**
 * Reads `YYYYMMDDThhmmssZ`.
 * @returns ms since the epoch; undefined where it is another text or no date
 */
export function parseTime(text: string): number | undefined {
  if (!signedTime.test(text)) return undefined
  const number = (begin: number, end: number) => Number(text.slice(begin, end))
  return Date.UTC(number(0, 4), number(4, 6) - 1, number(6, 8), number(9, 11), number(11, 13), number(13, 15))
}

/** Writes `YYYYMMDDThhmmssZ`. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}
