import { canonicalUserId } from '../../aws/caller.ts'
import { s3Namespace } from '../../protocol/rest-xml.ts'
import { timestamp } from '../dates.ts'
import { allowOnly, readXmlBody } from '../documents/xml-body.ts'
import { s3Errors } from '../errors.ts'
import { isBucketName } from '../names.ts'
import { isAcl, refuseIneffectiveHeaders } from '../objects/ineffective-headers.ts'
import type { S3Operation, S3Request, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { objectRecords } from '../records/objects.ts'
import { decodeToken, encodeToken } from '../records/tokens.ts'
import { isRegion } from '../regions.ts'
import type { S3Settings } from '../settings.ts'
import { unsetEncryption } from './bucket-encryption.ts'

const largestPage = 10_000

/** Lists the caller's buckets, a page at a time (the form of 2025: prefix, bucket-region, max-buckets). */
export const ListBuckets: S3Operation = {
  name: 'ListBuckets',
  route: 'GET /',
  trail: { readOnly: true },
  async handle({ buckets }, { query, authentication }) {
    const { accountId } = authentication.caller
    const prefix = query.get('prefix') ?? ''
    const region = query.get('bucket-region')
    if (region !== undefined && !isRegion(region)) {
      throw s3Errors.InvalidArgument(`Argument value ${region} is not a valid AWS Region`, 'bucket-region', region)
    }
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
      BucketRegion,
    }))
    const Owner = { ID: canonicalUserId(accountId) }
    const content = { Owner, Buckets: { Bucket }, ContinuationToken: next, Prefix: query.get('prefix') }
    return { xml: { root: 'ListAllMyBucketsResult', content } }
  },
}

function maxBuckets(value: string | undefined): number {
  if (value === undefined) return largestPage
  const count = Number(value)
  if (/^\d+$/.test(value) && count >= 1 && count <= largestPage) return count
  throw s3Errors.InvalidArgument('Argument max-buckets must be an integer between 1 and 10000', 'max-buckets', value)
}

function continuation(query: ReadonlyMap<string, string>): string | undefined {
  const token = query.get('continuation-token')
  if (token === undefined) return undefined
  const name = decodeToken(token)
  if (name !== undefined) return name
  throw s3Errors.InvalidArgument('The continuation token provided is incorrect', 'continuation-token', token)
}

/** Makes a bucket in the Region that the signature names. */
export const CreateBucket: S3Operation = {
  name: 'CreateBucket',
  route: 'PUT /{Bucket}',
  trail: { readOnly: false },
  differs: 'tags, Location and Bucket (directory buckets) answer 501 NotImplemented',
  createsBucket: true,
  async handle({ buckets, ambient, settings }, request, management) {
    const { bucket: name, authentication } = request
    const { accountId } = authentication.caller
    const { region } = authentication
    if (!isBucketName(name)) throw s3Errors.InvalidBucketName(name)
    await checkConfiguration(request, region)
    const existing = buckets.find(name)
    if (existing && existing.ownerAccountId !== accountId) throw s3Errors.BucketAlreadyExists(name)
    if (existing && !(existing.region === 'us-east-1' && region === 'us-east-1')) {
      throw s3Errors.BucketAlreadyOwnedByYou(name)
    }
    const objectOwnership = ownershipOf(request, settings)
    checkHeaders(request, objectOwnership)
    if (!existing) {
      const encryption = unsetEncryption(settings)
      const publicAccessBlock = settings.bucketDefaults === 'current'
      const creationDate = ambient.now()
      buckets.put(management, {
        name,
        region,
        ownerAccountId: accountId,
        creationDate,
        encryption,
        objectOwnership,
        publicAccessBlock,
      })
    }
    return { headers: { location: `/${name}`, 'x-amz-bucket-arn': `arn:aws:s3:::${name}` } }
  },
}

const ownerships: readonly BucketRecord['objectOwnership'][] = [
  'BucketOwnerEnforced',
  'BucketOwnerPreferred',
  'ObjectWriter',
]

function ownershipOf({ headers }: S3Request, { bucketDefaults }: S3Settings): BucketRecord['objectOwnership'] {
  const given = headers['x-amz-object-ownership']
  if (given === undefined) return bucketDefaults === 'classic' ? 'ObjectWriter' : 'BucketOwnerEnforced'
  const ownership = ownerships.find((candidate) => candidate === given)
  if (ownership) return ownership
  throw s3Errors.InvalidArgument(`Invalid x-amz-object-ownership header: ${given}`, 'x-amz-object-ownership', given)
}

function checkHeaders({ headers }: S3Request, objectOwnership: BucketRecord['objectOwnership']): void {
  const hasAcl = Object.keys(headers).some((name) => isAcl(name) && headers[name] !== 'private')
  if (hasAcl && objectOwnership === 'BucketOwnerEnforced') throw s3Errors.InvalidBucketAclWithObjectOwnership()
  refuseIneffectiveHeaders(headers)
}

/** The LocationConstraint must be the Region of the endpoint, and must not be there in us-east-1. */
async function checkConfiguration(request: S3Request, region: string): Promise<void> {
  const configuration = await readXmlBody(request, 'CreateBucketConfiguration', 'optional')
  if (configuration) allowOnly(configuration, ['LocationConstraint', 'Tags', 'Location', 'Bucket'])
  const { LocationConstraint: given, Tags, Location, Bucket } = configuration ?? {}
  if (Tags || Location || Bucket) {
    const element = Tags ? 'Tags' : Location ? 'Location' : 'Bucket'
    throw s3Errors.NotImplemented(`CreateBucketConfiguration with ${element} is not implemented by this emulator`)
  }
  if (given !== undefined && typeof given !== 'string') throw s3Errors.MalformedXML()
  const constraint = given === 'EU' ? 'eu-west-1' : given
  if (region === 'us-east-1') {
    if (constraint === undefined || constraint === '') return
    if (constraint === 'us-east-1' || !isRegion(constraint)) throw s3Errors.InvalidLocationConstraint(constraint)
    throw s3Errors.IllegalLocationConstraintException(constraint)
  }
  if (constraint !== undefined && constraint !== '' && !isRegion(constraint)) {
    throw s3Errors.InvalidLocationConstraint(constraint)
  }
  if (constraint !== region) throw s3Errors.IllegalLocationConstraintException(constraint || 'unspecified')
}

/** Tells that the bucket is there and may be used. */
export const HeadBucket: S3Operation = {
  name: 'HeadBucket',
  route: 'HEAD /{Bucket}',
  async handle({ buckets }, { bucket: name }) {
    const { region } = buckets.get(name)
    return {
      headers: {
        'x-amz-bucket-arn': `arn:aws:s3:::${name}`,
        'x-amz-bucket-region': region,
        'x-amz-access-point-alias': 'false',
        'content-type': 'application/xml',
      },
    }
  },
}

/** Deletes an empty bucket; uploads in progress go with it. */
export const DeleteBucket: S3Operation = {
  name: 'DeleteBucket',
  route: 'DELETE /{Bucket}',
  trail: { readOnly: false },
  async handle(services, { bucket: name }, management) {
    if (await hasObjects(services, name)) throw s3Errors.BucketNotEmpty(name)
    await services.uploads.endAll(management, name)
    services.buckets.delete(management, name)
    return { status: 204 }
  },
}

async function hasObjects({ database }: S3Services, bucket: string): Promise<boolean> {
  for await (const _ of database.entries(objectRecords, { within: [bucket], limit: 1 })) return true
  return false
}

/** The Region, in the words of 2006: empty for us-east-1. */
export const GetBucketLocation: S3Operation = {
  name: 'GetBucketLocation',
  route: 'GET /{Bucket}?location',
  trail: { readOnly: true },
  async handle({ buckets }, { bucket }) {
    const { region } = buckets.get(bucket)
    const constraint = region === 'us-east-1' ? '' : region
    const document = `<?xml version="1.0" encoding="UTF-8"?>
<LocationConstraint xmlns="${s3Namespace}">${constraint}</LocationConstraint>`
    return { headers: { 'content-type': 'application/xml' }, body: Buffer.from(document) }
  },
}
