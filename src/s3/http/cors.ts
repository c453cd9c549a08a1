import type { HttpAnswer, HttpCall } from '../../protocol/http.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import type { Address } from '../address.ts'
import { BucketCors, type CorsRule } from '../configurations/bucket-cors.ts'
import { s3Errors } from '../errors.ts'
import { readCopySource } from '../objects/copy.ts'
import type { AddressedRequest, S3Operation, S3Services } from '../operation.ts'
import { wildcardPatterns } from './wildcard-patterns.ts'

/*
 * Cross-origin resource sharing: what a browser lets the page of another origin ask for and read.
 *
 *   preflight   OPTIONS, Origin, Access-Control-Request-Method   a rule fits ─▶ 200, else 403 AccessForbidden; never signed
 *   the request itself, with Origin                              a rule fits ─▶ its headers on any answer, errors too
 *
 * Rules are tried in order, the first that fits counts. Both kinds of requests get the same headers (evidence: s3-cors-headers).
 * Source: "Using cross-origin resource sharing (CORS)" in the Amazon S3 User Guide.
 */

type Services = Pick<S3Services, 'buckets' | 'configurations'>
type Headers = Readonly<Record<string, string>>

const unasked = 'Insufficient information. Origin request header needed.'
const unfit =
  'CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / ' +
  "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."

const requestable = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Whether the bucket lets a preflight's request come; its answer has no body, and the headers of {@link corsHeaders}.
 * @throws AwsError BadRequest for what is no preflight; AccessForbidden where no rule fits, or there is no rule or no bucket
 */
export function checkPreflight(
  services: Services,
  call: HttpCall,
  { bucket, key }: Pick<Address, 'bucket' | 'key'>,
): void {
  const { origin, [methodHeader]: asked } = call.headers
  if (origin === undefined) throw s3Errors.BadRequest(unasked, { connection: 'close' })
  if (asked && !requestable.has(asked)) throw s3Errors.BadRequest(`Invalid Access-Control-Request-Method: ${asked}`)
  const strange = namesIn(call.headers[namesHeader]).find((name) => !token.test(name))
  if (strange !== undefined) {
    throw s3Errors.BadRequest(`Access-Control-Request-Headers "${strange}" contains invalid character.`)
  }
  const method = asked || call.method
  if (!services.buckets.find(bucket)) throw s3Errors.AccessForbidden('CORSResponse: Bucket not found', method, 'BUCKET')
  const rules = BucketCors.find(services, bucket)?.CORSRules
  if (!rules) throw s3Errors.AccessForbidden('CORSResponse: CORS is not enabled for this bucket.', method, 'BUCKET')
  if (!fitting(rules, origin, call)) throw s3Errors.AccessForbidden(unfit, method, key === '' ? 'BUCKET' : 'OBJECT')
}

/**
 * What lets a page read the answer to its request.
 * @param bucket that the request names; empty for none
 * @returns undefined where no rule of the bucket fits
 */
export function corsHeaders(services: Services, call: HttpCall, bucket: string): Headers | undefined {
  const { origin } = call.headers
  const found = origin === undefined ? undefined : findRule(services, call, bucket, origin)
  if (!found || origin === undefined) return undefined
  const { rule, pattern } = found
  const headers: Record<string, string> = { 'Access-Control-Allow-Origin': pattern === '*' ? '*' : origin }
  headers['Access-Control-Allow-Methods'] = rule.AllowedMethods.join(', ')
  const names = namesIn(call.headers[namesHeader])
  if (names.length > 0) headers['Access-Control-Allow-Headers'] = names.join(', ').toLowerCase()
  if (rule.ExposeHeaders) headers['Access-Control-Expose-Headers'] = rule.ExposeHeaders.join(', ')
  if (rule.MaxAgeSeconds !== undefined) headers['Access-Control-Max-Age'] = String(rule.MaxAgeSeconds)
  if (pattern !== '*') headers['Access-Control-Allow-Credentials'] = 'true'
  headers.Vary = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'
  return headers
}

/**
 * The answer with what lets the page read it, if a page sent the request and a rule of its bucket fits. A store that cannot be read
 * keeps no one from hearing that.
 */
export function readableByPage(services: Services, call: HttpCall, bucket: string, answer: HttpAnswer): HttpAnswer {
  if (call.headers.origin === undefined || bucket === '') return answer
  try {
    Object.assign(answer.headers, corsHeaders(services, call, bucket))
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
  }
  return answer
}

/**
 * Whether a rule of the bucket lets the page of another site send this, though no key proves it. A rule is about objects: who manages
 * a bucket proves it. A copy takes a rule of its source's bucket too.
 */
export function isLetIn(services: Services, { trail }: S3Operation, request: AddressedRequest): boolean {
  const { call, bucketName, headers } = request
  if (trail || !isNamedByRule(services, call, bucketName)) return false
  const source = headers['x-amz-copy-source']
  return source === undefined || isNamedByRule(services, { ...call, method: 'GET' }, readCopySource(source).bucket)
}

/** Whether a rule of a bucket fits the page of another site that sent this, and what it did send: what it says of a preflight is no matter. */
export function isNamedByRule(services: Services, call: HttpCall, bucket: string): boolean {
  const origin = call.foreignPage?.origin
  if (origin === undefined) return false
  const { [methodHeader]: _, ...headers } = call.headers
  return findRule(services, { ...call, headers }, bucket, origin) !== undefined
}

function findRule(services: Services, call: HttpCall, bucket: string, origin: string) {
  const rules = BucketCors.find(services, bucket)?.CORSRules
  return rules && fitting(rules, origin, call)
}

const methodHeader = 'access-control-request-method'
const namesHeader = 'access-control-request-headers'

/** The first rule that fits, and the pattern of its that the origin fits. */
function fitting(
  rules: readonly CorsRule[],
  origin: string,
  { method: sent, headers }: HttpCall,
): { rule: CorsRule; pattern: string } | undefined {
  const method = headers[methodHeader] || sent
  const names = new Set(namesIn(headers[namesHeader]?.toLowerCase()))
  for (const rule of rules) {
    const pattern = rule.AllowedOrigins.find((candidate) => fits(candidate, origin))
    if (pattern === undefined || !rule.AllowedMethods.includes(method)) continue
    if (names.size === 0) return { rule, pattern }
    const allowed = wildcardPatterns(rule.AllowedHeaders?.map((name) => name.toLowerCase()) ?? [])
    if ([...names].every((name) => allowed.fit(name))) return { rule, pattern }
  }
  return undefined
}

/** A pattern with one `*` at most, which may stand for nothing. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === text
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
}

/** S3 takes no longer head of a request than this (RequestHeaderSectionTooLarge). */
const longestList = 8 << 10

/** The names of the headers that a page wants to send; of a longer list than any browser's those that come first. */
function namesIn(list: string | undefined): string[] {
  if (list === undefined) return []
  return list
    .slice(0, longestList)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
