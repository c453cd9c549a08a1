import { canonicalUserId } from '../../aws/caller.ts'
import type { XmlElement } from '../../protocol/rest-xml.ts'
import { timestamp } from '../dates.ts'
import { s3Errors } from '../errors.ts'
import type { S3Operation, S3Request } from '../operation.ts'
import {
  type ListingPage,
  type ListingQuery,
  listPage,
  nameOf,
  type Start,
  startBehindMarker,
} from '../records/listing.ts'
import type { ObjectRecord } from '../records/objects.ts'
import { decodeToken, encodeToken } from '../records/tokens.ts'

const largestPage = 1000
const largestInteger = 2 ** 31 - 1

/** The keys of a bucket, as of 2006: pages by marker; NextMarker only where a delimiter rolls keys up. */
export const ListObjects: S3Operation = {
  name: 'ListObjects',
  route: 'GET /{Bucket}',
  async handle({ database }, request) {
    const common = commonQuery(request)
    const marker = request.query.get('marker') ?? ''
    const page = await listPage(database, { ...common, start: startBehindMarker(marker, common) })
    const { encode } = common
    const rolledUp = common.delimiter !== '' && page.next !== undefined
    return {
      xml: {
        root: 'ListBucketResult',
        content: {
          Name: common.bucket,
          Prefix: encode(common.prefix),
          Marker: encode(marker),
          NextMarker: rolledUp ? encode(nameOf(page.entries.at(-1))) : undefined,
          MaxKeys: common.limit,
          Delimiter: encode(common.delimiter) || undefined,
          EncodingType: common.encodingType,
          IsTruncated: page.next !== undefined,
          Contents: contentsOf(page, encode, true),
          CommonPrefixes: commonPrefixesOf(page, encode),
        },
      },
    }
  },
}

/** The keys of a bucket, pages by opaque token; owners only when asked for. */
export const ListObjectsV2: S3Operation = {
  name: 'ListObjectsV2',
  route: 'GET /{Bucket}?list-type=2',
  async handle({ database }, request) {
    const common = commonQuery(request)
    const { query } = request
    const page = await listPage(database, { ...common, start: startOfV2(query) })
    const { encode } = common
    const startAfter = query.get('start-after')
    return {
      xml: {
        root: 'ListBucketResult',
        content: {
          Name: common.bucket,
          Prefix: encode(common.prefix),
          Delimiter: encode(common.delimiter) || undefined,
          MaxKeys: common.limit,
          EncodingType: common.encodingType,
          KeyCount: page.entries.length,
          IsTruncated: page.next !== undefined,
          ContinuationToken: query.get('continuation-token'),
          NextContinuationToken: page.next && tokenOf(page.next),
          StartAfter: startAfter && encode(startAfter),
          Contents: contentsOf(page, encode, query.get('fetch-owner') === 'true'),
          CommonPrefixes: commonPrefixesOf(page, encode),
        },
      },
    }
  },
}

/** The versions of a bucket's objects: here each has one, the null version of a bucket that never had versioning. */
export const ListObjectVersions: S3Operation = {
  name: 'ListObjectVersions',
  route: 'GET /{Bucket}?versions',
  differs: 'every object has the one version null: versioning is not here',
  async handle({ database }, request) {
    const common = commonQuery(request)
    const { query } = request
    const keyMarker = query.get('key-marker') ?? ''
    const versionIdMarker = query.get('version-id-marker') ?? ''
    checkVersionIdMarker(keyMarker, query.get('version-id-marker'))
    const page = await listPage(database, { ...common, start: startBehindMarker(keyMarker, common) })
    const { encode } = common
    const last = page.next && page.entries.at(-1)
    const versions = contentsOf(page, encode, true).map((content) => ({
      ...content,
      VersionId: 'null',
      IsLatest: true,
    }))
    return {
      xml: {
        root: 'ListVersionsResult',
        content: {
          Name: common.bucket,
          Prefix: encode(common.prefix),
          KeyMarker: encode(keyMarker),
          VersionIdMarker: versionIdMarker,
          NextKeyMarker: last && encode(nameOf(last)),
          NextVersionIdMarker: last && 'key' in last ? 'null' : undefined,
          MaxKeys: common.limit,
          Delimiter: encode(common.delimiter) || undefined,
          EncodingType: common.encodingType,
          IsTruncated: page.next !== undefined,
          Version: versions,
          CommonPrefixes: commonPrefixesOf(page, encode),
        },
      },
    }
  },
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
  if (versionIdMarker !== 'null' && !/^[\w.]{32}$/.test(versionIdMarker)) {
    throw s3Errors.InvalidArgument('Invalid version id specified', 'version-id-marker', versionIdMarker)
  }
}

type CommonQuery = Omit<ListingQuery, 'start'> & {
  encodingType: string | undefined
  /** Of a key in the answer: as asked for by encoding-type. */
  encode: (text: string) => string
}

/** What the three lists have in common. */
function commonQuery({ bucket, query }: S3Request): CommonQuery {
  const encodingType = query.get('encoding-type')
  if (encodingType !== undefined && encodingType !== 'url') {
    throw s3Errors.InvalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType)
  }
  return {
    bucket,
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: maxKeys(query.get('max-keys')),
    encodingType,
    encode: encodingType === 'url' ? urlEncode : (text) => text,
  }
}

function maxKeys(value: string | undefined): number {
  if (value === undefined || value === '') return largestPage
  const number = Number(value)
  if (!/^-?\d+$/.test(value) || number > largestInteger || number < -largestInteger) {
    throw s3Errors.InvalidArgument('Provided max-keys not an integer or within integer range', 'max-keys', value)
  }
  if (number >= 0) return Math.min(number, largestPage)
  throw s3Errors.InvalidArgument(
    `Argument maxKeys must be an integer between 0 and ${largestInteger}`,
    'maxKeys',
    value,
  )
}

/** As Java's URLEncoder does, which S3 uses; slashes stay. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
}

function startOfV2(query: ReadonlyMap<string, string>): Start {
  const token = query.get('continuation-token')
  if (token === undefined) return { behindKey: query.get('start-after') || undefined }
  const text = decodeToken(token) ?? ''
  if (text.startsWith('k')) return { behindKey: text.slice(1) }
  if (text.startsWith('p')) return { behindPrefix: text.slice(1) }
  throw s3Errors.InvalidArgument('The continuation token provided is incorrect', 'continuation-token', token)
}

function tokenOf({ behindKey, behindPrefix }: Start): string {
  return encodeToken(behindPrefix === undefined ? `k${behindKey}` : `p${behindPrefix}`)
}

function contentsOf(page: ListingPage, encode: CommonQuery['encode'], withOwner: boolean): XmlElement[] {
  return page.entries.flatMap((entry) =>
    'key' in entry ? [contentOf(encode(entry.key), entry.object, withOwner)] : [],
  )
}

function contentOf(Key: string, object: ObjectRecord, withOwner: boolean): XmlElement {
  const { lastModified, etag, checksum, size, ownerAccountId } = object
  return {
    Key,
    LastModified: timestamp(lastModified),
    ETag: `"${etag}"`,
    ChecksumAlgorithm: checksum?.algorithm,
    ChecksumType: checksum?.type,
    Size: size,
    Owner: withOwner ? { ID: canonicalUserId(ownerAccountId) } : undefined,
    StorageClass: 'STANDARD',
  }
}

function commonPrefixesOf(page: ListingPage, encode: CommonQuery['encode']): XmlElement[] {
  return page.entries.flatMap((entry) => ('commonPrefix' in entry ? [{ Prefix: encode(entry.commonPrefix) }] : []))
}
