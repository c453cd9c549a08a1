import { mixed, type XmlElement } from '../../../protocol/rest-xml.ts'
import { timestamp } from '../../dates.ts'
import {
  commonPrefixesOf,
  commonQuery,
  contentOf,
  type OwnerOf,
  ownersIn,
  restoresAskedAt,
  type Shown,
} from '../../documents/listing-page.ts'
import { s3Errors } from '../../errors.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'
import { startBehindMarker } from '../../records/listing.ts'
import { isMarker } from '../../records/object-record.ts'
import { isVersionId } from '../../records/version-id.ts'
import {
  listVersionPage,
  type VersionListingEntry,
  type VersionListingPage,
  type VersionStart,
} from '../../records/version-listing.ts'

/**
 * The versions and delete markers of a bucket's keys, of each key the newest first, both kinds in one order. Owners are always
 * shown (evidence: s3-list-versions).
 */
export const ListObjectVersions: BucketOperation = {
  name: 'ListObjectVersions',
  level: 'bucket',
  route: 'GET /{Bucket}?versions',
  needs: onBucket('s3:ListBucketVersions'),
  async handle(services, request) {
    const { database, settings } = services
    const { bucket, query } = request
    checkMaxKeys(query.get('max-keys'))
    const common = commonQuery(request)
    const { encode } = common
    const keyMarker = query.get('key-marker') ?? ''
    const versionIdMarker = query.get('version-id-marker')
    checkVersionIdMarker(keyMarker, versionIdMarker)
    const start = startBehind(startBehindMarker(keyMarker, common), versionIdMarker)
    const shown = { ownerOf: ownersIn(bucket, settings), restoresAt: restoresAskedAt(services, request) }
    const page = await listVersionPage(database, { ...common, start })
    return {
      xml: {
        root: 'ListVersionsResult',
        content: {
          Name: common.bucket,
          Prefix: encode(common.prefix),
          KeyMarker: encode(keyMarker),
          VersionIdMarker: versionIdMarker ?? '',
          ...nextMarkers(page, encode),
          MaxKeys: common.limit,
          Delimiter: encode(common.delimiter) || undefined,
          EncodingType: common.encodingType,
          IsTruncated: page.isTruncated,
          [mixed]: page.entries.flatMap((entry) => versionElement(entry, encode, shown)),
          CommonPrefixes: commonPrefixesOf(page, encode),
        },
      },
    }
  },
}

/** A key marker inside a common prefix passes over all of it, and so over the version there. */
function startBehind(start: VersionStart, behindVersionId: string | undefined): VersionStart {
  return start.behindKey === undefined ? start : { ...start, behindVersionId }
}

function nextMarkers({ entries, isTruncated }: VersionListingPage, encode: (text: string) => string): XmlElement {
  const last = isTruncated ? entries.at(-1) : undefined
  if (!last) return {}
  if ('commonPrefix' in last) return { NextKeyMarker: encode(last.commonPrefix) }
  return { NextKeyMarker: encode(last.key), NextVersionIdMarker: last.version.versionId }
}

type VersionsShown = Shown & { ownerOf: OwnerOf }

function versionElement(
  entry: VersionListingEntry,
  encode: (text: string) => string,
  shown: VersionsShown,
): XmlElement[] {
  if ('commonPrefix' in entry) return []
  const { key, version, isLatest } = entry
  const { versionId: VersionId } = version
  const identity = { Key: encode(key), VersionId, IsLatest: isLatest }
  if (!isMarker(version)) return [{ Version: { ...identity, ...contentOf(encode(key), version, shown) } }]
  const LastModified = timestamp(version.lastModified)
  return [{ DeleteMarker: { ...identity, LastModified, Owner: shown.ownerOf(version) } }]
}

/** Its words are not those of the other lists (evidence: s3-list-versions). */
function checkMaxKeys(value: string | undefined): void {
  if (value === undefined || !/^-\d+$/.test(value)) return
  throw s3Errors.InvalidArgument('max-keys cannot be negative', 'max-keys', value)
}

function checkVersionIdMarker(keyMarker: string, versionIdMarker: string | undefined): void {
  if (versionIdMarker === undefined) return
  if (versionIdMarker === '') {
    throw s3Errors.InvalidArgument('A version-id marker cannot be empty.', 'version-id-marker', '')
  }
  if (keyMarker === '') {
    const message = 'A version-id marker cannot be specified without a key marker.'
    throw s3Errors.InvalidArgument(message, 'version-id-marker', versionIdMarker)
  }
  if (!isVersionId(versionIdMarker)) {
    throw s3Errors.InvalidArgument('Invalid version id specified', 'version-id-marker', versionIdMarker)
  }
}
