import { s3Errors } from '../errors.ts'
import type { S3Services } from '../operation.ts'
import { nullVersion } from '../records/object-record.ts'
import { checkDeleteCondition, type WriteCondition } from './conditions.ts'

export async function deleteOne(
  { objects }: S3Services,
  bucket: string,
  key: string,
  versionId: string | undefined,
  condition: WriteCondition,
): Promise<void> {
  if (versionId !== undefined && versionId !== nullVersion) {
    // A version that never existed counts as deleted; a malformed id is refused (evidence: s3-version-id).
    if (/^[\w.]{32}$/.test(versionId)) return
    throw s3Errors.InvalidArgument('Invalid version id specified', 'versionId', versionId)
  }
  await objects.change(bucket, key, async (transaction, existing) => {
    checkDeleteCondition(condition, key, existing?.record)
    await objects.erase(transaction, bucket, key, nullVersion)
  })
}
