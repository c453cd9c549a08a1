import { AwsError } from '../../aws/errors.ts'
import type { Transaction } from '../../store/database.ts'
import { checkAccess } from '../access/admission.ts'
import { isCharged } from '../access/requester-pays.ts'
import { refuseIneffectiveHeaders } from '../objects/ineffective-headers.ts'
import type { AddressedRequest, ObjectRequest, S3Answer, S3Operation, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { handleRecorded } from './recorded-operation.ts'
import { weighedDocumentOf, withWeighedDocument } from './weighed-document.ts'

/**
 * Performs an operation for a request: checks who may, finds what it is about, hands it over; what is to be recorded is.
 * @throws AwsError at once, or by the promise
 */
export function perform(operation: S3Operation, services: S3Services, request: AddressedRequest): Promise<S3Answer> {
  const saysPayer = request.headers['x-amz-request-payer'] !== undefined
  if (!saysPayer || !isCharged(services.buckets.find(request.bucketName), request)) {
    return performAsked(operation, services, request)
  }
  return tellingPayer(() => performAsked(operation, services, request))
}

const charged = { 'x-amz-request-charged': 'requester' }

/** Who pays is told so, by a refusal too (evidence: s3-requester-pays). */
async function tellingPayer(performed: () => Promise<S3Answer>): Promise<S3Answer> {
  try {
    const answer = await performed()
    return { ...answer, headers: { ...answer.headers, ...charged } }
  } catch (error) {
    if (error instanceof AwsError) Object.assign(error.headers, charged)
    throw error
  }
}

function performAsked(operation: S3Operation, services: S3Services, request: AddressedRequest): Promise<S3Answer> {
  const weighs = weighedDocumentOf(operation, services, request)
  if (!weighs) return performRead(operation, services, request)
  return withWeighedDocument(weighs, request).then((read) => performRead(operation, services, read))
}

function performRead(operation: S3Operation, services: S3Services, request: AddressedRequest): Promise<S3Answer> {
  const check = (asked: AddressedRequest) => {
    const bucket = checkAccess(services, operation, asked)
    const { headers, level } = operation
    if (headers && level !== 'new bucket') refuseIneffectiveHeaders(asked.headers, headers)
    return bucket
  }
  const attempt = (asked: AddressedRequest, transaction: Transaction) =>
    handle(operation, services, asked, check(asked), transaction)
  if (operation.trail) return handleRecorded(operation, services, request, { check, attempt })
  return attempt(request, services.database.transaction())
}

function handle(
  operation: S3Operation,
  services: S3Services,
  request: AddressedRequest,
  bucket: BucketRecord | undefined,
  transaction: Transaction,
): Promise<S3Answer> {
  if (operation.level === 'service' || operation.level === 'new bucket')
    return operation.handle(services, request, transaction)
  if (!bucket) throw new Error(`${operation.name} was let through without its bucket`)
  const found = requestIn(request, bucket)
  if (operation.level === 'bucket') return operation.handle(services, found, transaction)
  return operation.handle(services, found)
}

/** Written out, because every request makes one. */
function requestIn(request: AddressedRequest, bucket: BucketRecord): ObjectRequest {
  const { operation, virtualHost, query, headers, call, authentication, body, requestId, hostId, key } = request
  return { operation, virtualHost, query, headers, call, authentication, body, requestId, hostId, bucket, key }
}
