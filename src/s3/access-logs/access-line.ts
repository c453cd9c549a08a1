import { type Caller, canonicalUserId } from '../../aws/caller.ts'
import type { Authentication } from '../../protocol/authentication.ts'
import type { HttpCall } from '../../protocol/http.ts'
import { decodeForm } from '../../protocol/uri.ts'
import { operationName } from './operation-name.ts'

/*
 * A line of an access log ("Amazon S3 server access log format"; evidence: s3-access-logs). One space between fields, `-` for what
 * there is none of:
 *
 *   owner bucket [time] address requester request-id operation key "request line" status error bytes-sent object-size total-ms
 *   turn-around-ms "referer" "user agent" version-id host-id signature cipher authentication host TLS access-point ACL Region
 */

/** A request that was answered, as far as its line tells of it. */
export interface AccessedRequest {
  /** AWS's name of the operation; `-` where none was found. */
  operation: string
  /** Empty for the bucket itself. */
  key: string
  call: HttpCall
  /** Undefined where the request was refused before its signature was looked at. */
  authentication: Authentication | undefined
  requestId: string
  hostId: string
  status: number
  errorCode: string | undefined
  /** Of the body of the answer. */
  bytesSent: number
  objectSize: number | undefined
  /** ms since the epoch */
  received: number
  /** ms since the epoch: the head of the answer, and its end */
  answered: number
  ended: number
}

export function accessLine(
  { name, ownerAccountId }: { name: string; ownerAccountId: string },
  request: AccessedRequest,
): string {
  const { call, authentication, key } = request
  const parameters = parametersOf(call.query)
  const signature = authentication?.signature ?? 'none'
  const method = authentication?.method ?? 'none'
  return [
    canonicalUserId(ownerAccountId),
    name,
    timeOf(request.received),
    authentication?.caller.type === 'AWSService' ? '-' : call.clientAddress,
    requesterOf(authentication?.caller),
    request.requestId,
    operationName(request.operation, { method: call.method, key, parameters: parameters.keys() }),
    key === '' ? '-' : encodeTwice(key),
    quoted(`${call.method} ${call.path}${call.query === '' ? '' : `?${withoutSignature(call.query)}`} HTTP/1.1`),
    String(request.status),
    request.errorCode ?? '-',
    numberOf(request.bytesSent || undefined),
    numberOf(request.objectSize),
    numberOf(request.ended - request.received),
    numberOf(request.answered - request.received),
    quoted(call.headers.referer),
    quoted(call.headers['user-agent']),
    fieldOf(parameters.get('versionId')),
    request.hostId,
    signature === 'none' ? '-' : signature,
    '-',
    method === 'AuthHeader' || method === 'QueryString' ? method : '-',
    fieldOf(call.headers.host),
    call.tlsVersion ?? '-',
    '-',
    '-',
    '-',
  ].join(' ')
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `[06/Feb/2019:00:00:38 +0000]` */
function timeOf(milliseconds: number): string {
  const [year = '', month = '', rest = ''] = new Date(milliseconds).toISOString().split('-')
  return `[${rest.slice(0, 2)}/${months[Number(month) - 1]}/${year}:${rest.slice(3, 11)} +0000]`
}

/** The canonical user id of a root, the ARN of another principal, the name of a service. */
function requesterOf(caller: Caller | undefined): string {
  if (!caller || caller.type === 'Anonymous') return '-'
  if (caller.type === 'AWSService') return `svc:${caller.principalId}`
  return caller.type === 'Root' ? canonicalUserId(caller.accountId) : caller.arn
}

function encodeTwice(key: string): string {
  const once = (text: string) => text.split('/').map(encodeURIComponent).join('/')
  return once(once(key))
}

const secretParameters = new Set(['x-amz-signature', 'signature'])

/** Signatures are found by names as they are read, however they were written. */
function withoutSignature(query: string): string {
  return query.replace(/(^|&)([^&=]*)=[^&]*/g, (pair, before: string, name: string) =>
    secretParameters.has(decodeForm(name)?.toLowerCase() ?? '') ? `${before}${name}=XXXXXXXX` : pair,
  )
}

/** A quote within would end the field, a line break the line: some readers take U+0085 for one, too. */
function quoted(text: string | undefined): string {
  return `"${text === undefined || text === '' ? '-' : text.replace(/["\x00-\x1f\x7f-\x9f]/g, encodeURIComponent)}"`
}

function fieldOf(text: string | undefined): string {
  return text === undefined || text === '' ? '-' : text.replace(/[\s\x00-\x1f\x7f-\x9f"]/g, encodeURIComponent)
}

function numberOf(value: number | undefined): string {
  return value === undefined ? '-' : String(value)
}

/** As they were sent: what is not well-formed was refused, and is shown all the same. */
function parametersOf(query: string): ReadonlyMap<string, string> {
  return new Map(new URLSearchParams(query))
}
