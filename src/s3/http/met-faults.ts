import { AwsError } from '../../aws/errors.ts'
import { type ActiveFaults, type AnswerFault, ConnectionReset, type FaultSubject } from '../../fault-source.ts'
import { alreadyRead, readDocument } from '../documents/xml-body.ts'
import type { AddressedRequest, S3Answer, S3Operation, S3Services } from '../operation.ts'
import { perform } from './perform.ts'

/**
 * Performs a request that meets what is to go wrong on purpose. A refusal stands in the operation's place, so who may not is told that
 * first, and a management call is recorded with it.
 * @throws AwsError; ConnectionReset
 */
export async function performUnderFaults(
  faults: ActiveFaults,
  operation: S3Operation,
  services: S3Services,
  asked: AddressedRequest,
): Promise<S3Answer> {
  const { request, objectKeys } = await withDocumentKeys(operation, asked)
  const subject = { ...subjectOf(operation, services, request), objectKeys }
  const { fault, refusal } = await meet(faults, subject)
  if (refusal instanceof ConnectionReset) throw refusal
  if (refusal !== undefined) {
    const handle = () => Promise.reject(refusal)
    return perform({ ...operation, handle }, services, request)
  }
  try {
    return spoiled(await perform(operation, services, request), fault)
  } catch (error) {
    throw fault === 'reset' || fault === 'cut' ? new ConnectionReset(error) : error
  }
}

/**
 * Reads which objects a request's document names; the operation reads it again from memory. A document that is none names none, and is
 * refused by who is to act on it.
 * @throws AwsError MaxMessageLengthExceeded
 */
async function withDocumentKeys(
  { documentKeys }: S3Operation,
  request: AddressedRequest,
): Promise<{ request: AddressedRequest; objectKeys?: string[] }> {
  if (!documentKeys) return { request }
  const bytes = await readDocument(request.body, documentKeys.limit)
  const buffered = { ...request, body: alreadyRead(request.body, bytes) }
  if (bytes.length === 0) return { request: buffered }
  try {
    return { request: buffered, objectKeys: await documentKeys.read(bytes) }
  } catch (error) {
    if (error instanceof AwsError) return { request: buffered }
    throw error
  }
}

function subjectOf(
  { name }: S3Operation,
  { settings }: S3Services,
  { authentication, bucketName, key }: AddressedRequest,
): FaultSubject {
  return {
    service: 's3',
    operation: name,
    region: authentication.region || settings.region,
    principalArn: authentication.caller.arn,
    bucket: bucketName === '' ? undefined : bucketName,
    objectKey: key === '' ? undefined : key,
  }
}

async function meet(faults: ActiveFaults, subject: FaultSubject): Promise<{ fault?: AnswerFault; refusal?: unknown }> {
  try {
    return { fault: await faults.meet(subject) }
  } catch (refusal) {
    return { refusal }
  }
}

function spoiled(answer: S3Answer, fault: AnswerFault | undefined): S3Answer {
  if (fault === undefined) return answer
  if (fault !== 'corrupt') return { ...answer, broken: fault }
  return answer.body === undefined ? answer : { ...answer, body: corrupted(answer.body) }
}

/** One bit is wrong, in the middle of what comes first. */
function corrupted(body: NonNullable<S3Answer['body']>): NonNullable<S3Answer['body']> {
  return body instanceof Uint8Array ? withWrongBit(body) : firstCorrupted(body)
}

async function* firstCorrupted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true
  for await (const chunk of body) {
    yield isFirst ? withWrongBit(chunk) : chunk
    isFirst = false
  }
}

/** Of a copy: the piece may lie in a cache. */
function withWrongBit(piece: Uint8Array): Uint8Array {
  const copy = Buffer.from(piece)
  const middle = copy.length >> 1
  const byte = copy[middle]
  if (byte !== undefined) copy[middle] = byte ^ 1
  return copy
}
