import type { Authentication } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'
import type { HttpCall } from './http.ts'
import {
  type AuthenticationOptions,
  agesOf,
  allowedSkew,
  checkAllSigned,
  findCredential,
  printTime,
  proveV4,
  queryOf,
  readCredential,
  regionOf,
} from './proof.ts'
import { algorithmV4, parseTime, signedNames } from './signature-v4.ts'

const required = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
] as const
/** Seven days, in seconds. */
const longestLife = 604_800

/**
 * Whether a request carries (part of) a SigV4 signature in its query.
 * @throws AwsError InvalidURI
 */
export function isPresigned(call: HttpCall): boolean {
  if (call.query === '') return false
  const { parameters } = queryOf(call)
  return required.some((name) => parameters.has(name))
}

const wrong = (message: string) => authenticationErrors.AuthorizationQueryParametersError(message)

/** SigV4 in the query: a presigned URL. */
export function authenticatePresigned(call: HttpCall, options: AuthenticationOptions): Authentication {
  const { pairs, parameters: sent } = queryOf(call)
  const parameters = readParameters(sent)
  const { accessKeyId, scope } = readCredential(parameters['X-Amz-Credential'], (fault) =>
    wrong(`Error parsing the X-Amz-Credential parameter; ${fault}`),
  )
  const text = parameters['X-Amz-Date']
  const time = parseTime(text)
  if (time === undefined) throw wrong(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
  if (!text.startsWith(scope.date)) {
    throw wrong(
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${text.slice(0, 8)}".`,
    )
  }
  const { start, now } = agesOf(options, time)
  checkLife(start, readExpires(parameters['X-Amz-Expires']), now)
  const sessionToken = sent.get('X-Amz-Security-Token')
  const credential = findCredential(accessKeyId, sessionToken, options.credentials)
  const signedHeaders = signedNames(parameters['X-Amz-SignedHeaders'])
  const { 'x-amz-content-sha256': sentHash, ...headers } = call.headers
  checkAllSigned(headers, signedHeaders)
  const signedHash = signedHeaders.includes('x-amz-content-sha256') ? sentHash : undefined
  const payloadHash = signedHash ?? sent.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD'
  const payload = proveV4(
    withSignedParameters(call, signedHeaders),
    {
      accessKeyId,
      scope,
      time: text,
      signedHeaders,
      signature: parameters['X-Amz-Signature'],
      payloadHash,
      query: pairs.filter(([name]) => name !== 'X-Amz-Signature'),
    },
    credential,
  )
  return { caller: credential.caller, signature: 'SigV4', method: 'QueryString', region: regionOf(scope), payload }
}

function readParameters(sent: ReadonlyMap<string, string>): Record<(typeof required)[number], string> {
  const value = (name: string) => sent.get(name) || missing()
  const parameters = {
    'X-Amz-Algorithm': value('X-Amz-Algorithm'),
    'X-Amz-Credential': value('X-Amz-Credential'),
    'X-Amz-Signature': value('X-Amz-Signature'),
    'X-Amz-Date': value('X-Amz-Date'),
    'X-Amz-SignedHeaders': value('X-Amz-SignedHeaders'),
    'X-Amz-Expires': value('X-Amz-Expires'),
  }
  if (parameters['X-Amz-Algorithm'] === algorithmV4) return parameters
  throw wrong(`X-Amz-Algorithm only supports "${algorithmV4} and AWS4-ECDSA-P256-SHA256"`)
}

function missing(): never {
  throw wrong(
    'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, ' +
      'X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
  )
}

function readExpires(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw wrong('X-Amz-Expires should be a number')
  const seconds = Number(text)
  if (seconds < 0) throw wrong('X-Amz-Expires must be non-negative')
  if (seconds <= longestLife) return seconds
  throw wrong(
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
  )
}

function checkLife(start: number, seconds: number, now: number): void {
  if (start > now + allowedSkew) throw authenticationErrors.AccessDenied('Request is not valid yet')
  const end = start + seconds * 1000
  if (now <= end) return
  throw authenticationErrors.AccessDenied('Request has expired', {
    'X-Amz-Expires': seconds,
    Expires: printTime(end),
    ServerTime: printTime(now),
  })
}

/** Parameters that are the signature itself and stand for no header. */
const notHeaders = new Set(required.map((name) => name.toLowerCase()))

/**
 * A checksum in the query is not held against the body, nor is its algorithm: the JavaScript SDK puts that of an empty body
 * (`x-amz-sdk-checksum-algorithm=CRC32&x-amz-checksum-crc32=AAAAAA==`) into every PUT that it presigns, and S3 takes the upload
 * all the same (evidence: s3-presigned).
 */
const bodyChecksum = /^x-amz-(?:sdk-checksum-algorithm$|checksum-(?!(?:mode|type|algorithm)$))/

/** Conditions that a signed URL may carry as well: what its signer demanded counts, not what is sent beside it. */
const conditions: ReadonlySet<string> = new Set(['if-match', 'if-none-match'])

/**
 * The headers of a request, lower-case. In a URL that is signed, `x-amz-*` parameters stand for headers, and so do If-Match and
 * If-None-Match: presigners hoist them there, in SigV4 and SigV2 alike. A header of the same name was signed too, else
 * authentication had refused it (evidence: s3-presigned).
 * @throws AwsError InvalidURI
 */
export function headersOf(call: HttpCall): Readonly<Record<string, string>> {
  if (call.query === '') return call.headers
  const { pairs, parameters } = queryOf(call)
  if (!parameters.has('X-Amz-Signature') && !parameters.has('Signature')) return call.headers
  const headers = { ...call.headers }
  for (const [name, value] of pairs) {
    const header = name.toLowerCase()
    if (conditions.has(header)) headers[header] = value
    else if (header.startsWith('x-amz-') && !notHeaders.has(header) && !bodyChecksum.test(header)) {
      headers[header] ??= value
    }
  }
  return headers
}

/** With those that are signed as headers and sent as parameters: version 2 of the JavaScript SDK presigns `x-amz-acl` so. */
function withSignedParameters(call: HttpCall, signedHeaders: readonly string[]): HttpCall {
  const missing = signedHeaders.filter((name) => call.headers[name] === undefined)
  if (missing.length === 0) return call
  const headers = { ...call.headers }
  for (const [name, value] of queryOf(call).pairs) {
    const header = name.toLowerCase()
    if (missing.includes(header)) headers[header] ??= value
  }
  return { ...call, headers }
}
