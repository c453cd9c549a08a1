import type { BucketRequest, S3Services } from '../operation.ts'
import { isMarker, nullVersion } from '../records/object-record.ts'
import { checkDeleteCondition, type WriteCondition } from './conditions.ts'
import { bypassesGovernance, checkDeletable } from './object-lock.ts'
import { checkVersionId } from './version-ids.ts'

/** What a deletion did: the version that it made or removed, and whether that is a delete marker. */
export interface Deletion {
  /** Undefined where there are no versions. */
  versionId?: string
  isMarker: boolean
}

/**
 * Deletes a version for good; without one, the object, over which a delete marker is put where the bucket has versions.
 * @throws AwsError InvalidArgument for an id of a version that S3 never gave, AccessDenied for a version that is locked; what the
 *   condition refuses
 */
export function deleteOne(
  services: S3Services,
  request: BucketRequest,
  key: string,
  versionId: string | undefined,
  condition: WriteCondition,
): Promise<Deletion> {
  if (versionId === undefined) return deleteObject(services, request, key, condition)
  checkVersionId(request.bucket, versionId)
  return deleteVersion(services, request, key, versionId)
}

function deleteObject(
  { objects, notifications, replications }: S3Services,
  request: BucketRequest,
  key: string,
  condition: WriteCondition,
): Promise<Deletion> {
  const { name } = request.bucket
  return objects.change(name, key, async (transaction, existing, bucket) => {
    checkDeleteCondition(condition, key, existing?.record)
    if (bucket.versioning !== undefined) {
      const version = objects.putMarker(transaction, bucket, key)
      if (bucket.notifies) {
        notifications.stage(transaction, bucket, { name: 'ObjectRemoved:DeleteMarkerCreated', key, version }, request)
      }
      if (bucket.replicates) replications.stageMarker(transaction, bucket, key, version)
      return { versionId: version.versionId, isMarker: true }
    }
    const version = await objects.erase(transaction, name, key, nullVersion)
    if (version && bucket.notifies)
      notifications.stage(transaction, bucket, { name: 'ObjectRemoved:Delete', key, version }, request)
    return { isMarker: false }
  })
}

/** A version that never was, or is gone already, is as good as deleted (evidence: s3-version-id). */
function deleteVersion(
  { objects, notifications, ambient }: S3Services,
  request: BucketRequest,
  key: string,
  versionId: string,
): Promise<Deletion> {
  const { name } = request.bucket
  return objects.change(name, key, async (transaction, _, bucket) => {
    if (bucket.objectLock) {
      const version = objects.version(name, key, versionId, transaction)
      const bypasses = bypassesGovernance(bucket, request.headers)
      if (version && 'record' in version) checkDeletable(version.record.attributes, bypasses, ambient.now())
    }
    const version = await objects.erase(transaction, name, key, versionId)
    if (version && bucket.notifies)
      notifications.stage(transaction, bucket, { name: 'ObjectRemoved:Delete', key, version }, request)
    return { versionId, isMarker: version !== undefined && isMarker(version) }
  })
}
