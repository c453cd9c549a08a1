import { AwsError } from '../../aws/errors.ts'
import { alreadyRead, parseDocument, readDocument } from '../documents/xml-body.ts'
import type { AddressedRequest, S3Operation, S3Services } from '../operation.ts'

/*
 * Policies may ask what a document says: the Region of a new bucket, the tags of an object. Where there are policies, such a
 * document is read before they are weighed, and the operation reads it again from memory.
 */

type Weighs = NonNullable<S3Operation['weighs']>

/** @returns undefined: the operation's document says nothing to policies, or no policy has a say */
export function weighedDocumentOf(
  { weighs }: S3Operation,
  { access, buckets }: Pick<S3Services, 'access' | 'buckets'>,
  { authentication, bucketName }: AddressedRequest,
): Weighs | undefined {
  if (!weighs || access.isUnrestricted(authentication.caller, buckets.find(bucketName))) return undefined
  return weighs
}

/**
 * Reads a request's document for policies.
 * @returns the request with what it says; a document that is none says nothing, and is refused by who is to act on it
 * @throws AwsError MaxMessageLengthExceeded
 */
export async function withWeighedDocument(
  { root, read }: Weighs,
  request: AddressedRequest,
): Promise<AddressedRequest> {
  const bytes = await readDocument(request.body)
  const buffered = { ...request, body: alreadyRead(request.body, bytes) }
  if (bytes.length === 0) return buffered
  try {
    return { ...buffered, document: read(await parseDocument(bytes, root)) }
  } catch (error) {
    if (error instanceof AwsError) return buffered
    throw error
  }
}
