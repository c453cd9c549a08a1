import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { nullVersion } from '../records/object-record.ts'
import { checkDeleteCondition, type WriteCondition } from './conditions.ts'
import { checkVersionId } from './version-ids.ts'

/** @throws AwsError InvalidArgument for an id of a version that S3 never gave; what the condition refuses */
export async function deleteOne(
  { objects }: S3Services,
  bucket: BucketRecord,
  key: string,
  versionId: string | undefined,
  condition: WriteCondition,
): Promise<void> {
  if (versionId !== undefined) checkVersionId(bucket, versionId)
  // A version that never was is as good as deleted (evidence: s3-version-id).
  if (versionId !== undefined && versionId !== nullVersion) return
  await objects.change(bucket.name, key, async (transaction, existing) => {
    checkDeleteCondition(condition, key, existing?.record)
    await objects.erase(transaction, bucket.name, key, nullVersion)
  })
}
