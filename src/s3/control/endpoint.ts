import type { AwsError } from '../../aws/errors.ts'
import { authenticate } from '../../protocol/authenticate.ts'
import type { Authentication, CredentialSource } from '../../protocol/authentication.ts'
import type { Endpoint, HttpAnswer, HttpCall } from '../../protocol/http.ts'
import { refusalOfPage } from '../../protocol/known-key.ts'
import { headersOf } from '../../protocol/presigned.ts'
import { clocksOf } from '../../protocol/proof.ts'
import { readRequestBody } from '../../protocol/request-body.ts'
import { renderXml } from '../../protocol/rest-xml.ts'
import { readParameters } from '../address.ts'
import { s3Errors } from '../errors.ts'
import { perform } from '../http/perform.ts'
import { refusalOf } from '../http/refusal.ts'
import { type RequestIds, requestIdSource } from '../http/request-ids.ts'
import type { Routed, S3Answer, S3Operation, S3Services } from '../operation.ts'
import { absentOperations } from './absent-operations.ts'
import { controlErrors } from './errors.ts'
import { controlOperations } from './operations.ts'
import { compileControlRoutes } from './routes.ts'

/*
 * S3 Control over HTTP: REST and XML as S3, but for its namespace and for errors, which stand in an ErrorResponse.
 *
 *   x-amz-account-id → route → authenticate → whose bucket, whose account → perform, as S3's own operations are
 *
 * Clients put the account's id in front of the host, of a custom endpoint too. Nothing is read from there: the header says it,
 * and the signature covers that.
 */

const namespace = 'http://awss3control.amazonaws.com/doc/2018-08-20/'
const accountHeader = 'x-amz-account-id'

export function createControlEndpoint(services: S3Services, credentials: CredentialSource): Endpoint {
  const { ambient, settings, log } = services
  const nextIds = requestIdSource(ambient)
  const match = compileControlRoutes<S3Operation | Routed>([...controlOperations, ...absentOperations])

  async function serve(call: HttpCall, ids: RequestIds): Promise<S3Answer> {
    const { target: operation, value } = match(call.method, call.path)
    const headers = headersOf(call)
    const authentication = authenticate(call, { credentials, ...clocksOf(ambient), region: settings.region })
    const { caller } = authentication
    const refusal = refusalOfPage(call, authentication, credentials)
    if (refusal !== undefined || caller.type === 'Anonymous') throw s3Errors.AccessDenied(refusal)
    const accountId = readAccount(headers[accountHeader])
    if (!('handle' in operation)) throw notHere(operation.name)
    if (operation.level === 'service' && accountId !== caller.accountId) throw s3Errors.AccessDenied()
    const bucketName = operation.level === 'bucket' ? bucketOf(value, accountId, authentication) : ''
    const query = readParameters(call.query)
    const body = readRequestBody(call, authentication)
    const common = {
      operation: operation.name,
      virtualHost: false,
      query,
      headers,
      call,
      authentication,
      body,
    }
    return perform(operation, services, { ...common, ...ids, bucketName, key: '' })
  }

  /** @throws AwsError InvalidURI, NoSuchResource, InvalidRequest */
  function bucketOf(arn: string, accountId: string, { region }: Authentication): string {
    const name = /^arn:aws[-a-z]*:s3:::([^/]+)$/.exec(arn)?.[1]
    if (name === undefined) throw s3Errors.InvalidURI(arn)
    const bucket = services.buckets.find(name)
    if (!bucket) throw controlErrors.NoSuchResource()
    if (bucket.ownerAccountId !== accountId) {
      throw s3Errors.InvalidRequest(
        'The specified AWS account ID does not own this S3 general purpose bucket. ' +
          'Use the account ID of the S3 bucket owner, then try again.',
      )
    }
    if (bucket.region === region) return name
    throw s3Errors.InvalidRequest(`Try the request again using the bucket's region: ${bucket.region}.`)
  }

  return async (call) => {
    const ids = nextIds()
    try {
      return render(await serve(call, ids), ids)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal !== error && refusal.status === 500)
        log.error('S3 Control failed', error, { requestId: ids.requestId })
      await services.access.noteFailure(call, refusal)
      return renderError(refusal, ids)
    }
  }
}

/** That it must be there is the model's; the words are an assumption. */
function readAccount(value: string | undefined): string {
  if (value !== undefined && /^\d{12}$/.test(value)) return value
  throw s3Errors.InvalidRequest('The specified AWS account ID is not valid.')
}

function notHere(name: string): AwsError {
  return s3Errors.NotImplemented(`The operation ${name} is not implemented by this emulator`, { Operation: name })
}

function render({ status = 200, headers = {}, xml }: S3Answer, { requestId, hostId }: RequestIds): HttpAnswer {
  const identified = { ...headers, 'x-amz-id-2': hostId, 'x-amz-request-id': requestId, server: 'AmazonS3' }
  if (!xml) return { status, headers: identified }
  const body = renderXml(xml.root, xml.content, namespace)
  return { status, headers: { ...identified, 'content-type': 'application/xml' }, body }
}

function renderError({ code, message, status, details, headers }: AwsError, ids: RequestIds): HttpAnswer {
  const { requestId: RequestId, hostId: HostId } = ids
  const body = renderXml('ErrorResponse', { Error: { Code: code, Message: message, ...details }, RequestId, HostId })
  const identify = { 'x-amz-id-2': HostId, 'x-amz-request-id': RequestId, server: 'AmazonS3' }
  return { status, headers: { ...identify, ...headers, 'content-type': 'application/xml' }, body }
}
