import type { AwsError } from '../../aws/errors.ts'
import { ConnectionReset } from '../../fault-source.ts'
import { authenticate } from '../../protocol/authenticate.ts'
import type { Authentication, CredentialSource } from '../../protocol/authentication.ts'
import type { Endpoint, HttpAnswer, HttpCall } from '../../protocol/http.ts'
import { refusalOfPage } from '../../protocol/known-key.ts'
import { headersOf } from '../../protocol/presigned.ts'
import { clocksOf } from '../../protocol/proof.ts'
import { readRequestBody } from '../../protocol/request-body.ts'
import { renderXml, s3Namespace, type XmlElement } from '../../protocol/rest-xml.ts'
import { addressReader, readParameters } from '../address.ts'
import { s3Errors } from '../errors.ts'
import type { AddressedRequest, Routed, S3Answer, S3Operation, S3Services } from '../operation.ts'
import { operations } from '../operations/index.ts'
import { notImplemented } from '../operations/not-implemented.ts'
import { loggersOf, withAccessLog } from './access-logging.ts'
import { checkAddressing } from './addressing.ts'
import { checkPreflight, isLetIn, readableByPage } from './cors.ts'
import type { DataCall } from './data-events.ts'
import { withFormRequest } from './form-request.ts'
import { performUnderFaults } from './met-faults.ts'
import { perform } from './perform.ts'
import { refusalOf } from './refusal.ts'
import { type RequestIds, requestIdSource } from './request-ids.ts'
import { compileRoutes } from './router.ts'

/*
 * S3 over HTTP:
 *
 *   address → route → authenticate (a form: by its fields) → access → headers without effect → handle → render
 *
 * Handlers throw; here alone is caught and rendered. What is not an AwsError is our own fault: it is logged with its
 * stack and becomes InternalError.
 */

export function createS3Endpoint(services: S3Services, credentials: CredentialSource): Endpoint {
  const { ambient, settings, log } = services
  const readAddress = addressReader(settings.baseDomains)
  const nextIds = requestIdSource(ambient)
  const router = compileRoutes<S3Operation | Routed>([...operations, ...notImplemented])

  async function serve(call: HttpCall, { requestId, hostId }: RequestIds, seen: Seen): Promise<S3Answer> {
    const address = readAddress(call.path, call.headers.host)
    seen.bucket = address.bucket
    seen.key = address.key
    if (call.method === 'OPTIONS') {
      checkPreflight(services, call, address)
      return {}
    }
    const query = readParameters(call.query)
    const headers = headersOf(call)
    const operation = router.match(call.method, address, query, headers)
    seen.operation = operation.name
    if (query.size > 0 && 'handle' in operation) checkAddressing(operation, query)
    const virtualBucket = address.virtualHost ? address.bucket : undefined
    const options = { credentials, ...clocksOf(ambient), region: settings.region, virtualBucket }
    const { bucket: bucketName, key, virtualHost } = address
    if ('isForm' in operation) {
      const common = { bucketName, virtualHost, operation: operation.name, query, call, requestId, hostId }
      return withFormRequest(common, options, (form) => {
        seen.key = form.key
        seen.authentication = form.authentication
        return admit(operation, { ...common, ...form }, seen)
      })
    }
    const authentication = authenticate(call, options)
    seen.authentication = authentication
    if (!('handle' in operation)) throw notImplementedHere(operation, authentication)
    const body = readRequestBody(call, authentication)
    return await admit(
      operation,
      {
        operation: operation.name,
        virtualHost,
        query,
        headers,
        call,
        authentication,
        body,
        requestId,
        hostId,
        bucketName,
        key,
      },
      seen,
    )
  }

  /** A page of another site needs a known key's signature, or a rule of the bucket that lets it in. */
  function refuseForeignPage(operation: S3Operation, request: AddressedRequest): void {
    const refusal = refusalOfPage(request.call, request.authentication, credentials)
    if (refusal !== undefined && !isLetIn(services, operation, request)) throw s3Errors.AccessDenied(refusal)
  }

  /** @throws AwsError at once, or by the promise */
  function admit(operation: S3Operation, request: AddressedRequest, seen: Seen): Promise<S3Answer> {
    if (services.trail.wantsDataEvents && isDataOperation(operation)) {
      seen.dataCall = { operation, request, startTime: seen.received }
    }
    refuseForeignPage(operation, request)
    const faults = services.faults?.active
    if (faults?.concern('s3', operation.name)) return performUnderFaults(faults, operation, services, request)
    return perform(operation, services, request)
  }

  /** Before the answer goes out; an event that cannot be written fails no request. */
  async function record(call: DataCall): Promise<void> {
    try {
      const { recordDataEvent } = await import('./data-events.ts')
      await recordDataEvent(services, call)
    } catch (error) {
      log.error('a data event cannot be written', error)
    }
  }

  return async (call) => {
    const ids = nextIds()
    const { requestId } = ids
    const seen: Seen = { operation: '-', bucket: '', key: '', received: ambient.now(), authentication: undefined }
    const note = (status: number, code?: string) =>
      log.debug(`S3 ${seen.operation} ${status}`, { bucket: seen.bucket, key: seen.key, code, requestId })
    const logged = (answer: HttpAnswer, errorCode?: string, deletions?: S3Answer['deletions']) => {
      const loggers = loggersOf(services, seen.bucket, call)
      if (!loggers) return answer
      const { operation, key, authentication, received } = seen
      const answered = ambient.now()
      const request = { operation, key, call, authentication, ...ids, received, answered, errorCode, deletions }
      return withAccessLog(services, loggers, request, answer)
    }
    try {
      const performed = await serve(call, ids, seen)
      const answer = render(performed, ids)
      note(answer.status)
      if (seen.dataCall) await record({ ...seen.dataCall, answer })
      return logged(readableByPage(services, call, seen.bucket, answer), undefined, performed.deletions)
    } catch (thrown) {
      const isLost = thrown instanceof ConnectionReset
      if (isLost && thrown.refusal === undefined) return unsent
      const error = isLost ? thrown.refusal : thrown
      const refusal = refusalOf(services.access.asTold(call, error))
      if (refusal !== error && refusal.status === 500) log.error(`S3 ${seen.operation} failed`, error, { requestId })
      note(refusal.status, refusal.code)
      await services.access.noteFailure(call, refusal)
      const answer = renderError(refusal, call.method, ids)
      if (seen.dataCall) await record({ ...seen.dataCall, answer, error: refusal })
      const told = logged(readableByPage(services, call, seen.bucket, answer), refusal.code)
      return isLost ? unsent : told
    }
  }
}

/** What is known of a request so far, for the logs. */
interface Seen {
  operation: string
  bucket: string
  key: string
  /** ms since the epoch */
  received: number
  authentication: Authentication | undefined
  /** Of a data event that is to be recorded. */
  dataCall?: Omit<DataCall, 'answer' | 'error'>
}

/** Data events are those on objects and their lists: what is no management event. */
function isDataOperation({ trail, level }: S3Operation): boolean {
  return trail === undefined && level !== 'service'
}

function notImplementedHere({ name }: Routed, { caller }: Authentication): AwsError {
  if (caller.type === 'Anonymous') return s3Errors.AccessDenied()
  return s3Errors.NotImplemented(`The operation ${name} is not implemented by this emulator`, { Operation: name })
}

/** An answer's headers are its own: those of every answer are added to them. */
function render(answer: S3Answer, { requestId, hostId }: RequestIds): HttpAnswer {
  const { status = 200, headers = {}, xml, body, broken } = answer
  headers['x-amz-id-2'] = hostId
  headers['x-amz-request-id'] = requestId
  headers.server = 'AmazonS3'
  if (!xml) return { status, headers, body, broken }
  if (!xml.hasNoType) headers['content-type'] = 'application/xml'
  return { status, headers, body: renderXml(xml.root, xml.content, s3Namespace), broken }
}

/** Of a request that was performed, or never came. */
const unsent: HttpAnswer = { status: 500, headers: {}, broken: 'reset' }
const statusesWithoutBody = new Set([204, 304])

/** `Code`, `Message`, the error's own elements, then the ids; a HEAD answers the status alone. */
function renderError(error: AwsError, method: string, { requestId, hostId }: RequestIds): HttpAnswer {
  const identify = { 'x-amz-id-2': hostId, 'x-amz-request-id': requestId }
  const headers: Record<string, string> = { ...identify, server: 'AmazonS3', ...error.headers }
  if (statusesWithoutBody.has(error.status)) return { status: error.status, headers }
  headers['content-type'] = 'application/xml'
  if (method === 'HEAD') return { status: error.status, headers }
  const content: XmlElement = {
    Code: error.code,
    Message: error.message,
    ...error.details,
    RequestId: requestId,
    HostId: hostId,
  }
  return { status: error.status, headers, body: renderXml('Error', content) }
}
