import { bucketArn } from '../../../aws/arn.ts'
import { canonicalUserId } from '../../../aws/caller.ts'
import { timestamp } from '../../dates.ts'
import { namedOwner } from '../../documents/named-owner.ts'
import { s3Errors } from '../../errors.ts'
import { onAccount } from '../../needs.ts'
import type { ServiceOperation, ServiceRequest } from '../../operation.ts'
import type { BucketRecord } from '../../records/buckets.ts'
import { decodeToken, encodeToken } from '../../records/tokens.ts'
import { isRegion } from '../../regions.ts'

const largestPage = 10_000

/** Lists the caller's buckets, a page at a time (the form of 2025: prefix, bucket-region, max-buckets). */
export const ListBuckets: ServiceOperation = {
  name: 'ListBuckets',
  level: 'service',
  route: 'GET /',
  needs: onAccount('s3:ListAllMyBuckets'),
  trail: { readOnly: true },
  async handle({ buckets, settings }, { query, authentication }) {
    const { accountId } = authentication.caller
    const prefix = query.get('prefix') ?? ''
    const region = askedRegion(query, authentication)
    const limit = maxBuckets(query.get('max-buckets'))
    const listed: BucketRecord[] = []
    let next: string | undefined
    for await (const bucket of buckets.list(prefix, continuation(query))) {
      if (bucket.ownerAccountId !== accountId || (region !== undefined && bucket.region !== region)) continue
      if (listed.length === limit) {
        next = encodeToken(listed.at(-1)?.name ?? '')
        break
      }
      listed.push(bucket)
    }
    const Bucket = listed.map(({ name, creationDate, region: BucketRegion }) => ({
      Name: name,
      CreationDate: timestamp(creationDate),
      // Only whoever asks by a parameter is told (evidence: s3-list-buckets).
      BucketRegion: parameters.some((name) => query.has(name)) ? BucketRegion : undefined,
      BucketArn: bucketArn(name),
    }))
    const Owner = namedOwner(canonicalUserId(accountId), settings)
    const content = { Owner, Buckets: { Bucket }, ContinuationToken: next, Prefix: query.get('prefix') }
    return { xml: { root: 'ListAllMyBucketsResult', content } }
  },
}

const parameters = ['prefix', 'bucket-region', 'max-buckets', 'continuation-token']

/** Each Region's buckets are listed by its own endpoint, which is the one that the request is signed for. */
function askedRegion(
  query: ReadonlyMap<string, string>,
  { region: endpoint }: ServiceRequest['authentication'],
): string | undefined {
  const asked = query.get('bucket-region')
  if (asked === undefined) return undefined
  const region = asked.toLowerCase()
  if (!isRegion(region)) {
    throw s3Errors.InvalidArgument(`Argument value ${asked} is not a valid AWS Region`, 'bucket-region')
  }
  if (region === endpoint) return region
  const message = 'Requests with bucket-region specified must be made to the corresponding regional endpoint'
  throw s3Errors.InvalidArgument(message, 'bucket-region')
}

const largestInteger = 2 ** 31 - 1

function maxBuckets(value: string | undefined): number {
  if (value === undefined) return largestPage
  const count = Number(value)
  if (!/^-?\d+$/.test(value) || Math.abs(count) > largestInteger) {
    throw s3Errors.InvalidArgument('Provided max-buckets not an integer or within integer range', 'max-buckets', value)
  }
  if (count >= 1 && count <= largestPage) return count
  throw s3Errors.InvalidArgument('Argument max-buckets must be an integer between 1 and 10000', 'max-buckets', value)
}

function continuation(query: ReadonlyMap<string, string>): string | undefined {
  const token = query.get('continuation-token')
  if (token === undefined || token === '') return undefined
  const name = decodeToken(token)
  if (name !== undefined) return name
  throw s3Errors.InvalidArgument('The continuation token provided is incorrect', 'continuation-token', token)
}
