import type { Authentication, Credential } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'
import type { HttpCall } from './http.ts'
import { unsignedPayloadCoding } from './payload-coding.ts'
import { headersOf } from './presigned.ts'
import { type AuthenticationOptions, checkSkew, findCredential, printTime, queryOf } from './proof.ts'
import { type PartsV2, signV2, stringToSignV2 } from './signature-v2.ts'
import { equalInConstantTime, parseTime } from './signature-v4.ts'

/**
 * Whether a request carries (part of) a SigV2 signature in its query.
 * @throws AwsError InvalidURI
 */
export function isQueryV2(call: HttpCall): boolean {
  if (call.query === '') return false
  const { parameters } = queryOf(call)
  return parameters.has('AWSAccessKeyId') || parameters.has('Signature') || parameters.has('Expires')
}

/** SigV2 in the header: `AWS AKID:signature`. */
export function authenticateHeaderV2(
  call: HttpCall,
  authorization: string,
  options: AuthenticationOptions,
): Authentication {
  const colon = authorization.lastIndexOf(':')
  const accessKeyId = authorization.slice(4, colon).trim()
  const signature = authorization.slice(colon + 1)
  if (colon < 0 || accessKeyId === '' || signature === '') {
    const message = 'AWS authorization header is invalid.  Expected AwsAccessKeyId:signature'
    throw authenticationErrors.InvalidArgument(message, 'Authorization', authorization)
  }
  const { headers } = call
  const date = headers['x-amz-date'] ?? headers.date ?? ''
  const time = parseTime(date) ?? Date.parse(date)
  if (Number.isNaN(time)) {
    throw authenticationErrors.AccessDenied('AWS authentication requires a valid Date or x-amz-date header')
  }
  const credential = findCredential(accessKeyId, headers['x-amz-security-token'], options.credentials)
  checkSkew(time, date, options.now)
  const parts = { method: call.method, headers, path: resourcePath(call, options), query: queryOf(call).pairs }
  prove(parts, accessKeyId, signature, credential)
  return authentication(call, credential, 'AuthHeader', options)
}

/** SigV2 in the query: boto3 presigns with it unless told otherwise. */
export function authenticateQueryV2(call: HttpCall, options: AuthenticationOptions): Authentication {
  const { pairs: query, parameters } = queryOf(call)
  const accessKeyId = parameters.get('AWSAccessKeyId')
  const signature = parameters.get('Signature')
  const expires = parameters.get('Expires')
  if (!accessKeyId || !signature || !expires) {
    const message = 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters'
    throw authenticationErrors.AccessDenied(message)
  }
  if (!/^\d{1,12}$/.test(expires)) {
    throw authenticationErrors.AccessDenied(`Invalid date (should be seconds since epoch): ${expires}`)
  }
  const end = Number(expires) * 1000
  // When it was signed is not said, so its end is one of the emulator's clock.
  const now = options.turned?.now() ?? options.now
  if (now > end) {
    const details = { Expires: printTime(end), ServerTime: printTime(now) }
    throw authenticationErrors.AccessDenied('Request has expired', details)
  }
  const headers = headersWithHoisted(call, parameters)
  const credential = findCredential(accessKeyId, headers['x-amz-security-token'], options.credentials)
  const parts = { method: call.method, headers, path: resourcePath(call, options), query, expires }
  prove(parts, accessKeyId, signature, credential)
  return authentication(call, credential, 'QueryString', options)
}

/** botocore also moves Content-Type and Content-MD5 to the query of a URL it signs. */
function headersWithHoisted(call: HttpCall, query: ReadonlyMap<string, string>): Record<string, string> {
  const headers = { ...headersOf(call) }
  for (const name of ['content-type', 'content-md5']) {
    const value = headers[name] ?? query.get(name)
    if (value !== undefined) headers[name] = value
  }
  return headers
}

/** The path as it is written; with the bucket in front where the host names it. */
function resourcePath(call: HttpCall, { virtualBucket }: AuthenticationOptions): string {
  return virtualBucket === undefined ? call.path : `/${virtualBucket}${call.path}`
}

function isBucketAlone(path: string): boolean {
  return path !== '/' && !path.includes('/', 1)
}

function prove(parts: PartsV2, accessKeyId: string, signature: string, { secretAccessKey }: Credential): void {
  if (secretAccessKey === undefined) return
  const stringToSign = stringToSignV2(parts)
  const isProven = (text: string) => equalInConstantTime(signV2(secretAccessKey, text), signature)
  if (isProven(stringToSign)) return
  // botocore signs a bucket alone with a slash behind it, sent or not: "a signature that S3 will accept".
  if (isBucketAlone(parts.path) && isProven(stringToSignV2({ ...parts, path: `${parts.path}/` }))) return
  throw authenticationErrors.SignatureDoesNotMatch({ accessKeyId, signature, stringToSign })
}

/** SigV2 says nothing of the body; a client may still declare its hash or frame it. */
function authentication(
  call: HttpCall,
  { caller }: Credential,
  method: 'AuthHeader' | 'QueryString',
  { region }: AuthenticationOptions,
): Authentication {
  const payload = unsignedPayloadCoding(call.headers)
  return { caller, signature: 'SigV2', method, region, payload }
}
