import { commonPrefixesOf, commonQuery, contentsOf, ownersIn, restoresAskedAt } from '../../documents/listing-page.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'
import { listPage, nameOf, startBehindMarker } from '../../records/listing.ts'

/** The keys of a bucket, as of 2006: pages by marker; NextMarker only where a delimiter rolls keys up. */
export const ListObjects: BucketOperation = {
  name: 'ListObjects',
  level: 'bucket',
  route: 'GET /{Bucket}',
  needs: onBucket('s3:ListBucket'),
  async handle(services, request) {
    const { database, settings } = services
    const common = commonQuery(request)
    const marker = request.query.get('marker') ?? ''
    const page = await listPage(database, { ...common, start: startBehindMarker(marker, common) })
    const { encode } = common
    const shown = { ownerOf: ownersIn(request.bucket, settings), restoresAt: restoresAskedAt(services, request) }
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
          Contents: contentsOf(page, encode, shown),
          CommonPrefixes: commonPrefixesOf(page, encode),
        },
      },
    }
  },
}

/** Sessions are of directory buckets: of a general purpose one the parameter is ignored, and what is left is a listing (evidence: s3-session). */
export const CreateSession: BucketOperation = {
  ...ListObjects,
  name: 'CreateSession',
  route: 'GET /{Bucket}?session',
  differs: 'there are no directory buckets, so no sessions: answers as ListObjects does',
}
