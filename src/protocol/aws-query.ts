import { type Ambient, machineNow } from '../ambient.ts'
import { AwsError } from '../aws/errors.ts'
import type { Log } from '../log.ts'
import { authenticateAwsJson } from './authenticate.ts'
import type { Authentication, CredentialSource } from './authentication.ts'
import type { Endpoint, HttpAnswer, HttpCall } from './http.ts'
import { refusalOfPage } from './known-key.ts'
import { firstOfEach } from './query.ts'
import { type QueryOutput, queryElement } from './query-output.ts'
import { renderXml } from './rest-xml.ts'
import { unavailable } from './unavailable.ts'
import { parseQuery } from './uri.ts'
import { readWholeBody } from './whole-body.ts'

/*
 * The query protocol, which IAM and STS speak: the action and its parameters come as a form (POST) or in the query (GET), the
 * answer is XML in the service's namespace.
 *
 *   body (≤ 1 MiB) → Action, Version → authenticate → invoke → <ActionResponse><ActionResult>…, or <ErrorResponse>
 */

/** One authenticated call of an action. */
export interface QueryCall {
  http: HttpCall
  authentication: Authentication
  /** x-amzn-RequestId */
  requestId: string
  parameters: ReadonlyMap<string, string>
}

export interface QueryService {
  /** SigV4's service name. */
  service: 'iam' | 'sts'
  /** `https://sts.amazonaws.com/doc/2011-06-15/` */
  namespace: string
  /** `2011-06-15` */
  version: string
  credentials: CredentialSource
  ambient: Ambient
  /** Where no credential scope tells the Region. */
  region: string
  log: Log
  hasOperation(action: string): boolean
  /** @returns the members of the result; undefined: the action has none */
  invoke(action: string, call: QueryCall): Promise<QueryOutput | undefined>
}

/** A policy of 131,072 characters, each of which three escaped ones may stand for, and what is beside it. */
const bodyLimit = 1 << 20

/** Names in the form: an input of thousands of members would take long to read. */
const mostParameters = 10_000

/** What AWS answers before it knows the service (evidence: iam-unknown-action). */
const faultNamespace = 'http://webservices.amazon.com/AWSFault/2005-15-09'

/** The HTTP endpoint of a service that speaks the query protocol. */
export function createQueryEndpoint(service: QueryService): Endpoint {
  return (call) => answer(service, call)
}

async function answer(service: QueryService, http: HttpCall): Promise<HttpAnswer> {
  const requestId = service.ambient.uuid()
  const { log, namespace } = service
  try {
    const { action, output } = await perform(service, http, requestId)
    log.debug(`${service.service} ${action} 200`, { requestId })
    const result = output && { [`${action}Result`]: queryElement(output) }
    const content = { ...result, ResponseMetadata: { RequestId: requestId } }
    return xmlAnswer(200, requestId, renderXml(`${action}Response`, content, namespace))
  } catch (thrown) {
    const error = thrown instanceof AwsError ? thrown : (unavailable(thrown) ?? internalFailure)
    if (error === internalFailure) log.error(`${service.service} failed`, thrown, { requestId })
    else log.debug(`${service.service} ${error.status} ${error.code}`, { requestId })
    const Type = error.status < 500 ? 'Sender' : 'Receiver'
    const content = { Error: { Type, Code: error.code, Message: error.message }, RequestId: requestId }
    const own = error.code === 'InvalidAction' ? faultNamespace : namespace
    return xmlAnswer(error.status, requestId, renderXml('ErrorResponse', content, own))
  }
}

async function perform(service: QueryService, http: HttpCall, requestId: string) {
  const { credentials, ambient, region } = service
  const body = await readWholeBody(http.body, bodyLimit, tooLarge)
  const parameters = readParameters(http, body)
  const action = parameters.get('Action') ?? ''
  const version = parameters.get('Version')
  if (action === '') throw new AwsError('MissingAction', 'The request must contain the parameter Action', 400)
  // A form without a signature comes to STS whichever service it is for, and hears of both that a signature is missing.
  const isNeighbours = version !== service.version && versions.has(version ?? '')
  if (!isNeighbours && (version !== service.version || !service.hasOperation(action))) throw unknown(action, version)
  const authentication = authenticateAwsJson(http, body, {
    service: service.service,
    credentials,
    now: machineNow(ambient),
    region,
  })
  if (isNeighbours) throw unknown(action, version)
  const refusal = refusalOfPage(http, authentication, credentials)
  if (refusal) throw new AwsError('AccessDenied', refusal, 403)
  return { action, output: await service.invoke(action, { http, authentication, requestId, parameters }) }
}

/** Of IAM and of STS. */
const versions: ReadonlySet<string> = new Set(['2010-05-08', '2011-06-15'])

function unknown(action: string, version = 'NO_VERSION_SPECIFIED'): AwsError {
  return new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`, 400)
}

const tooLarge = () => new AwsError('RequestEntityTooLarge', 'The request body is too large.', 413)

function readParameters(http: HttpCall, body: Buffer): ReadonlyMap<string, string> {
  const text = http.method === 'POST' ? body.toString('latin1') : http.query
  const pairs = isOverlong(text) ? undefined : parseQuery(text)
  if (!pairs) throw new AwsError('MalformedQueryString', 'The query string contains a syntax error', 400)
  return firstOfEach(pairs)
}

function isOverlong(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) if (++count > mostParameters) return true
  return false
}

const internalFailure = new AwsError('InternalFailure', 'An internal error occurred. The log has more.', 500)

function xmlAnswer(status: number, requestId: string, body: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body }
}
