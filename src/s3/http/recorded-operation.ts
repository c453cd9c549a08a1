import { bucketArn } from '../../aws/arn.ts'
import { AwsError } from '../../aws/errors.ts'
import { parseXml, s3Namespace, XmlMalformed } from '../../protocol/rest-xml.ts'
import type { Transaction } from '../../store/database.ts'
import type { LockRequest } from '../../store/locks.ts'
import type { CallOutcome } from '../../trail/event.ts'
import { alreadyRead, readDocument } from '../documents/xml-body.ts'
import { s3Errors } from '../errors.ts'
import { permissionHeaders } from '../needs.ts'
import type { AddressedRequest, S3Answer, S3Operation, S3Services } from '../operation.ts'
import { bucketLock } from '../records/buckets.ts'

/*
 * A recorded call and its record are one commit. One that changes its bucket:
 *
 *   check → read the body → lock the bucket → check again → handle, staging changes → stage the record → one batch
 *
 * When the handler refuses, its changes are discarded and the refusal alone is recorded. A body is read before the lock
 * is taken: a slow client must not hold up a bucket.
 */

/** What is done for a request, in two steps: the first alone says whether the second would be let through. */
export interface Attempts {
  check(request: AddressedRequest): void
  attempt(request: AddressedRequest, transaction: Transaction): Promise<S3Answer>
}

/**
 * Performs an operation and records it, whether it succeeds or is refused.
 * @throws AwsError what the operation refuses
 */
export async function handleRecorded(
  operation: S3Operation,
  services: S3Services,
  request: AddressedRequest,
  { check, attempt }: Attempts,
): Promise<S3Answer> {
  const { database, trail } = services
  const transaction = database.transaction()
  let document: Uint8Array = new Uint8Array()
  const record = async (error?: unknown) => {
    trail.append(transaction, await outcomeOf(operation, services, request, document, error))
    await transaction.commit()
  }
  const attemptAndRecord = async (asked: AddressedRequest) => {
    const answer = await attempt(asked, transaction)
    await record()
    return answer
  }
  try {
    const lock = lockOf(operation, request)
    if (!lock) return await attemptAndRecord(request)
    check(request)
    document = await readDocument(request.body)
    const buffered = { ...request, body: alreadyRead(request.body, document) }
    return await database.locks.with([lock], () => attemptAndRecord(buffered))
  } catch (error) {
    transaction.discard()
    await record(error)
    throw error
  }
}

/** Of what it changes; undefined where it changes nothing. */
function lockOf(operation: S3Operation, request: AddressedRequest): LockRequest | undefined {
  if ('changesBucket' in operation) return bucketLock(request.bucketName, 'exclusive')
  if (!('changesAccount' in operation)) return undefined
  return { name: `account:${request.authentication.caller.accountId}`, mode: 'exclusive' }
}

async function outcomeOf(
  operation: S3Operation,
  { ambient, settings, buckets }: S3Services,
  request: AddressedRequest,
  document: Uint8Array,
  error: unknown,
): Promise<CallOutcome> {
  const { authentication, call, headers, bucketName: bucket, requestId } = request
  const owner = buckets.find(bucket)?.ownerAccountId ?? authentication.caller.accountId
  return {
    caller: authentication.caller,
    time: ambient.now(),
    service: 's3',
    eventName: operation.name,
    region: authentication.region || settings.region,
    clientAddress: call.clientAddress,
    userAgent: `[${headers['user-agent'] ?? ''}]`,
    hostHeader: headers.host,
    secure: call.secure,
    requestId,
    readOnly: operation.trail?.readOnly ?? true,
    requestParameters: await requestParametersOf(request, document),
    responseElements: null,
    additionalEventData: {
      SignatureVersion: authentication.signature === 'none' ? undefined : authentication.signature,
      AuthenticationMethod: authentication.method === 'none' ? undefined : authentication.method,
      bytesTransferredIn: document.length,
    },
    resources: bucket === '' ? [] : [{ accountId: owner, type: 'AWS::S3::Bucket', ARN: bucketArn(bucket) }],
    error: error === undefined ? undefined : errorOf(error),
  }
}

function errorOf(error: unknown): { code: string; message: string } {
  const known = error instanceof AwsError ? error : s3Errors.InternalError()
  return { code: known.code, message: known.message }
}

/** As CloudTrail writes it: the document under its root's name, the subresource, the bucket and the host. */
async function requestParametersOf(request: AddressedRequest, document: Uint8Array): Promise<Record<string, unknown>> {
  const { bucketName: bucket, headers, query } = request
  const parameters: Record<string, unknown> = { ...(await parsedDocument(document)) }
  if (bucket !== '') parameters.bucketName = bucket
  if (headers.host !== undefined) parameters.Host = headers.host
  for (const [name, value] of query) if (!/^x-(amz|id)/i.test(name)) parameters[name] = value
  for (const name of permissionHeaders) if (headers[name] !== undefined) parameters[name] = headers[name]
  return parameters
}

/** Of PutBucketPolicy, whose document alone is JSON. */
function parsedPolicy(text: string): Record<string, unknown> {
  try {
    return { bucketPolicy: JSON.parse(text) }
  } catch {
    return {}
  }
}

async function parsedDocument(document: Uint8Array): Promise<Record<string, unknown>> {
  const text = Buffer.from(document).toString('utf8')
  if (text.startsWith('{')) return parsedPolicy(text)
  const root = /<([A-Za-z]+)[\s/>]/.exec(text)?.[1]
  if (root === undefined) return {}
  try {
    return { [root]: { xmlns: s3Namespace, ...(await parseXml(text, root)) } }
  } catch (error) {
    if (error instanceof XmlMalformed) return {}
    throw error
  }
}
