import { allowOnly, readXmlBody } from '../../documents/xml-body.ts'
import { s3Errors } from '../../errors.ts'
import { isBucketName } from '../../names.ts'
import { isAcl, refuseIneffectiveHeaders } from '../../objects/ineffective-headers.ts'
import type { NewBucketOperation, NewBucketRequest } from '../../operation.ts'
import { unsetEncryption } from '../../records/bucket-defaults.ts'
import type { BucketRecord } from '../../records/buckets.ts'
import { isRegion } from '../../regions.ts'
import type { S3Settings } from '../../settings.ts'

/** Makes a bucket in the Region that the signature names. */
export const CreateBucket: NewBucketOperation = {
  name: 'CreateBucket',
  level: 'new bucket',
  route: 'PUT /{Bucket}',
  trail: { readOnly: false },
  changesBucket: true,
  differs: 'tags, Location and Bucket (directory buckets) answer 501 NotImplemented',
  async handle({ buckets, ambient, settings }, request, management) {
    const { bucketName: name, authentication } = request
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

function ownershipOf({ headers }: NewBucketRequest, { bucketDefaults }: S3Settings): BucketRecord['objectOwnership'] {
  const given = headers['x-amz-object-ownership']
  if (given === undefined) return bucketDefaults === 'classic' ? 'ObjectWriter' : 'BucketOwnerEnforced'
  const ownership = ownerships.find((candidate) => candidate === given)
  if (ownership) return ownership
  throw s3Errors.InvalidArgument(`Invalid x-amz-object-ownership header: ${given}`, 'x-amz-object-ownership', given)
}

function checkHeaders({ headers }: NewBucketRequest, objectOwnership: BucketRecord['objectOwnership']): void {
  const hasAcl = Object.keys(headers).some((name) => isAcl(name) && headers[name] !== 'private')
  if (hasAcl && objectOwnership === 'BucketOwnerEnforced') throw s3Errors.InvalidBucketAclWithObjectOwnership()
  refuseIneffectiveHeaders(headers)
}

/** The LocationConstraint must be the Region of the endpoint, and must not be there in us-east-1. */
async function checkConfiguration(request: NewBucketRequest, region: string): Promise<void> {
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
