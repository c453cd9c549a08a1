import { aliasArn, bucketArn, keyArn, objectArn, parseArn } from '../../aws/arn.ts'
import { type Caller, serviceCaller } from '../../aws/caller.ts'
import { AwsError } from '../../aws/errors.ts'
import { ConnectionReset } from '../../fault-source.ts'
import type { BucketRecord } from '../../s3/records/buckets.ts'
import { cloudTrailService } from '../../trail/recorders.ts'
import { cloudTrailErrors } from '../errors.ts'
import { headersOfFile } from '../file-headers.ts'
import { rootOf } from '../file-names.ts'
import type { CloudTrailCall } from '../operation.ts'
import type { TrailSettings } from '../records/kinds.ts'
import { trailArn } from '../records/trails.ts'

/*
 * Whether CloudTrail can write where a trail is to lead, asked before the trail is made or changed:
 *
 *   bucket is there ─▶ its policy lets cloudtrail.amazonaws.com read its ACL, and put objects under AWSLogs/ACCOUNT/ ─▶ the key is
 *   there, in the bucket's Region ─▶ its policy lets it describe the key and make data keys
 *
 * Source: "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for CloudTrail", CloudTrail User Guide
 * (evidence: trail-bucket-policy).
 */

type Destination = Pick<TrailSettings, 'accountId' | 'homeRegion' | 'name' | 'bucket' | 'prefix' | 'kmsKeyId'>

/** CloudTrail, on behalf of a trail. */
export function deliverer(trail: Pick<TrailSettings, 'accountId' | 'homeRegion' | 'name'>): Caller {
  return serviceCaller(cloudTrailService, { arn: trailArn(trail), accountId: trail.accountId })
}

/**
 * @returns the ARN of the trail's key, where it has one
 * @throws AwsError S3BucketDoesNotExistException, InsufficientS3BucketPolicyException; of the key as {@link checkKey}
 */
export async function checkDestination(call: CloudTrailCall, trail: Destination): Promise<string | undefined> {
  const bucket = call.services.s3.findBucket(trail.bucket)
  if (!bucket) throw cloudTrailErrors.S3BucketDoesNotExistException(trail.bucket)
  checkBucketPolicy(call, trail)
  return trail.kmsKeyId === undefined ? undefined : await checkKey(call, trail, trail.kmsKeyId, bucket)
}

function checkBucketPolicy({ services: { s3 } }: CloudTrailCall, trail: Destination): void {
  const { bucket } = trail
  const needs = [
    { action: 's3:GetBucketAcl', resource: bucketArn(bucket) },
    { action: 's3:PutObject', resource: objectArn(bucket, rootOf(trail, 'CloudTrail')) },
  ]
  const headers = headersOfFile(trail)
  const isLetIn = needs.every((need) => s3.ask(deliverer(trail), need, headers).allowed)
  if (!isLetIn) throw cloudTrailErrors.InsufficientS3BucketPolicyException(bucket)
}

/**
 * @returns the key's ARN
 * @throws AwsError KmsKeyNotFoundException, KmsException, InsufficientEncryptionPolicyException
 */
async function checkKey(
  call: CloudTrailCall,
  trail: Destination,
  keyId: string,
  bucket: BucketRecord,
): Promise<string> {
  const named = arnOfKey(call, keyId)
  if (parseArn(named)?.region !== bucket.region) throw cloudTrailErrors.KmsKeyNotFoundException(keyId)
  const question = { caller: deliverer(trail), key: named, region: bucket.region }
  const encryptionContext = {
    'aws:cloudtrail:arn': trailArn(trail),
    'aws:s3:arn': objectArn(trail.bucket, rootOf(trail, 'CloudTrail')),
  }
  // Who describes a key gives no context: a statement that wants one does not let it.
  const describing = await call.services.kms.ask({ ...question, action: 'kms:DescribeKey' })
  const making = await call.services.kms.ask({ ...question, action: 'kms:GenerateDataKey', encryptionContext })
  if (!describing || !making) throw cloudTrailErrors.KmsKeyNotFoundException(keyId)
  if (!describing.allowed || !making.allowed) {
    throw cloudTrailErrors.InsufficientEncryptionPolicyException(trail.bucket, keyId)
  }
  const { KeyState, KeyUsage, KeySpec, Arn } = await describe(call, trail, named)
  const isRight = KeyUsage === 'ENCRYPT_DECRYPT' && KeySpec === 'SYMMETRIC_DEFAULT'
  if (!isRight) throw cloudTrailErrors.KmsException(`The KMS key ${keyId} is not a symmetric encryption key.`)
  if (KeyState !== 'Enabled') throw cloudTrailErrors.KmsException(`The KMS key ${keyId} is not enabled.`)
  return Arn
}

/** A key that is named by its id or alias is one of the caller's account and Region. @throws AwsError InvalidKmsKeyIdException */
function arnOfKey({ accountId, region }: CloudTrailCall, keyId: string): string {
  if (keyId.startsWith('alias/')) return aliasArn(region, accountId, keyId)
  if (/^[\w-]+$/.test(keyId)) return keyArn(region, accountId, keyId)
  if (parseArn(keyId)?.service !== 'kms') throw cloudTrailErrors.InvalidKmsKeyIdException(keyId)
  return keyId
}

interface DescribedKey {
  Arn: string
  KeyState: string
  KeyUsage: string
  KeySpec: string
}

async function describe({ services }: CloudTrailCall, trail: Destination, arn: string): Promise<DescribedKey> {
  const context = {
    caller: deliverer(trail),
    region: parseArn(arn)?.region ?? '',
    requestId: services.ambient.uuid(),
    clientAddress: cloudTrailService,
    userAgent: cloudTrailService,
    secure: true,
  }
  try {
    const { KeyMetadata } = Object(await services.kms.invoke('DescribeKey', { KeyId: arn }, context))
    return KeyMetadata
  } catch (error) {
    // A fault on purpose, or a key that was deleted since.
    const isOfKms = error instanceof AwsError || error instanceof ConnectionReset
    if (isOfKms) throw cloudTrailErrors.KmsException(error.message)
    throw error
  }
}
