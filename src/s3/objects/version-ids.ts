import { s3Errors } from '../errors.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { nullVersion } from '../records/object-record.ts'

/**
 * Whether S3 can have given a version id: in a bucket that never had versioning `null` alone; else it is 32 letters, digits, `.`
 * and `_` (evidence: s3-version-id).
 */
export function isVersionId({ versioning }: Pick<BucketRecord, 'versioning'>, versionId: string): boolean {
  return versionId === nullVersion || (versioning !== undefined && /^[\w.]{32}$/.test(versionId))
}

/** @throws AwsError InvalidArgument for an id that S3 never gave */
export function checkVersionId(bucket: Pick<BucketRecord, 'versioning'>, versionId: string): void {
  if (isVersionId(bucket, versionId)) return
  throw s3Errors.InvalidArgument('Invalid version id specified', 'versionId', versionId)
}
