import { commonPrefixesOf, commonQuery, contentsOf } from '../../documents/listing-page.ts'
import { s3Errors } from '../../errors.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'
import { listPage, nameOf, startBehindMarker } from '../../records/listing.ts'

/** The versions of a bucket's objects: here each has one, the null version of a bucket that never had versioning. */
export const ListObjectVersions: BucketOperation = {
  name: 'ListObjectVersions',
  level: 'bucket',
  route: 'GET /{Bucket}?versions',
  needs: onBucket('s3:ListBucketVersions'),
  differs: 'every object has the one version null: versioning is not here',
  async handle({ database, settings }, request) {
    const common = commonQuery(request)
    const { query } = request
    const keyMarker = query.get('key-marker') ?? ''
    const versionIdMarker = query.get('version-id-marker') ?? ''
    checkVersionIdMarker(keyMarker, query.get('version-id-marker'))
    const page = await listPage(database, { ...common, start: startBehindMarker(keyMarker, common) })
    const { encode } = common
    const last = page.next && page.entries.at(-1)
    const versions = contentsOf(page, encode, { bucket: request.bucket, settings }).map((content) => ({
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
