import { enumeration, required, structure } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import type { S3Services } from '../operation.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const AbacStatus = structure({ Status: required(enumeration(['Enabled', 'Disabled'])) })

/**
 * Whether the bucket's tags count in policies, as `aws:ResourceTag` and `s3:BucketTag` (`access/condition-keys.ts`). Off unless
 * somebody switches it on (evidence: s3-abac).
 */
export const BucketAbac = bucketConfiguration({
  name: 'abac',
  subresource: 'abac',
  root: 'AbacStatus',
  shape: AbacStatus,
  get: { name: 'GetBucketAbac', action: 's3:GetBucketAbac' },
  put: { name: 'PutBucketAbac', action: 's3:PutBucketAbac' },
  absent: () => ({ Status: 'Disabled' as const }),
})

export function countsTags(services: Pick<S3Services, 'configurations'>, bucket: string): boolean {
  return BucketAbac.find(services, bucket)?.Status === 'Enabled'
}

const enabled = 'This S3 general purpose bucket has attribute-based access control (ABAC) enabled.'
const toAdd = 'To add tags to this bucket, initiate a TagResource request.'
const toDelete = 'To delete tags from this bucket, initiate an UntagResource request.'

/** Tags that count in policies are not changed by the old operations. @throws AwsError BadRequest */
export function refuseTagsThatCount(
  services: Pick<S3Services, 'configurations'>,
  bucket: string,
  change: 'put' | 'delete',
): void {
  if (!countsTags(services, bucket)) return
  throw s3Errors.BadRequest(change === 'put' ? `${enabled} ${toAdd} ${toDelete}` : `${enabled} ${toDelete}`)
}
