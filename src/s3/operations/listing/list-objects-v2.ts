import { commonPrefixesOf, commonQuery, contentsOf, ownersIn, restoresAskedAt } from '../../documents/listing-page.ts'
import { s3Errors } from '../../errors.ts'
import { onBucket } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'
import { listPage, type Start } from '../../records/listing.ts'
import { decodeToken, encodeToken } from '../../records/tokens.ts'

/** The keys of a bucket, pages by opaque token; owners only when asked for. */
export const ListObjectsV2: BucketOperation = {
  name: 'ListObjectsV2',
  level: 'bucket',
  route: 'GET /{Bucket}?list-type=2',
  needs: onBucket('s3:ListBucket'),
  async handle(services, request) {
    const { database, settings } = services
    const common = commonQuery(request)
    const { query } = request
    const page = await listPage(database, { ...common, start: startOfV2(query) })
    const { encode } = common
    const ownerOf = query.get('fetch-owner') === 'true' ? ownersIn(request.bucket, settings) : undefined
    const shown = { ownerOf, restoresAt: restoresAskedAt(services, request) }
    // A token leads on from wherever the list began: beside one StartAfter is neither read nor shown (evidence: s3-list-start).
    const startAfter = query.has('continuation-token') ? undefined : query.get('start-after')
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
          Contents: contentsOf(page, encode, shown),
          CommonPrefixes: commonPrefixesOf(page, encode),
        },
      },
    }
  },
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
