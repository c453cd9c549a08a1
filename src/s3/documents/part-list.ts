import { listOf, type XmlContent } from '../../protocol/rest-xml.ts'
import { s3Errors } from '../errors.ts'
import { withoutQuotes } from '../objects/conditions.ts'
import type { ServiceRequest } from '../operation.ts'
import { parseDocument, readDocument } from './xml-body.ts'

/** A part as the request lists it. */
export interface ListedPart {
  number: number
  etag: string
  /** By member name: ChecksumCRC32 … */
  checksums: Record<string, string>
}

/** Source: "Amazon S3 multipart upload limits". */
const mostParts = 10_000

/** 10,000 parts with their checksums stay below this. */
const largestDocument = 8 << 20

/** The root, and a Part with its number, ETag and checksums, of which there are seven, for each. */
const mostElements = 1 + 10 * mostParts

/**
 * Reads which parts CompleteMultipartUpload is to join.
 * @throws AwsError MalformedXML, InvalidArgument, InvalidRequest, MaxMessageLengthExceeded
 */
export async function readPartList(request: ServiceRequest): Promise<ListedPart[]> {
  // The body's checksum headers speak of the object here, not of the document.
  const bytes = await readDocument(request.body, largestDocument)
  if (bytes.length === 0) throw s3Errors.InvalidRequest('You must specify at least one part')
  const document = await parseDocument(bytes, 'CompleteMultipartUpload', mostElements)
  const parts = listOf(document.Part)
  if (parts.length === 0 || parts.length > mostParts) throw s3Errors.MalformedXML()
  return parts.map(readListedPart)
}

function readListedPart(content: XmlContent): ListedPart {
  if (typeof content !== 'object') throw s3Errors.MalformedXML()
  const { PartNumber, ETag, ...others } = content
  if (typeof PartNumber !== 'string' || typeof ETag !== 'string' || !/^\d{1,9}$/.test(PartNumber)) {
    throw s3Errors.MalformedXML()
  }
  if (Number(PartNumber) < 1) throw s3Errors.InvalidArgument('PartNumber must be >= 1', 'PartNumber', PartNumber)
  const checksums: Record<string, string> = {}
  for (const [name, value] of Object.entries(others)) if (typeof value === 'string') checksums[name] = value
  return { number: Number(PartNumber), etag: withoutQuotes(ETag), checksums }
}
