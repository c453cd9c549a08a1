import type { Ambient } from '../ambient.ts'
import { AwsError } from '../aws/errors.ts'
import type { Log } from '../log.ts'
import { authenticateAwsJson } from '../protocol/authenticate.ts'
import type { Endpoint, HttpAnswer, HttpCall } from '../protocol/http.ts'
import { refusalOfPage } from '../protocol/known-key.ts'
import { firstOfEach } from '../protocol/query.ts'
import { renderXml, type XmlElement } from '../protocol/rest-xml.ts'
import { unavailable } from '../protocol/unavailable.ts'
import { parseQuery } from '../protocol/uri.ts'
import type { Principals } from './principals.ts'
import { stsOperations } from './sts-operations.ts'

/**
 * STS over HTTP: the query protocol. The operation and its parameters come as a form (POST) or in the query (GET), the
 * answer is XML in STS's namespace. GetCallerIdentity and AssumeRole are here; every other action is refused by name.
 */
export interface StsOptions {
  principals: Principals
  ambient: Ambient
  accountId: string
  region: string
  log: Log
}

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'
const apiVersion = '2011-06-15'
const bodyLimit = 1 << 18

export function createStsEndpoint(options: StsOptions): Endpoint {
  return (call) => answer(options, call)
}

async function answer(options: StsOptions, http: HttpCall): Promise<HttpAnswer> {
  const requestId = options.ambient.uuid()
  try {
    const { action, result } = await perform(options, http)
    options.log.debug(`sts ${action} 200`, { requestId })
    const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } }
    return xmlAnswer(200, requestId, renderXml(`${action}Response`, content, namespace))
  } catch (thrown) {
    const error = thrown instanceof AwsError ? thrown : (unavailable(thrown) ?? internalFailure)
    if (error === internalFailure) options.log.error('sts failed', thrown, { requestId })
    else options.log.debug(`sts ${error.status} ${error.code}`, { requestId })
    const Type = error.status < 500 ? 'Sender' : 'Receiver'
    const content = { Error: { Type, Code: error.code, Message: error.message }, RequestId: requestId }
    return xmlAnswer(error.status, requestId, renderXml('ErrorResponse', content, namespace))
  }
}

async function perform(options: StsOptions, http: HttpCall): Promise<{ action: string; result: XmlElement }> {
  const { principals, ambient, region } = options
  const body = await readBody(http)
  const parameters = readParameters(http, body)
  const action = parameters.get('Action') ?? ''
  const version = parameters.get('Version') ?? ''
  if (action === '') throw new AwsError('MissingAction', 'The request must contain the parameter Action', 400)
  const operation = version === apiVersion && Object.hasOwn(stsOperations, action) ? stsOperations[action] : undefined
  if (!operation) {
    throw new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`, 400)
  }
  const authentication = authenticateAwsJson(http, body, {
    service: 'sts',
    credentials: principals,
    now: ambient.now(),
    region,
  })
  const refusal = refusalOfPage(http, authentication, principals)
  if (refusal) throw new AwsError('AccessDenied', refusal, 403)
  return { action, result: await operation({ http, ...authentication, parameters, principals, ambient }) }
}

async function readBody(http: HttpCall): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of http.body) {
    length += chunk.length
    if (length > bodyLimit) throw new AwsError('RequestEntityTooLarge', 'The request body is too large.', 413)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function readParameters(http: HttpCall, body: Buffer): ReadonlyMap<string, string> {
  const pairs = parseQuery(http.method === 'POST' ? body.toString('latin1') : http.query)
  if (!pairs) throw new AwsError('MalformedQueryString', 'The query string contains a syntax error', 400)
  return firstOfEach(pairs)
}

const internalFailure = new AwsError('InternalFailure', 'An internal error occurred. The log has more.', 500)

function xmlAnswer(status: number, requestId: string, body: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body }
}
