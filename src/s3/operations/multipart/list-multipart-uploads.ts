import type { XmlElement } from '../../../protocol/rest-xml.ts'
import { timestamp } from '../../dates.ts'
import { largestPage, people, readEncoding, readNumber } from '../../documents/upload-listing.ts'
import { s3Errors } from '../../errors.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation, S3Services } from '../../operation.ts'
import type { BucketRecord } from '../../records/buckets.ts'
import { commonPrefixOf } from '../../records/listing.ts'
import { storageClassOf } from '../../records/object-attributes.ts'
import type { UploadRecord } from '../../records/uploads.ts'

/** The uploads in progress, by key and then by age. */
export const ListMultipartUploads: BucketOperation = {
  name: 'ListMultipartUploads',
  level: 'bucket',
  route: 'GET /{Bucket}?uploads',
  needs: onBucket('s3:ListBucketMultipartUploads'),
  async handle({ uploads, settings }, { bucket, query }) {
    const encode = readEncoding(query)
    const limit = Math.min(readNumber(query, 'max-uploads') ?? largestPage, largestPage)
    const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? '']
    const keyMarker = query.get('key-marker') ?? ''
    const idMarker = keyMarker === '' ? '' : (query.get('upload-id-marker') ?? '')
    if (idMarker !== '' && !/^[0-9a-f]{96}$/.test(idMarker)) {
      throw s3Errors.InvalidArgument('Invalid uploadId marker', 'upload-id-marker', idMarker)
    }
    const page = await listUploads(uploads, { bucket: bucket.name, prefix, delimiter, keyMarker, idMarker, limit })
    // They name the page's last entry, whether more follow or not (evidence: s3-list-uploads).
    const last = page.entries.at(-1)
    const content: XmlElement = {
      Bucket: bucket.name,
      KeyMarker: encode(keyMarker),
      UploadIdMarker: idMarker,
      NextKeyMarker: last ? encode('key' in last ? last.key : last.commonPrefix) : '',
      NextUploadIdMarker: last && 'key' in last ? last.uploadId : '',
      Prefix: encode(prefix) || undefined,
      Delimiter: encode(delimiter) || undefined,
      EncodingType: query.get('encoding-type'),
      MaxUploads: limit,
      IsTruncated: page.isTruncated,
      Upload: page.entries.flatMap((entry) => ('key' in entry ? [uploadElement(bucket, entry, encode, settings)] : [])),
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

function uploadElement(
  bucket: BucketRecord,
  entry: Exclude<UploadEntry, { commonPrefix: string }>,
  encode: (text: string) => string,
  settings: S3Services['settings'],
) {
  const { key, uploadId, record } = entry
  return {
    Key: encode(key),
    UploadId: uploadId,
    ...people(bucket, record, settings),
    StorageClass: storageClassOf(record),
    Initiated: timestamp(record.initiated),
    ChecksumAlgorithm: record.checksumAlgorithm,
    ChecksumType: record.checksumType,
  }
}
