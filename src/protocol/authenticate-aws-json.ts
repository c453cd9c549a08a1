import { canBeRegion } from '../aws/arn.ts'
import { AwsError } from '../aws/errors.ts'
import type { Authentication, Credential, CredentialSource } from './authentication.ts'
import { readAuthorization } from './authorization-header.ts'
import type { ForwardedSession, HttpCall } from './http.ts'
import { tokenFits } from './proof.ts'
import { readQuery } from './query.ts'
import {
  algorithmV4,
  canonicalRequest,
  cutCredential,
  equalInConstantTime,
  formatTime,
  hmacHex,
  readTime,
  sha256Hex,
  signedNames,
  signingKey,
  stringToSign,
  terminator,
} from './signature-v4.ts'
import { encodeUriPath } from './uri.ts'

export interface AwsJsonOptions {
  /** The service's name in a credential scope. */
  service: 'kms' | 'cloudtrail' | 'sts' | 'iam'
  credentials: CredentialSource
  /** ms since the epoch */
  now: number
  /** The emulator's own Region; unused while a scope names one. */
  region?: string
}

/** One kind of failure has one name in AWS JSON and another in the older query protocol, which IAM and STS speak. */
const json = {
  missing: ['MissingAuthenticationTokenException', 400, 'Missing Authentication Token'],
  incomplete: ['IncompleteSignatureException', 400],
  unknown: ['UnrecognizedClientException', 400],
  expired: ['ExpiredTokenException', 400],
  invalid: ['InvalidSignatureException', 400],
  minutes: 5,
} as const
const queryProtocol = {
  missing: ['MissingAuthenticationToken', 403, 'Request is missing Authentication Token'],
  incomplete: ['IncompleteSignature', 400],
  unknown: ['InvalidClientTokenId', 403],
  expired: ['ExpiredToken', 403],
  invalid: ['SignatureDoesNotMatch', 403],
  minutes: 15,
} as const
type Dialect = typeof json | typeof queryProtocol

const unknownToken = 'The security token included in the request is invalid.'
const expiredToken = 'The security token included in the request is expired'
const mismatch =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

/**
 * Finds out who calls KMS, CloudTrail, IAM or STS, and proves it: SigV4 in the header over the bytes of the body, or a session
 * that S3 forwards inside the process.
 * @throws AwsError in the words of the service's protocol
 */
export function authenticateAwsJson(call: HttpCall, bodyBytes: Uint8Array, options: AwsJsonOptions): Authentication {
  if (call.session) return authenticateSession(call.session)
  const dialect = options.service === 'sts' || options.service === 'iam' ? queryProtocol : json
  const { authorization } = call.headers
  if (authorization === undefined) {
    const [code, status, message] = dialect.missing
    throw new AwsError(code, message, status)
  }
  const claim = readClaim(call, authorization, dialect)
  checkScope(claim, options.service, dialect)
  const credential = findCredential(claim.accessKeyId, call.headers['x-amz-security-token'], options, dialect)
  checkTime(claim, options.now, dialect)
  prove(call, bodyBytes, claim, credential, dialect)
  return proven(credential.caller, claim.scope.region)
}

/** A session that a service in this process forwards needs no proof: it cannot come from outside. */
export function authenticateSession({ caller, region }: ForwardedSession): Authentication {
  return proven(caller, region)
}

function proven(caller: Authentication['caller'], region: string): Authentication {
  return { caller, region, signature: 'SigV4', method: 'AuthHeader', payload: { coding: 'unsigned' } }
}

type Claim = ReturnType<typeof readClaim>

function readClaim({ headers }: HttpCall, authorization: string, dialect: Dialect) {
  const [code, status] = dialect.incomplete
  const incomplete = (message: string) => new AwsError(code, message, status)
  const { algorithm, credential, signature, signedHeaders } = readAuthorization(authorization)
  if (algorithm !== algorithmV4) throw incomplete(`Unsupported AWS 'algorithm': '${algorithm}'.`)
  const given = headers['x-amz-date'] ?? headers.date
  const faults = [
    credential ? '' : "Authorization header requires 'Credential' parameter. ",
    signature ? '' : "Authorization header requires 'Signature' parameter. ",
    signedHeaders ? '' : "Authorization header requires 'SignedHeaders' parameter. ",
    given ? '' : "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
  ].join('')
  if (faults !== '')
    throw incomplete(`${faults}(Hashed with SHA-256 and encoded with Base64) Authorization=${digest(authorization)}`)
  const { accessKeyId, scope, terminal } = cutCredential(credential)
  if (accessKeyId === '') {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    )
  }
  const time = readTime(given ?? '')
  if (!time) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${given}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    )
  }
  return { accessKeyId, scope, terminal, time, signature, signedHeaders: signedNames(signedHeaders) }
}

function digest(text: string): string {
  return Buffer.from(sha256Hex(text), 'hex').toString('base64')
}

function invalid(dialect: Dialect, message: string): AwsError {
  const [code, status] = dialect.invalid
  return new AwsError(code, message, status)
}

function checkScope(
  { scope, terminal, time: { text }, signedHeaders }: Claim,
  service: string,
  dialect: Dialect,
): void {
  if (terminal !== terminator) {
    throw invalid(dialect, `Credential should be scoped with a valid terminator: '${terminator}', not '${terminal}'.`)
  }
  if (scope.service !== service) throw invalid(dialect, `Credential should be scoped to correct service: '${service}'.`)
  if (!canBeRegion(scope.region)) throw invalid(dialect, 'Credential should be scoped to a valid region.')
  const date = text.slice(0, 8)
  if (scope.date !== date) {
    const from = `'${scope.date}' != '${date}', from '${text}'.`
    throw invalid(
      dialect,
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${from}`,
    )
  }
  if (!signedHeaders.includes('host')) {
    throw invalid(dialect, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
  }
}

function findCredential(
  accessKeyId: string,
  sessionToken: string | undefined,
  { credentials }: AwsJsonOptions,
  dialect: Dialect,
): Credential {
  const credential = credentials.find(accessKeyId)
  const fits = credential && tokenFits(credential, sessionToken)
  if (fits && !credential.isExpired) return credential
  const [code, status] = fits ? dialect.expired : dialect.unknown
  throw new AwsError(code, fits ? expiredToken : unknownToken, status)
}

function checkTime({ time: { time, text: signed } }: Claim, now: number, dialect: Dialect): void {
  const allowed = dialect.minutes * 60_000
  if (Math.abs(now - time) <= allowed) return
  const current = formatTime(now)
  if (time < now) {
    const limit = formatTime(now - allowed)
    throw invalid(
      dialect,
      `Signature expired: ${signed} is now earlier than ${limit} (${current} - ${dialect.minutes} min.)`,
    )
  }
  const limit = formatTime(now + allowed)
  throw invalid(
    dialect,
    `Signature not yet current: ${signed} is still later than ${limit} (${current} + ${dialect.minutes} min.)`,
  )
}

function prove(
  call: HttpCall,
  body: Uint8Array,
  claim: Claim,
  { secretAccessKey }: Credential,
  dialect: Dialect,
): void {
  if (secretAccessKey === undefined) return
  const query = readQuery(call.query)
  if (!query) throw invalid(dialect, mismatch)
  const canonical = canonicalRequest({
    method: call.method,
    path: encodeUriPath(call.path),
    query: query.pairs,
    headers: call.headers,
    signedHeaders: claim.signedHeaders,
    payloadHash: sha256Hex(body),
  })
  const text = stringToSign(claim.time.text, claim.scope, canonical)
  if (equalInConstantTime(hmacHex(signingKey(secretAccessKey, claim.scope), text), claim.signature)) return
  throw invalid(dialect, mismatch)
}
