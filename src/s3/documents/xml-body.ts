import { createChecksum } from '../../crypto/checksums.ts'
import type { RequestBody } from '../../protocol/authentication.ts'
import { parseXml, type XmlContent, type XmlElement, XmlMalformed } from '../../protocol/rest-xml.ts'
import { s3Errors } from '../errors.ts'
import { readContentMd5, readSentChecksum, verifyContentMd5, verifySentChecksum } from '../objects/checksums.ts'
import type { S3Request } from '../operation.ts'
import type { ChecksumAlgorithm } from '../records/objects.ts'

/*
 * A request body that is one small XML document:
 *
 *   read (bounded) → Content-MD5 and x-amz-checksum-* hold → UTF-8 → the document of that root
 */

const largestDocument = 1 << 20

/**
 * Reads the request's document.
 * @param proof `required` where S3 insists on Content-MD5 or a checksum of the body
 * @returns undefined when the body is empty
 * @throws AwsError MalformedXML, InvalidDigest, BadDigest, InvalidRequest, MaxMessageLengthExceeded
 */
export async function readXmlBody(
  request: S3Request,
  root: string,
  proof: 'required' | 'optional',
  limit: number = largestDocument,
): Promise<XmlElement | undefined> {
  const bytes = await readDocument(request.body, limit)
  const hasMd5 = checkMd5(request, bytes)
  const hasChecksum = checkChecksum(request, bytes)
  if (!hasMd5 && !hasChecksum && proof === 'required') throw missingProof()
  if (bytes.length === 0) return undefined
  return parseDocument(bytes, root)
}

/**
 * A whole body in memory. One that says it is too long is refused unread: breaking off in its midst would cut the
 * connection before the client could read why.
 * @throws AwsError MaxMessageLengthExceeded
 */
export async function readDocument({ length, bytes }: RequestBody, limit: number = largestDocument): Promise<Buffer> {
  if (length !== undefined && length > limit) throw s3Errors.MaxMessageLengthExceeded(limit)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > limit) throw s3Errors.MaxMessageLengthExceeded(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @throws AwsError MalformedXML */
export async function parseDocument(bytes: Buffer, root: string): Promise<XmlElement> {
  try {
    return await parseXml(new TextDecoder('utf-8', { fatal: true }).decode(bytes), root)
  } catch (error) {
    if (error instanceof XmlMalformed || error instanceof TypeError) throw s3Errors.MalformedXML()
    throw error
  }
}

/**
 * An element with none but these children. Of an empty element the parser gives its text.
 * @throws AwsError MalformedXML
 */
export function elementOf(content: XmlContent | XmlContent[], children: readonly string[]): XmlElement {
  if (content === undefined || Array.isArray(content)) throw s3Errors.MalformedXML()
  if (typeof content === 'string' && content.trim() === '') return {}
  if (typeof content !== 'object') throw s3Errors.MalformedXML()
  allowOnly(content, children)
  return content
}

/** @throws AwsError MalformedXML for a child of another name */
export function allowOnly(element: XmlElement, children: readonly string[]): void {
  const strange = Object.keys(element).find((name) => !name.startsWith('@') && !children.includes(name))
  if (strange !== undefined) throw s3Errors.MalformedXML()
}

function missingProof() {
  return s3Errors.InvalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
}

function checkMd5({ headers }: S3Request, bytes: Buffer): boolean {
  const expected = readContentMd5(headers)
  if (!expected) return false
  verifyContentMd5(expected, digestOf('MD5', bytes))
  return true
}

function checkChecksum({ headers, body }: S3Request, bytes: Buffer): boolean {
  const sent = readSentChecksum(headers, body)
  if (!sent) return false
  verifySentChecksum(sent, digestOf(sent.algorithm, bytes), body.trailers)
  return true
}

function digestOf(algorithm: ChecksumAlgorithm, bytes: Buffer): Buffer {
  const checksum = createChecksum(algorithm)
  checksum.update(bytes)
  return checksum.digest()
}
