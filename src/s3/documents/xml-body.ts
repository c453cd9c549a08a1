import { isUtf8 } from 'node:buffer'
import { StringDecoder } from 'node:string_decoder'
import { type Checksum, createChecksum, loadChecksum } from '../../crypto/checksums.ts'
import { nextTurn } from '../../event-loop.ts'
import type { RequestBody } from '../../protocol/authentication.ts'
import { type BytesObserver, observed } from '../../protocol/observed-bytes.ts'
import { parseXml, type XmlContent, type XmlElement, XmlMalformed } from '../../protocol/rest-xml.ts'
import { readWholeBody } from '../../protocol/whole-body.ts'
import { s3Errors } from '../errors.ts'
import {
  readContentMd5,
  readSentChecksum,
  type SentChecksum,
  verifyContentMd5,
  verifySentChecksum,
} from '../objects/checksums.ts'
import type { ServiceRequest } from '../operation.ts'

/*
 * A request body that is one small XML document:
 *
 *   read (bounded) → Content-MD5 and x-amz-checksum-* hold → UTF-8 → the document of that root
 */

/** How large a document may be: bytes of the body, elements in it. */
export interface DocumentLimits {
  bytes?: number
  elements?: number
}

const largestDocument = 1 << 20

/**
 * Reads the request's document.
 * @param proof `required` where S3 insists on Content-MD5 or a checksum of the body
 * @returns undefined when the body is empty
 * @throws AwsError MalformedXML, InvalidDigest, BadDigest, InvalidRequest, MaxMessageLengthExceeded
 */
export async function readXmlBody(
  request: ServiceRequest,
  root: string,
  proof: 'required' | 'optional',
  { bytes: limit, elements }: DocumentLimits = {},
): Promise<XmlElement | undefined> {
  const digests = new DocumentDigests(request)
  if (digests.areNone && proof === 'required') throw missingProof()
  const bytes = await readProven(request, digests, limit)
  if (bytes.length === 0) return undefined
  return parseDocument(bytes, root, elements)
}

/**
 * Reads the request's document as a text: a bucket policy is JSON.
 * @throws AwsError InvalidDigest, BadDigest, InvalidRequest, MaxMessageLengthExceeded
 */
export async function readTextBody(request: ServiceRequest): Promise<string> {
  return (await readProven(request, new DocumentDigests(request))).toString('utf8')
}

async function readProven({ body }: ServiceRequest, digests: DocumentDigests, limit?: number): Promise<Buffer> {
  await digests.load()
  return await readDocument({ ...body, bytes: observed(body.bytes, digests) }, limit)
}

/**
 * A whole body in memory. One that says it is too long is refused unread: breaking off in its midst would cut the
 * connection before the client could read why.
 * @throws AwsError MaxMessageLengthExceeded
 */
export async function readDocument({ length, bytes }: RequestBody, limit: number = largestDocument): Promise<Buffer> {
  if (length !== undefined && length > limit) throw s3Errors.MaxMessageLengthExceeded(limit)
  return await readWholeBody(bytes, limit, () => s3Errors.MaxMessageLengthExceeded(limit))
}

/** A body that is in memory, in the place of the one it was read from. */
export function alreadyRead(body: RequestBody, document: Uint8Array): RequestBody {
  async function* bytes() {
    if (document.length > 0) yield document
  }
  return {
    length: document.length,
    bytes: bytes(),
    trailers: body.trailers,
    announcedTrailers: body.announcedTrailers,
  }
}

/**
 * @param elements how many there may be
 * @throws AwsError MalformedXML
 */
export async function parseDocument(bytes: Buffer, root: string, elements?: number): Promise<XmlElement> {
  if (!isUtf8(bytes)) throw s3Errors.MalformedXML()
  try {
    return await parseXml(await decode(bytes), root, elements)
  } catch (error) {
    if (error instanceof XmlMalformed) throw s3Errors.MalformedXML()
    throw error
  }
}

/** A long document is decoded over several turns of the event loop. */
async function decode(bytes: Buffer): Promise<string> {
  if (bytes.length <= largestDocument) return bytes.toString('utf8')
  const decoder = new StringDecoder('utf8')
  let text = ''
  for (let begin = 0; begin < bytes.length; begin += largestDocument) {
    await nextTurn()
    text += decoder.write(bytes.subarray(begin, begin + largestDocument))
  }
  return text
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

/** What the client computed of its document, held against what comes. */
class DocumentDigests implements BytesObserver {
  readonly #contentMd5: Buffer | undefined
  readonly #sent: SentChecksum | undefined
  readonly #trailers: Readonly<Record<string, string>>
  readonly #md5: Checksum | undefined
  #checksum: Checksum | undefined

  /** @throws AwsError InvalidDigest, InvalidRequest */
  constructor({ headers, body }: ServiceRequest) {
    this.#contentMd5 = readContentMd5(headers)
    this.#sent = readSentChecksum(headers, body)
    this.#trailers = body.trailers
    this.#md5 = this.#contentMd5 && createChecksum('MD5')
  }

  /** Before the first byte. */
  async load(): Promise<void> {
    if (!this.#sent) return
    await loadChecksum(this.#sent.algorithm)
    this.#checksum = createChecksum(this.#sent.algorithm)
  }

  get areNone(): boolean {
    return !this.#contentMd5 && !this.#sent
  }

  piece(bytes: Uint8Array): void {
    this.#md5?.update(bytes)
    this.#checksum?.update(bytes)
  }

  /** @throws AwsError BadDigest, InvalidRequest */
  end(): void {
    if (this.#contentMd5 && this.#md5) verifyContentMd5(this.#contentMd5, this.#md5.digest())
    if (this.#sent && this.#checksum) verifySentChecksum(this.#sent, this.#checksum.digest(), this.#trailers)
  }
}
