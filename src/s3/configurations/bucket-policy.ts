import { bucketArn } from '../../aws/arn.ts'
import { type Policy, PolicyMalformed } from '../../aws/policy-parse.ts'
import { accessDenied } from '../access-denied.ts'
import { isPublic } from '../bucket-policy/public-policy.ts'
import { checkBucketPolicy } from '../bucket-policy/validation.ts'
import { readTextBody } from '../documents/xml-body.ts'
import { s3Errors } from '../errors.ts'
import { onBucket } from '../needs.ts'
import type { BucketOperation, BucketRequest, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { type ConfigurationName, configurationName } from '../records/configurations.ts'
import { blockOf } from './public-access-block.ts'

/*
 * A bucket's policy is JSON, kept in its normal form as a record [bucket, policy]. The bucket's own record says only whether
 * there is one, because every request asks. Who may do what by it is for `access/` to say.
 *
 * These calls belong to the bucket's account alone: others get 405 even where the policy lets them in (captured).
 */

const record: ConfigurationName<string> = configurationName('policy')

/** @returns the policy's normal form; undefined where the bucket has none */
export function findBucketPolicy(
  { configurations }: Pick<S3Services, 'configurations'>,
  { name, hasPolicy }: BucketRecord,
): string | undefined {
  return hasPolicy ? configurations.find(record, name) : undefined
}

const GetBucketPolicy: BucketOperation = {
  name: 'GetBucketPolicy',
  level: 'bucket',
  route: 'GET /{Bucket}?policy',
  needs: onBucket('s3:GetBucketPolicy'),
  trail: { readOnly: true },
  async handle(services, request) {
    requireOwnAccount(request)
    const policy = findBucketPolicy(services, request.bucket)
    if (policy === undefined) throw s3Errors.NoSuchBucketPolicy(request.bucket.name)
    return { headers: { 'content-type': 'application/json' }, body: Buffer.from(policy) }
  },
}

const PutBucketPolicy: BucketOperation = {
  name: 'PutBucketPolicy',
  level: 'bucket',
  route: 'PUT /{Bucket}?policy',
  needs: onBucket('s3:PutBucketPolicy'),
  trail: { readOnly: false },
  changesBucket: true,
  differs: 'principals are not looked up: an unknown user or account is no invalid principal',
  async handle(services, request, transaction) {
    requireOwnAccount(request)
    const { bucket } = request
    const { policy, normal } = readPolicy(await readTextBody(request), bucket.name)
    if (isPublic(policy)) refuseWhereBlocked(services, request)
    services.configurations.put(transaction, record, bucket.name, normal)
    services.buckets.put(transaction, { ...bucket, hasPolicy: true, wasOpened: true })
    return { status: 204 }
  },
}

const DeleteBucketPolicy: BucketOperation = {
  name: 'DeleteBucketPolicy',
  level: 'bucket',
  route: 'DELETE /{Bucket}?policy',
  needs: onBucket('s3:DeleteBucketPolicy'),
  trail: { readOnly: false },
  changesBucket: true,
  async handle(services, request, transaction) {
    requireOwnAccount(request)
    const { hasPolicy: _gone, ...bucket } = request.bucket
    services.configurations.delete(transaction, record, bucket.name)
    services.buckets.put(transaction, bucket)
    return { status: 204 }
  },
}

const GetBucketPolicyStatus: BucketOperation = {
  name: 'GetBucketPolicyStatus',
  level: 'bucket',
  route: 'GET /{Bucket}?policyStatus',
  needs: onBucket('s3:GetBucketPolicyStatus'),
  trail: { readOnly: true },
  async handle(services, { bucket }) {
    const normal = findBucketPolicy(services, bucket)
    if (normal === undefined) throw s3Errors.NoSuchBucketPolicy(bucket.name)
    const { policy } = readPolicy(normal, bucket.name)
    return { xml: { root: 'PolicyStatus', content: { IsPublic: String(isPublic(policy)) } } }
  },
}

export const bucketPolicyOperations: readonly BucketOperation[] = [
  GetBucketPolicy,
  PutBucketPolicy,
  DeleteBucketPolicy,
  GetBucketPolicyStatus,
]

function requireOwnAccount({ authentication, bucket, call }: BucketRequest): void {
  if (authentication.caller.accountId !== bucket.ownerAccountId) {
    throw s3Errors.MethodNotAllowed(call.method, 'BUCKETPOLICY')
  }
}

/** @throws AwsError MalformedPolicy */
function readPolicy(document: string, bucket: string): { policy: Policy; normal: string } {
  try {
    return checkBucketPolicy(document, bucket)
  } catch (error) {
    if (error instanceof PolicyMalformed) throw s3Errors.MalformedPolicy(error.message, error.detail)
    throw error
  }
}

/** Root too is refused (captured). */
function refuseWhereBlocked(services: S3Services, { bucket, authentication }: BucketRequest): void {
  if (!blockOf(services, bucket).BlockPublicPolicy) return
  const need = { action: 's3:PutBucketPolicy', resource: bucketArn(bucket.name) }
  const reason = 'because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.'
  throw accessDenied(authentication.caller, bucket.ownerAccountId, need, reason)
}
