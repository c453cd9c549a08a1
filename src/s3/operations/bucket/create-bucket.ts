import { canonicalUserId } from '../../../aws/caller.ts'
import type { Transaction } from '../../../store/database.ts'
import { grantsOf, keptAcl } from '../../access/acl-grants.ts'
import { readAclHeaders } from '../../access/acl-headers.ts'
import { BucketAcl } from '../../configurations/bucket-acl.ts'
import { BucketOwnershipControls } from '../../configurations/bucket-ownership-controls.ts'
import { BucketTagging, createBucketTagRules } from '../../configurations/bucket-tagging.ts'
import { BucketVersioning } from '../../configurations/bucket-versioning.ts'
import { ObjectLock } from '../../configurations/object-lock.ts'
import { blockOf, everythingBlocked, PublicAccessBlock } from '../../configurations/public-access-block.ts'
import { TagSet } from '../../documents/tagging.ts'
import { readXmlBody } from '../../documents/xml-body.ts'
import { document, string, structure, type ValueOf } from '../../documents/xml-shapes.ts'
import { notImplementedElement, s3Errors } from '../../errors.ts'
import { isBucketName, namespaceOf } from '../../names.ts'
import { aclHeaders, onBucket, together, withHeader } from '../../needs.ts'
import { checkTags } from '../../objects/tags.ts'
import type { NewBucketOperation, NewBucketRequest, S3Services } from '../../operation.ts'
import { type Acl, isPublic, isToOwner } from '../../records/acl.ts'
import { unsetEncryption } from '../../records/bucket-defaults.ts'
import type { BucketRecord, ObjectOwnership } from '../../records/buckets.ts'
import { globalRegion, isServedGlobally } from '../../regions.ts'
import type { S3Settings } from '../../settings.ts'

/** LocationConstraint's values have errors of their own. */
export const CreateBucketConfiguration = structure({
  LocationConstraint: string(),
  Location: document(),
  Bucket: document(),
  Tags: TagSet,
})
type Configuration = ValueOf<typeof CreateBucketConfiguration>

/** Makes a bucket in the Region that the signature names; the endpoint of us-east-1 makes it in any. */
export const CreateBucket: NewBucketOperation = {
  name: 'CreateBucket',
  level: 'new bucket',
  route: 'PUT /{Bucket}',
  needs: together(
    onBucket('s3:CreateBucket'),
    withHeader(aclHeaders, onBucket('s3:PutBucketAcl'), 'private'),
    withHeader(
      ['x-amz-bucket-object-lock-enabled'],
      onBucket('s3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning'),
      'false',
    ),
    withHeader(['x-amz-object-ownership'], onBucket('s3:PutBucketOwnershipControls')),
  ),
  weighs: {
    root: 'CreateBucketConfiguration',
    read(content) {
      const { LocationConstraint, Tags } = CreateBucketConfiguration.read(content)
      return { values: { 's3:locationconstraint': LocationConstraint }, tags: Tags }
    },
  },
  trail: { readOnly: false },
  changesBucket: true,
  differs:
    'Location and Bucket (directory buckets) answer 501 NotImplemented; a tag key that is there twice is InvalidTag, not AWS’s InternalError',
  async handle(services, request, transaction) {
    const { buckets, ambient, settings } = services
    const { bucketName: name, authentication } = request
    const { accountId } = authentication.caller
    if (!isBucketName(name)) throw s3Errors.InvalidBucketName(name)
    const { LocationConstraint, Tags = [] } = await readConfiguration(request)
    const region = regionFor(LocationConstraint, authentication.region)
    checkNamespace(request, region)
    checkTags(Tags, createBucketTagRules)
    const existing = buckets.find(name)
    const ownership = ownershipOf(request, settings)
    if (existing) checkSameBucket(existing, accountId, { region, tags: Tags, ownership: askedOwnership(request) })
    const objectOwnership = existing?.objectOwnership ?? ownership ?? 'ObjectWriter'
    const { BlockPublicAcls } = blockOf(services, existing ?? { name, ownerAccountId: accountId })
    const blocksPublic = BlockPublicAcls || (!existing && settings.bucketDefaults !== 'classic')
    const acl = readAcl(request, objectOwnership, blocksPublic)
    if (!existing) {
      const bucket = {
        name,
        region,
        locationConstraint: LocationConstraint === 'EU' ? LocationConstraint : undefined,
        ownerAccountId: accountId,
        creationDate: ambient.now(),
        encryption: unsetEncryption(settings),
        objectOwnership,
      }
      buckets.put(transaction, bucket)
      const controls = ownership && { Rules: [{ ObjectOwnership: ownership }] }
      if (controls) BucketOwnershipControls.keep(services, transaction, bucket, controls)
      if (settings.bucketDefaults !== 'classic')
        PublicAccessBlock.keep(services, transaction, bucket, everythingBlocked)
      if (Tags.length > 0) BucketTagging.keep(services, transaction, bucket, { TagSet: Tags })
      if (acl) BucketAcl.keep(services, transaction, bucket, acl)
      if (isLocked(request)) keepLock(services, transaction, bucket)
    } else {
      // Made again, a bucket has the ACL of its newest making (CreateBucket in the API Reference).
      BucketAcl.keep(services, transaction, existing, acl)
    }
    const location = region === globalRegion ? `/${name}` : `http://${name}.s3.amazonaws.com/`
    return { headers: { location, 'x-amz-bucket-arn': `arn:aws:s3:::${name}` } }
  },
}

function isLocked({ headers }: NewBucketRequest): boolean {
  return headers['x-amz-bucket-object-lock-enabled']?.toLowerCase() === 'true'
}

/** A lock needs versions; such a bucket, and no other, says that MFA Delete is off (evidence: s3-object-lock). */
function keepLock(services: S3Services, transaction: Transaction, bucket: BucketRecord): void {
  const versions = { Status: 'Enabled', MFADelete: 'Disabled' } as const
  BucketVersioning.keep(services, transaction, bucket, versions)
  const versioned = services.buckets.get(bucket.name, transaction)
  ObjectLock.keep(services, transaction, versioned, { ObjectLockEnabled: 'Enabled' })
}

/**
 * In us-east-1 an owner may make a bucket again, unless with tags, be they the same (evidence: s3-bucket-again), or with another
 * ownership of objects than it has (assumption).
 * @throws AwsError BucketAlreadyExists, BucketAlreadyOwnedByYou
 */
function checkSameBucket(
  { name, ownerAccountId, region, objectOwnership }: BucketRecord,
  caller: string,
  asked: { region: string; tags: unknown[]; ownership: string | undefined },
) {
  if (ownerAccountId !== caller) throw s3Errors.BucketAlreadyExists(name)
  const isOfGlobalRegion = region === globalRegion && asked.region === globalRegion
  const hasAskedOwnership = asked.ownership === undefined || asked.ownership === objectOwnership
  if (!isOfGlobalRegion || asked.tags.length > 0 || !hasAskedOwnership) throw s3Errors.BucketAlreadyOwnedByYou(name)
}

/**
 * A name in an account's own namespace is for its account and Region alone, and the request says that it is one.
 * @throws AwsError MissingNamespaceHeader, InvalidNamespaceHeader, InvalidBucketNamespace
 */
function checkNamespace({ bucketName, headers, authentication }: NewBucketRequest, region: string): void {
  const { accountId } = authentication.caller
  const asked = headers['x-amz-bucket-namespace']
  const namespace = namespaceOf(bucketName)
  if (asked === undefined && namespace === undefined) return
  if (asked === undefined) throw s3Errors.MissingNamespaceHeader()
  if (asked !== 'account-regional' && asked !== 'global') {
    throw s3Errors.InvalidArgument(`Invalid x-amz-bucket-namespace header: ${asked}`, 'x-amz-bucket-namespace', asked)
  }
  if ((asked === 'account-regional') !== (namespace !== undefined)) {
    throw s3Errors.InvalidNamespaceHeader(contradiction(asked, `-${accountId}-${region}-an`))
  }
  if (!namespace) return
  const subject = 'The requested bucket is an account-regional namespace bucket, but the requested'
  if (namespace.accountId !== accountId) {
    throw s3Errors.InvalidBucketNamespace(
      `${subject} AWS Account ID '${namespace.accountId}' does not match the caller's AWS Account ID '${accountId}'. ` +
        "Specify the caller's AWS Account ID in the bucket name.",
    )
  }
  if (namespace.region !== region) {
    throw s3Errors.InvalidBucketNamespace(
      `${subject} region '${namespace.region}' does not match the current region '${region}'. ` +
        'Specify the targeted region in the bucket name.',
    )
  }
}

/** Of a global name with the suffix the words are not known. */
function contradiction(asked: 'account-regional' | 'global', suffix: string): string {
  const did = asked === 'global' ? 'included' : 'did not include'
  const remedy =
    asked === 'global'
      ? 'Remove the suffix, or specify account-regional.'
      : `Specify ${suffix} as the bucket name suffix to create a bucket in your account-regional namespace, or remove the header.`
  return (
    `The requested bucket name ${did} the account-regional namespace suffix, but the provided x-amz-bucket-namespace ` +
    `header value is ${asked}. ${remedy}`
  )
}

const ownerships: readonly ObjectOwnership[] = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']

function askedOwnership({ headers }: NewBucketRequest): string | undefined {
  return headers['x-amz-object-ownership']
}

/** @returns undefined where the bucket is to have no ownership controls, as all had before April 2023 */
function ownershipOf(request: NewBucketRequest, { bucketDefaults }: S3Settings): ObjectOwnership | undefined {
  const given = askedOwnership(request)
  if (given === undefined) return bucketDefaults === 'classic' ? undefined : 'BucketOwnerEnforced'
  const ownership = ownerships.find((candidate) => candidate === given)
  if (ownership) return ownership
  throw s3Errors.InvalidArgument(`Invalid x-amz-object-ownership header: ${given}`, 'x-amz-object-ownership', given)
}

/**
 * @returns the ACL as it is kept
 * @throws AwsError InvalidBucketAclWithObjectOwnership, InvalidBucketAclWithBlockPublicAccessError, and what is wrong with the headers
 */
function readAcl(
  { headers, authentication }: NewBucketRequest,
  ownership: ObjectOwnership,
  blocksPublic: boolean | undefined,
): Acl | undefined {
  const asked = readAclHeaders(headers, 'bucket')
  if (asked === undefined) return undefined
  const owner = canonicalUserId(authentication.caller.accountId)
  const grants = grantsOf(asked, owner, owner)
  if (ownership === 'BucketOwnerEnforced') {
    const isPrivate = 'canned' in asked ? asked.canned === 'private' : grants.every((grant) => isToOwner(grant, owner))
    if (!isPrivate) throw s3Errors.InvalidBucketAclWithObjectOwnership()
    return undefined
  }
  if (blocksPublic && grants.some(isPublic)) throw s3Errors.InvalidBucketAclWithBlockPublicAccessError()
  return keptAcl(grants, owner)
}

async function readConfiguration(request: NewBucketRequest): Promise<Configuration> {
  const body = await readXmlBody(request, 'CreateBucketConfiguration', 'optional')
  const configuration = CreateBucketConfiguration.read(body ?? {})
  for (const element of ['Location', 'Bucket'] as const) {
    if (configuration[element] !== undefined) throw notImplementedElement('CreateBucketConfiguration', element)
  }
  return configuration
}

/**
 * The Region that a bucket is made in. Elsewhere than at the global endpoint the constraint must be the endpoint's own Region.
 * @throws AwsError InvalidLocationConstraint, IllegalLocationConstraintException
 */
function regionFor(constraint: string | undefined, endpoint: string): string {
  const asked = constraint === 'EU' ? 'eu-west-1' : constraint
  if (endpoint !== globalRegion) {
    if (asked !== endpoint) throw s3Errors.IllegalLocationConstraintException(constraint || 'unspecified')
    return endpoint
  }
  if (asked === undefined || asked === '') return endpoint
  if (asked === endpoint || !isServedGlobally(asked)) throw s3Errors.InvalidLocationConstraint(asked)
  return asked
}
