import { anonymousCaller } from '../aws/caller.ts'
import { authenticateHeaderV2, authenticateQueryV2, isQueryV2 } from './authenticate-v2.ts'
import type { Authentication } from './authentication.ts'
import { authenticationErrors } from './authentication-errors.ts'
import { readAuthorization } from './authorization-header.ts'
import type { HttpCall } from './http.ts'
import { payloadCoding, unsignedPayloadCoding } from './payload-coding.ts'
import { authenticatePresigned, isPresigned } from './presigned.ts'
import {
  type AuthenticationOptions,
  checkAllSigned,
  checkSkew,
  findCredential,
  proveV4,
  queryOf,
  readCredential,
  regionOf,
} from './proof.ts'
import { algorithmV4, readTime, type SignedTime, signedNames } from './signature-v4.ts'

export { authenticateAwsJson, authenticateSession } from './authenticate-aws-json.ts'

/**
 * Finds out who makes an S3 request, and proves it: SigV4 and SigV2, each in the header or in the query, or anonymous.
 * Who may do what is decided later. The Region of the scope is not judged here: see `checkRegion`.
 * @throws AwsError in S3's words
 */
export function authenticate(call: HttpCall, options: AuthenticationOptions): Authentication {
  if (call.session) return forwarded(call, call.session)
  const { authorization } = call.headers
  const inQuery = isPresigned(call) || isQueryV2(call)
  if (authorization === undefined) return inQuery ? authenticateQuery(call, options) : anonymous(call, options)
  if (inQuery) throw twoMechanisms(authorization)
  if (authorization.startsWith('AWS ')) return authenticateHeaderV2(call, authorization, options)
  if (authorization.startsWith('AWS4-')) return authenticateHeader(call, authorization, options)
  throw authenticationErrors.InvalidArgument('Unsupported Authorization Type', 'Authorization', authorization)
}

function authenticateQuery(call: HttpCall, options: AuthenticationOptions): Authentication {
  return isPresigned(call) ? authenticatePresigned(call, options) : authenticateQueryV2(call, options)
}

function twoMechanisms(authorization: string): Error {
  const message =
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or ' +
    'the Authorization header should be specified'
  return authenticationErrors.InvalidArgument(message, 'Authorization', authorization)
}

function forwarded(call: HttpCall, session: NonNullable<HttpCall['session']>): Authentication {
  const { caller, region } = session
  return { caller, region, signature: 'SigV4', method: 'AuthHeader', payload: unsignedPayloadCoding(call.headers) }
}

function anonymous(call: HttpCall, { region }: AuthenticationOptions): Authentication {
  return {
    caller: anonymousCaller,
    signature: 'none',
    method: 'none',
    region,
    payload: unsignedPayloadCoding(call.headers),
  }
}

/** SigV4 in the Authorization header. Checks in S3's order: form, time, body hash, key, skew, token, what is signed, proof. */
function authenticateHeader(call: HttpCall, authorization: string, options: AuthenticationOptions): Authentication {
  const { headers } = call
  const { credential: credentialText, signedHeaders, signature } = completeAuthorization(authorization)
  const { accessKeyId, scope } = readCredential(credentialText, malformed)
  const { time, text } = requestTime(headers)
  if (!text.startsWith(scope.date)) {
    throw malformed(
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${text.slice(0, 8)}".`,
    )
  }
  const payloadHash = headers['x-amz-content-sha256']
  if (payloadHash === undefined) {
    throw authenticationErrors.InvalidRequest('Missing required header for this request: x-amz-content-sha256')
  }
  payloadCoding(payloadHash)
  const sessionToken = headers['x-amz-security-token']
  const credential = findCredential(accessKeyId, sessionToken, options.credentials)
  checkSkew(time, text, options.now)
  checkAllSigned(headers, signedHeaders)
  const claim = {
    accessKeyId,
    scope,
    time: text,
    signedHeaders,
    signature,
    sessionToken,
    payloadHash,
    query: queryOf(call).pairs,
  }
  const payload = proveV4(call, claim, credential)
  return { caller: credential.caller, signature: 'SigV4', method: 'AuthHeader', region: regionOf(scope), payload }
}

const malformed = (fault: string) => authenticationErrors.AuthorizationHeaderMalformed(fault)

function completeAuthorization(authorization: string) {
  const { algorithm, credential, signedHeaders, signature, count } = readAuthorization(authorization)
  if (algorithm !== algorithmV4) {
    const message = `The authorization mechanism you have provided is not supported. Please use ${algorithmV4}.`
    throw authenticationErrors.InvalidRequest(message)
  }
  if (count === 0) {
    const components = 'the authorization header requires three components: Credential, SignedHeaders, and Signature.'
    throw malformed(components)
  }
  if (credential === '') throw malformed('missing Credential.')
  if (signedHeaders === '') throw malformed('missing SignedHeaders.')
  if (signature === '') throw malformed('missing Signature.')
  return { credential, signedHeaders: signedNames(signedHeaders), signature }
}

/** The request's time from x-amz-date, or else from Date, which may also have HTTP's form. */
function requestTime(headers: Readonly<Record<string, string>>): SignedTime {
  const own = headers['x-amz-date']
  const found = readTime(own ?? headers.date ?? '')
  if (found && (own === undefined || found.text === own)) return found
  throw authenticationErrors.AccessDenied('AWS authentication requires a valid Date or x-amz-date header')
}
