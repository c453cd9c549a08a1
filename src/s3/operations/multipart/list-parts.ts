import type { XmlElement } from '../../../protocol/rest-xml.ts'
import { timestamp } from '../../dates.ts'
import { largestPage, people, readEncoding, readNumber } from '../../documents/upload-listing.ts'
import { onObject } from '../../needs.ts'
import { checksumElement, openChecksum } from '../../objects/checksums.ts'
import { abortHeaders } from '../../objects/lifecycle-headers.ts'
import { openUpload } from '../../objects/parts.ts'
import type { ObjectOperation, ObjectRequest, S3Services } from '../../operation.ts'
import { storageClassOf } from '../../records/object-attributes.ts'
import type { PartRecord, Upload } from '../../records/uploads.ts'
import { checkPart, checkTransport, readCustomerKey } from '../../sse/headers.ts'
import { checkCustomerKey } from '../../sse/keyring.ts'

/**
 * The parts of an upload. Their checksums are shown only where the upload was created with an algorithm; under a KMS key they
 * are sealed, so showing them costs one Decrypt (ListParts, S3 API Reference: needs kms:Decrypt).
 */
export const ListParts: ObjectOperation = {
  name: 'ListParts',
  level: 'object',
  route: 'GET /{Bucket}/{Key+}?uploadId',
  needs: onObject('s3:ListMultipartUploadParts'),
  async handle(services, request) {
    const { key, query } = request
    const { bucket } = request
    const upload = services.uploads.get(bucket.name, key, query.get('uploadId') ?? '')
    checkTransport(request.headers, request.call.secure, services.settings.requireTlsForSseC)
    const encode = readEncoding(query)
    const limit = readNumber(query, 'max-parts') ?? largestPage
    const marker = readNumber(query, 'part-number-marker') ?? 0
    const behind = await services.uploads.parts(upload, marker)
    const page = behind.slice(0, Math.min(limit, largestPage))
    const isTruncated = page.length > 0 && page.length < behind.length
    const { record } = upload
    const content: XmlElement = {
      Bucket: bucket.name,
      Key: encode(key),
      UploadId: upload.uploadId,
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.number ?? 0,
      MaxParts: Math.min(limit, largestPage),
      EncodingType: query.get('encoding-type'),
      IsTruncated: isTruncated,
      Part: await partElements(services, request, upload, page),
      ...people(bucket, record, services.settings),
      StorageClass: storageClassOf(record),
      ChecksumAlgorithm: record.checksumAlgorithm,
      ChecksumType: record.checksumType,
    }
    const headers = abortHeaders(services, bucket, key, record.initiated)
    return { headers, xml: { root: 'ListPartsResult', content } }
  },
}

async function partElements(
  services: S3Services,
  request: ObjectRequest,
  upload: Upload,
  parts: readonly PartRecord[],
): Promise<XmlElement[]> {
  const showsChecksums = upload.record.checksumAlgorithm !== undefined
  const customerKey = readCustomerKey(request.headers, 'request')
  if (customerKey || showsChecksums) checkPart(upload.record.envelope, customerKey)
  checkCustomerKey(upload.record.envelope, customerKey, 'part')
  const bucket = services.buckets.get(upload.bucket)
  const isSealed = showsChecksums && parts.some((part) => part.checksum?.sealed)
  const envelope = isSealed ? await openUpload(services, { bucket, upload, customerKey }, request) : undefined
  return parts.map(({ number, lastModified, etag, size, checksum }) => ({
    PartNumber: number,
    LastModified: timestamp(lastModified),
    ETag: `"${etag}"`,
    Size: size,
    ...(showsChecksums && checksumElement(envelope && checksum ? openChecksum(envelope, checksum) : checksum)),
  }))
}
