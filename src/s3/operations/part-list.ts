import { listOf, parseXml, type XmlContent, type XmlElement, XmlMalformed } from '../../protocol/rest-xml.ts'
import { s3Errors } from '../errors.ts'
import type { S3Request } from '../operation.ts'
import { withoutQuotes } from '../preconditions.ts'

/** A part as the request lists it. */
export interface ListedPart {
  number: number
  etag: string
  /** By member name: ChecksumCRC32 … */
  checksums: Record<string, string>
}

/** 10,000 parts with their checksums stay below this. */
const largestDocument = 8 << 20

/** The body's checksum headers speak of the object here, not of the document. */
async function readDocument({ body }: S3Request): Promise<XmlElement> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body.bytes) {
    size += chunk.length
    if (size > largestDocument) throw s3Errors.MaxMessageLengthExceeded(largestDocument)
    chunks.push(chunk)
  }
  if (size === 0) throw s3Errors.InvalidRequest('You must specify at least one part')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
    return await parseXml(text, 'CompleteMultipartUpload')
  } catch (error) {
    if (error instanceof XmlMalformed || error instanceof TypeError) throw s3Errors.MalformedXML()
    throw error
  }
}

/**
 * Reads which parts CompleteMultipartUpload is to join.
 * @throws AwsError MalformedXML, InvalidRequest, MaxMessageLengthExceeded
 */
export async function readPartList(request: S3Request): Promise<ListedPart[]> {
  const document = await readDocument(request)
  const parts = listOf(document.Part).map(readListedPart)
  if (parts.length === 0) throw s3Errors.MalformedXML()
  return parts
}

function readListedPart(content: XmlContent): ListedPart {
  if (typeof content !== 'object') throw s3Errors.MalformedXML()
  const { PartNumber, ETag, ...others } = content
  if (typeof PartNumber !== 'string' || typeof ETag !== 'string' || !/^\d{1,9}$/.test(PartNumber)) {
    throw s3Errors.MalformedXML()
  }
  const checksums: Record<string, string> = {}
  for (const [name, value] of Object.entries(others)) if (typeof value === 'string') checksums[name] = value
  return { number: Number(PartNumber), etag: withoutQuotes(ETag), checksums }
}
