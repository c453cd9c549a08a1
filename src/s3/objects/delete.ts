import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { isMarker, nullVersion } from '../records/object-record.ts'
import { checkDeleteCondition, type WriteCondition } from './conditions.ts'
import { checkVersionId } from './version-ids.ts'

/** What a deletion did: the version that it made or removed, and whether that is a delete marker. */
export interface Deletion {
  /** Undefined where there are no versions. */
  versionId?: string
  isMarker: boolean
}

/**
 * Deletes a version for good; without one, the object, over which a delete marker is put where the bucket has versions.
 * @throws AwsError InvalidArgument for an id of a version that S3 never gave; what the condition refuses
 */
export function deleteOne(
  services: S3Services,
  bucket: BucketRecord,
  key: string,
  versionId: string | undefined,
  condition: WriteCondition,
): Promise<Deletion> {
  if (versionId === undefined) return deleteObject(services, bucket, key, condition)
  checkVersionId(bucket, versionId)
  return deleteVersion(services, bucket, key, versionId)
}

function deleteObject(
  { objects }: S3Services,
  { name }: BucketRecord,
  key: string,
  condition: WriteCondition,
): Promise<Deletion> {
  return objects.change(name, key, async (transaction, existing, bucket) => {
    checkDeleteCondition(condition, key, existing?.record)
    if (bucket.versioning !== undefined) {
      return { versionId: objects.putMarker(transaction, bucket, key).versionId, isMarker: true }
    }
    await objects.erase(transaction, name, key, nullVersion)
    return { isMarker: false }
  })
}

/** A version that never was, or is gone already, is as good as deleted (evidence: s3-version-id). */
function deleteVersion(
  { objects }: S3Services,
  { name }: BucketRecord,
  key: string,
  versionId: string,
): Promise<Deletion> {
  return objects.change(name, key, async (transaction) => {
    const erased = await objects.erase(transaction, name, key, versionId)
    return { versionId, isMarker: erased !== undefined && isMarker(erased) }
  })
}
