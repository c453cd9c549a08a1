import { type Ambient, machineNow, type TurnedClock } from '../ambient.ts'
import type { AwsError } from '../aws/errors.ts'
import type { Authentication, Credential, CredentialSource, PayloadCoding } from './authentication.ts'
import { authenticationErrors, credentialForm } from './authentication-errors.ts'
import type { HttpCall } from './http.ts'
import { payloadCoding } from './payload-coding.ts'
import { type Query, readQuery } from './query.ts'
import {
  type CredentialScope,
  canonicalRequest,
  cutCredential,
  equalInConstantTime,
  hmacHex,
  scopeText,
  signingKey,
  stringToSign,
  terminator,
} from './signature-v4.ts'
import { decodeForm, encodeUriPath, type QueryPair } from './uri.ts'

/** What authentication must know of the emulator. */
export interface AuthenticationOptions {
  credentials: CredentialSource
  /** ms since the epoch, by the clock that clients sign by */
  now: number
  /** The emulator's own clock, where that shows something else: what was signed for a time ages by it. */
  turned?: TurnedClock
  /** The emulator's own Region, for requests that name none. */
  region: string
  /** The bucket, where the host name carries it: SigV2 signs it in front of the path. */
  virtualBucket?: string
}

/** What a SigV4 request claims, its form already checked. */
export interface Claim {
  accessKeyId: string
  scope: CredentialScope
  /** `YYYYMMDDThhmmssZ` */
  time: string
  signedHeaders: readonly string[]
  signature: string
  sessionToken?: string
  /** The value of x-amz-content-sha256. */
  payloadHash: string
  /** The query as it was signed. */
  query: readonly QueryPair[]
}

/** The clocks that signatures are judged by. */
export function clocksOf(ambient: Ambient): Pick<AuthenticationOptions, 'now' | 'turned'> {
  return { now: machineNow(ambient), turned: ambient.turned }
}

/**
 * What was signed for a time ages by the emulator's clock: the moment of signing and the present one, as that shows them.
 * @param time of the signature, in ms since the epoch, by the client's clock
 */
export function agesOf({ now, turned }: Pick<AuthenticationOptions, 'now' | 'turned'>, time: number) {
  return turned ? { start: turned.at(time), now: turned.now() } : { start: time, now }
}

/** 15 minutes. */
export const allowedSkew = 900_000

/** `2013-05-24T00:00:00Z`: how errors print a time. */
export function printTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '')
}

/** @throws AwsError RequestTimeTooSkewed */
export function checkSkew(time: number, requestTime: string, now: number): void {
  if (Math.abs(now - time) > allowedSkew) throw authenticationErrors.RequestTimeTooSkewed(requestTime, printTime(now))
}

/**
 * Cuts `AKID/YYYYMMDD/REGION/SERVICE/aws4_request`; the access key may itself hold a slash.
 * @param fail makes the error, given the fault in S3's words
 */
export function readCredential(
  text: string,
  fail: (fault: string) => AwsError,
): { accessKeyId: string; scope: CredentialScope } {
  const { accessKeyId, scope, terminal } = cutCredential(text)
  const { date, region, service } = scope
  if (accessKeyId === '' || region === '') throw fail(credentialForm)
  if (!/^\d{8}$/.test(date)) {
    throw fail(`incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`)
  }
  if (service !== 's3') throw fail(`incorrect service "${service}". This endpoint belongs to "s3".`)
  if (terminal !== terminator) throw fail(`incorrect terminal "${terminal}". This endpoint uses "${terminator}".`)
  return { accessKeyId, scope }
}

/** @throws AwsError InvalidAccessKeyId; InvalidToken where the session token is missing, wrong or one too many */
export function findCredential(
  accessKeyId: string,
  sessionToken: string | undefined,
  credentials: CredentialSource,
): Credential {
  const credential = credentials.find(accessKeyId)
  if (!credential) throw authenticationErrors.InvalidAccessKeyId(accessKeyId)
  if (!tokenFits(credential, sessionToken)) throw authenticationErrors.InvalidToken()
  if (credential.isExpired) throw authenticationErrors.ExpiredToken()
  return credential
}

/** A key taken at its word has no token to compare. */
export function tokenFits(credential: Credential, sessionToken: string | undefined): boolean {
  if (credential.secretAccessKey === undefined) return true
  if (credential.sessionToken === undefined || sessionToken === undefined)
    return credential.sessionToken === sessionToken
  return equalInConstantTime(credential.sessionToken, sessionToken)
}

/**
 * Every `x-amz-*` header and `host` must be signed.
 * @throws AwsError AccessDenied with the list of those that are not
 */
export function checkAllSigned(headers: Readonly<Record<string, string>>, signedHeaders: readonly string[]): void {
  const unsigned: string[] = []
  for (const name in headers) {
    if ((name.startsWith('x-amz-') || name === 'host') && !signedHeaders.includes(name)) unsigned.push(name)
  }
  if (unsigned.length === 0) return
  const message = 'There were headers present in the request which were not signed'
  throw authenticationErrors.AccessDenied(message, { HeadersNotSigned: unsigned.sort().join(', ') })
}

/**
 * Checks a signature over the raw path, decoded and encoded once as S3 does, and says how the body is to be read.
 * @throws AwsError SignatureDoesNotMatch, with what was signed here
 */
export function proveV4(call: HttpCall, claim: Claim, credential: Credential): PayloadCoding {
  const { secretAccessKey } = credential
  if (secretAccessKey === undefined) return payloadCoding(claim.payloadHash)
  const { query, signedHeaders, payloadHash } = claim
  const { method, headers } = call
  const canonical = canonicalRequest({ method, path: pathOf(call), query, headers, signedHeaders, payloadHash })
  const text = stringToSign(claim.time, claim.scope, canonical)
  const key = signingKey(secretAccessKey, claim.scope)
  if (!equalInConstantTime(hmacHex(key, text), claim.signature)) {
    const { accessKeyId, signature } = claim
    throw authenticationErrors.SignatureDoesNotMatch({
      accessKeyId,
      signature,
      stringToSign: text,
      canonicalRequest: canonical,
    })
  }
  const scope = scopeText(claim.scope)
  return payloadCoding(claim.payloadHash, { key, seed: claim.signature, date: claim.time, scope })
}

function pathOf(call: HttpCall): string {
  const path = decodeForm(call.path)
  if (path === undefined) throw authenticationErrors.InvalidURI()
  return encodeUriPath(path)
}

/** @throws AwsError InvalidURI */
export function queryOf(call: HttpCall): Query {
  const query = readQuery(call.query)
  if (!query) throw authenticationErrors.InvalidURI()
  return query
}

/** The Region of a scope. s3cmd signs with `US`, the name of 2006 for what is us-east-1. */
export function regionOf({ region }: CredentialScope): string {
  return region === 'US' ? 'us-east-1' : region
}

/**
 * A bucket belongs to a Region, and a signature is made for one. S3 checks this once the bucket is known.
 * @throws AwsError AuthorizationHeaderMalformed or AuthorizationQueryParametersError, with the Region expected
 */
export function checkRegion(authentication: Authentication, expected: string): void {
  const { region, signature, method } = authentication
  if (signature !== 'SigV4' || region === expected) return
  const fault = `the region '${region}' is wrong; expecting '${expected}'`
  if (method === 'AuthHeader') throw authenticationErrors.AuthorizationHeaderMalformed(fault, expected)
  const message = `Error parsing the X-Amz-Credential parameter; ${fault}`
  throw authenticationErrors.AuthorizationQueryParametersError(message, expected)
}
