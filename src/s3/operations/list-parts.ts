import { canonicalUserId } from '../../aws/caller.ts'
import type { XmlElement } from '../../protocol/rest-xml.ts'
import { timestamp } from '../dates.ts'
import { s3Errors } from '../errors.ts'
import { checksumElement, openChecksum } from '../objects/checksums.ts'
import type { S3Operation, S3Request, S3Services } from '../operation.ts'
import { commonPrefixOf } from '../records/listing.ts'
import type { PartRecord, Upload, UploadRecord } from '../records/uploads.ts'
import { checkPart, checkTransport, readCustomerKey } from '../sse/headers.ts'
import { checkCustomerKey } from '../sse/keyring.ts'
import { urlEncode } from './list-objects.ts'
import { openUpload } from './multipart.ts'

const largestPage = 1000

/**
 * The parts of an upload. Their checksums are told only where the upload was created with an algorithm; under a KMS key they
 * are sealed, so that telling them costs one Decrypt (ListParts, S3 API Reference: needs kms:Decrypt).
 */
export const ListParts: S3Operation = {
  name: 'ListParts',
  route: 'GET /{Bucket}/{Key+}?uploadId',
  async handle(services, request) {
    const { key, query } = request
    const bucket = services.buckets.get(request.bucket)
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
      ...people(record),
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: record.checksumAlgorithm,
      ChecksumType: record.checksumType,
    }
    return { xml: { root: 'ListPartsResult', content } }
  },
}

async function partElements(
  services: S3Services,
  request: S3Request,
  upload: Upload,
  parts: readonly PartRecord[],
): Promise<XmlElement[]> {
  const tellsChecksums = upload.record.checksumAlgorithm !== undefined
  const customerKey = readCustomerKey(request.headers, 'request')
  if (customerKey || tellsChecksums) checkPart(upload.record.envelope, customerKey)
  checkCustomerKey(upload.record.envelope, customerKey, 'part')
  const bucket = services.buckets.get(upload.bucket)
  const isSealed = tellsChecksums && parts.some((part) => part.checksum?.sealed)
  const envelope = isSealed ? await openUpload(services, { bucket, upload, customerKey }, request) : undefined
  return parts.map(({ number, lastModified, etag, size, checksum }) => ({
    PartNumber: number,
    LastModified: timestamp(lastModified),
    ETag: `"${etag}"`,
    Size: size,
    ...(tellsChecksums && checksumElement(envelope && checksum ? openChecksum(envelope, checksum) : checksum)),
  }))
}

/** The uploads in progress, by key and then by age. */
export const ListMultipartUploads: S3Operation = {
  name: 'ListMultipartUploads',
  route: 'GET /{Bucket}?uploads',
  async handle({ uploads }, { bucket, query }) {
    const encode = readEncoding(query)
    const limit = Math.min(readNumber(query, 'max-uploads') ?? largestPage, largestPage)
    const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
    const keyMarker = query.get('key-marker') ?? ''
    const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '')
    if (idMarker !== '' && !/^[0-9a-f]{96}$/.test(idMarker)) {
      throw s3Errors.InvalidArgument('Invalid uploadId marker', 'upload-id-marker', idMarker)
    }
    const page = await listUploads(uploads, { bucket, prefix, delimiter, keyMarker, idMarker, limit })
    const last = page.isTruncated ? page.entries.at(-1) : undefined
    const content: XmlElement = {
      Bucket: bucket,
      KeyMarker: encode(keyMarker),
      UploadIdMarker: idMarker,
      NextKeyMarker: last && encode('key' in last ? last.key : last.commonPrefix),
      NextUploadIdMarker: last && ('key' in last ? last.uploadId : ''),
      Prefix: encode(prefix),
      Delimiter: encode(delimiter) || undefined,
      EncodingType: query.get('encoding-type'),
      MaxUploads: limit,
      IsTruncated: page.isTruncated,
      Upload: page.entries.flatMap((entry) => ('key' in entry ? [uploadElement(entry, encode)] : [])),
      CommonPrefixes: page.entries.flatMap((entry) => ('key' in entry ? [] : [{ Prefix: encode(entry.commonPrefix) }])),
    }
    return { xml: { root: 'ListMultipartUploadsResult', content } }
  },
}

interface UploadQuery {
  bucket: string
  prefix: string
  delimiter: string
  keyMarker: string
  idMarker: string
  limit: number
}

type UploadEntry = { key: string; uploadId: string; record: UploadRecord } | { commonPrefix: string }

async function listUploads(
  uploads: S3Services['uploads'],
  query: UploadQuery,
): Promise<{ entries: UploadEntry[]; isTruncated: boolean }> {
  const { bucket, prefix, delimiter, keyMarker, idMarker, limit } = query
  const entries: UploadEntry[] = []
  if (limit === 0) return { entries, isTruncated: false }
  const behind = idMarker === '' ? [keyMarker] : [keyMarker, idMarker]
  const cursor = uploads.cursor(bucket, prefix, keyMarker === '' ? undefined : behind)
  try {
    const passed = delimiter !== '' && keyMarker.startsWith(prefix) ? commonPrefixOf(keyMarker, query) : undefined
    if (passed !== undefined) cursor.seekPast([bucket], passed)
    for (let found = await cursor.next(); found; found = await cursor.next()) {
      if (entries.length === limit) return { entries, isTruncated: true }
      const [, key, uploadId] = found.key
      const commonPrefix = commonPrefixOf(key, { prefix, delimiter })
      if (commonPrefix === undefined) {
        entries.push({ key, uploadId, record: found.value })
        continue
      }
      entries.push({ commonPrefix })
      cursor.seekPast([bucket], commonPrefix)
    }
    return { entries, isTruncated: false }
  } finally {
    await cursor.close()
  }
}

function uploadElement(entry: Exclude<UploadEntry, { commonPrefix: string }>, encode: (text: string) => string) {
  const { key, uploadId, record } = entry
  return {
    Key: encode(key),
    UploadId: uploadId,
    ...people(record),
    StorageClass: 'STANDARD',
    Initiated: timestamp(record.initiated),
    ChecksumAlgorithm: record.checksumAlgorithm,
    ChecksumType: record.checksumType,
  }
}

function people({ initiator, ownerAccountId }: UploadRecord) {
  return {
    Initiator: { ID: initiator.id, DisplayName: initiator.displayName },
    Owner: { ID: canonicalUserId(ownerAccountId) },
  }
}

function readEncoding(query: ReadonlyMap<string, string>): (text: string) => string {
  const type = query.get('encoding-type')
  if (type === undefined) return (text) => text
  if (type === 'url') return urlEncode
  throw s3Errors.InvalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type)
}

/** The largest a Java int can be, which is what S3 reads. */
const largestInteger = 2_147_483_647

function readNumber(query: ReadonlyMap<string, string>, name: string): number | undefined {
  const value = query.get(name)
  if (value === undefined || value === '') return undefined
  const number = Number(value)
  if (/^\d+$/.test(value) && number <= largestInteger) return number
  if (/^-\d+$/.test(value) && number >= -largestInteger) {
    throw s3Errors.InvalidArgument(`Argument ${name} must be an integer between 0 and ${largestInteger}`, name, value)
  }
  throw s3Errors.InvalidArgument(`Provided ${name} not an integer or within integer range`, name, value)
}
