import { isUtf8 } from 'node:buffer'
import { type Ambient, machineNow } from '../ambient.ts'
import { AwsError } from '../aws/errors.ts'
import { ConnectionReset } from '../fault-source.ts'
import type { Log } from '../log.ts'
import { authenticateAwsJson, authenticateSession } from './authenticate.ts'
import type { Authentication, CredentialSource } from './authentication.ts'
import { callInProcess, type Endpoint, type ForwardedSession, type HttpAnswer, type HttpCall } from './http.ts'
import { isTooDeep } from './json-depth.ts'
import { refusalOfPage } from './known-key.ts'
import { unavailable } from './unavailable.ts'
import { readWholeBody } from './whole-body.ts'

/*
 * AWS JSON 1.1: POST /, the operation in X-Amz-Target, JSON in and out. One endpoint for every service that speaks it:
 *
 *   body (≤ 1 MiB) → X-Amz-Target → authenticate → invoke → 200 + JSON, or {"__type", "message"}
 */

/** One authenticated call of an operation. */
export interface JsonCall {
  http: HttpCall
  authentication: Authentication
  /** x-amzn-RequestId */
  requestId: string
}

export interface JsonService {
  /** In front of the operation's name in X-Amz-Target: `TrentService`. */
  targetPrefix: string
  /** Older clients put a namespace before CloudTrail's prefix: `com.amazonaws.cloudtrail.v20131101.`. */
  acceptsNamespace?: boolean
  /** SigV4's service name. */
  service: 'kms' | 'cloudtrail'
  credentials: CredentialSource
  ambient: Ambient
  /** Used where no credential scope names the Region. */
  region: string
  log: Log
  /** The answer to the client when a fault is ours. */
  internalFailure: AwsError
  hasOperation(name: string): boolean
  /** @returns the answer's members; bytes become base64. Undefined: an empty body */
  invoke(operation: string, input: unknown, call: JsonCall): Promise<object | undefined>
}

/** Largest of all is a key policy: AWS's model has 131,072 characters, its quotes are escaped. */
const bodyLimit = 1 << 18
/** Bodies below this cannot be deep enough to take long. */
const smallBody = 1 << 14
// Answers hold keys, so nothing may cache them (evidence: kms-no-store).
function headersOf(requestId: string): Record<string, string> {
  return {
    'content-type': 'application/x-amz-json-1.1',
    'cache-control': 'no-cache, no-store, must-revalidate, private',
    pragma: 'no-cache',
    expires: '0',
    'x-amzn-requestid': requestId,
  }
}

/** The HTTP endpoint of a service that speaks AWS JSON 1.1. */
export function createJsonEndpoint(service: JsonService): Endpoint {
  return (call) => answerJson(service, call)
}

/**
 * The endpoint as another service in this process calls it, its session in the place of a signature. Members stay what they are:
 * to write JSON and read it again would cost a small object more than its encryption.
 * @param input as parsed from JSON, but for bytes, which need no base64
 * @throws AwsError what the wire would carry; StoreClosed
 */
export async function invokeInProcess(
  service: JsonService,
  operation: string,
  input: object,
  session: ForwardedSession,
): Promise<object | undefined> {
  const requestId = service.ambient.uuid()
  const http = callInProcess({ session })
  try {
    return await service.invoke(operation, input, { http, authentication: authenticateSession(session), requestId })
  } catch (thrown) {
    // The caller has something to say of its own when the store was closed: it lies in it too.
    throw unavailable(thrown) ? thrown : refusalOf(service, operation, requestId, thrown)
  }
}

async function answerJson(service: JsonService, http: HttpCall): Promise<HttpAnswer> {
  const requestId = service.ambient.uuid()
  const target = http.headers['x-amz-target'] ?? ''
  try {
    const output = await perform(service, http, target, requestId)
    service.log.debug(`${target} 200`, { requestId })
    return { status: 200, headers: headersOf(requestId), body: output && renderJson(output) }
  } catch (thrown) {
    if (thrown instanceof ConnectionReset) return { status: 500, headers: {}, broken: 'reset' }
    return renderError(refusalOf(service, target, requestId, thrown), requestId)
  }
}

/** The refusal that the client gets; a fault of ours is logged. */
function refusalOf(
  { log, internalFailure }: JsonService,
  target: string,
  requestId: string,
  thrown: unknown,
): AwsError {
  const refusal = thrown instanceof AwsError ? thrown : unavailable(thrown)
  if (refusal) {
    log.debug(`${target} ${refusal.status} ${refusal.code}`, { requestId })
    return refusal
  }
  log.error(`${target} failed`, thrown, { requestId })
  return internalFailure
}

async function perform(service: JsonService, http: HttpCall, target: string, requestId: string) {
  const { credentials, region, ambient } = service
  const body = await readWholeBody(http.body, bodyLimit, tooLarge)
  const operation = operationOf(service, http, target)
  const authentication = authenticateAwsJson(http, body, {
    service: service.service,
    credentials,
    now: machineNow(ambient),
    region,
  })
  const refusal = refusalOfPage(http, authentication, credentials)
  if (refusal) throw new AwsError('AccessDeniedException', refusal, 400)
  return await service.invoke(operation, parseJson(body), { http, authentication, requestId })
}

const tooLarge = () => new AwsError('RequestEntityTooLargeException', 'The request body is too large.', 413)

function operationOf(service: JsonService, http: HttpCall, target: string): string {
  const mark = target.lastIndexOf('.')
  const prefix = target.slice(0, Math.max(0, mark))
  const name = target.slice(mark + 1)
  const isNamespaced = service.acceptsNamespace && prefix.endsWith(`.${service.targetPrefix}`)
  const isOurs = prefix === service.targetPrefix || isNamespaced
  if (http.method === 'POST' && isOurs && service.hasOperation(name)) return name
  throw new AwsError('UnknownOperationException', '', 400)
}

/** Bytes that are not UTF-8 are refused: replaced ones would make different texts equal. */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {}
  if (!isUtf8(body)) throw new AwsError('SerializationException', 'The request body is not UTF-8', 400)
  if (body.length > smallBody && isTooDeep(body)) {
    throw new AwsError('SerializationException', 'The request body is nested too deeply', 400)
  }
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON', 400)
  }
}

/** Blobs of AWS's outputs are top-level members: bytes there become base64. */
function renderJson(output: object): string {
  const rendered: Record<string, unknown> = {}
  for (const name in output) {
    const value: unknown = output[name as keyof typeof output]
    rendered[name] = value instanceof Uint8Array ? base64(value) : value
  }
  return JSON.stringify(rendered)
}

function renderError(error: AwsError, requestId: string): HttpAnswer {
  const body = { __type: error.code, ...(error.message && { message: error.message }), ...error.details }
  return { status: error.status, headers: { ...headersOf(requestId), ...error.headers }, body: JSON.stringify(body) }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
