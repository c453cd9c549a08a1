import { bucketArn, objectArn } from '../../aws/arn.ts'
import type { AwsError } from '../../aws/errors.ts'
import type { HttpAnswer } from '../../protocol/http.ts'
import type { CallOutcome } from '../../trail/event.ts'
import { permissionHeaders } from '../needs.ts'
import type { AddressedRequest, S3Operation, S3Services } from '../operation.ts'

/*
 * The data event of an operation on objects: CloudTrail's record of it, written before the answer goes out. Each request that was
 * authenticated has one, whether it was done or refused.
 *
 * Source: "Amazon S3 data events" of the CloudTrail User Guide (evidence: trail-s3-data).
 */

/** A request as far as it came, and its answer. */
export interface DataCall {
  operation: S3Operation
  request: AddressedRequest
  /** ms since the epoch, when it came */
  startTime: number
  answer: HttpAnswer
  error?: AwsError
}

/** Writes the event. @throws where the store cannot be written */
export async function recordDataEvent({ database, trail, ...services }: S3Services, call: DataCall): Promise<void> {
  await database.transact((transaction) => trail.appendDataEvent(transaction, outcomeOf(services, call)))
}

type Outer = Pick<S3Services, 'buckets' | 'ambient' | 'settings'>

function outcomeOf({ buckets, ambient, settings }: Outer, call: DataCall): CallOutcome {
  const { operation, request, startTime, answer, error } = call
  const { authentication, bucketName: bucket, key, requestId } = request
  const found = buckets.find(bucket)
  const owner = found?.ownerAccountId ?? authentication.caller.accountId
  const object = { type: 'AWS::S3::Object' as const, ARN: objectArn(bucket, key) }
  return {
    caller: authentication.caller,
    time: startTime,
    service: 's3',
    // CloudTrail has one name for both.
    eventName: operation.name === 'ListObjectsV2' ? 'ListObjects' : operation.name,
    region: found?.region ?? (authentication.region || settings.region),
    clientAddress: request.call.clientAddress,
    userAgent: `[${request.call.headers['user-agent'] ?? ''}]`,
    hostHeader: request.call.headers.host,
    secure: request.call.secure,
    requestId,
    readOnly: /^(Get|Head|List)/.test(operation.name),
    requestParameters: requestParametersOf(request),
    responseElements: responseElementsOf(answer),
    additionalEventData: additionalEventDataOf(call, ambient.now()),
    resources: [...(key === '' ? [] : [object]), { accountId: owner, type: 'AWS::S3::Bucket', ARN: bucketArn(bucket) }],
    error: error && { code: error.code, message: error.message },
  }
}

const encryption = 'x-amz-server-side-encryption'
const customerAlgorithm = `${encryption}-customer-algorithm`

/** What a record may show of headers: never a customer's key, nor its MD5. */
const shownHeaders = [
  encryption,
  `${encryption}-aws-kms-key-id`,
  customerAlgorithm,
  'x-amz-copy-source',
  'x-amz-storage-class',
  ...permissionHeaders,
]
const answeredHeaders = [encryption, `${encryption}-aws-kms-key-id`, customerAlgorithm]

/** Of a presigned URL, and no more of its signature. */
const shownSignature = ['X-Amz-Date', 'X-Amz-Algorithm', 'X-Amz-SignedHeaders', 'X-Amz-Expires']
const signatureParameter = /^(x-amz-|x-id$|awsaccesskeyid$|signature$|expires$)/i

function requestParametersOf({ bucketName, key, headers, query, call }: AddressedRequest): Record<string, unknown> {
  const parameters: Record<string, unknown> = { bucketName }
  if (call.headers.host !== undefined) parameters.Host = call.headers.host
  if (key !== '') parameters.key = key
  for (const [name, value] of query) {
    if (shownSignature.includes(name) || !signatureParameter.test(name)) parameters[name] = value
  }
  for (const name of shownHeaders) if (headers[name] !== undefined) parameters[name] = headers[name]
  return parameters
}

/** Of writes alone: reads have none. */
function responseElementsOf({ headers }: HttpAnswer): Record<string, unknown> | null {
  const shown = answeredHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]))
  return shown.length > 0 ? Object.fromEntries(shown) : null
}

function additionalEventDataOf(call: DataCall, endTime: number): Record<string, unknown> {
  const { operation, request, startTime, answer, error } = call
  const { authentication, hostId } = request
  const isRead = /^(Get|Head|List)/.test(operation.name)
  const received = error || isRead ? 0 : (request.body.length ?? 0)
  return {
    SignatureVersion: authentication.signature === 'none' ? undefined : authentication.signature,
    CipherSuite: request.call.secure ? 'TLS_AES_128_GCM_SHA256' : undefined,
    bytesTransferredIn: received,
    SSEApplied: error ? undefined : appliedEncryption(operation, request, answer),
    AuthenticationMethod: authentication.method === 'none' ? undefined : authentication.method,
    'x-amz-id-2': hostId,
    bytesTransferredOut: request.call.method === 'HEAD' ? 0 : bytesOf(answer),
    objectSize: error ? undefined : sizeOfObject(operation, answer, received),
    startTime,
    endTime,
    turnAroundTime: endTime - startTime,
    httpStatusCode: answer.status,
  }
}

/** Of what creates an object, or begins one: parts have the encryption of their upload. */
const encrypting = new Set(['PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload'])
const schemes: Readonly<Record<string, string>> = {
  AES256: 'SSE_S3',
  'aws:kms': 'SSE_KMS',
  // Assumed.
  'aws:kms:dsse': 'SSE_KMS_DSSE',
}

function appliedEncryption(
  { name }: S3Operation,
  { headers }: AddressedRequest,
  answer: HttpAnswer,
): string | undefined {
  if (!encrypting.has(name)) return undefined
  if (answer.headers[customerAlgorithm] !== undefined) return 'SSE_C'
  const scheme = schemes[answer.headers[encryption] ?? '']
  return scheme === undefined || headers[encryption] !== undefined ? scheme : `Default_${scheme}`
}

function bytesOf({ headers, body }: HttpAnswer): number {
  if (typeof body === 'string') return Buffer.byteLength(body)
  if (body instanceof Uint8Array) return body.length
  const { 'Content-Length': announced = headers['content-length'] ?? '0' } = headers
  return Number(announced)
}

function sizeOfObject({ name }: S3Operation, { headers }: HttpAnswer, received: number): number | undefined {
  if (name === 'PutObject') return received
  if (name !== 'GetObject' && name !== 'HeadObject') return undefined
  const whole = /\/(\d+)$/.exec(headers['Content-Range'] ?? '')?.[1]
  return Number(whole ?? headers['Content-Length'] ?? 0)
}
