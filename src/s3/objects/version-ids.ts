import { s3Errors } from '../errors.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { nullVersion, type ObjectRecord, type ObjectVersion } from '../records/object-record.ts'
import { isVersionId } from '../records/version-id.ts'

type Versioned = Pick<BucketRecord, 'versioning'>

/** Whether S3 can have given a version id: in a bucket that never had versioning `null` alone (evidence: s3-version-id). */
export function canBeVersion({ versioning }: Versioned, versionId: string): boolean {
  return versioning === undefined ? versionId === nullVersion : isVersionId(versionId)
}

/** @throws AwsError InvalidArgument for an id that S3 never gave */
export function checkVersionId(bucket: Versioned, versionId: string): void {
  if (canBeVersion(bucket, versionId)) return
  throw s3Errors.InvalidArgument('Invalid version id specified', 'versionId', versionId)
}

/*
 * `x-amz-version-id`, which is not the same everywhere (evidence: s3-version-header):
 *
 *                                      never versioned   Enabled   Suspended
 *   reads, deletions                   none              the id    the id, which may be null
 *   CopyObject, Complete               none              the id    null
 *   PutObject, POST Object             none              the id    none
 */

/** Of what is read. */
export function shownVersion({ versioning }: Versioned, { versionId }: Pick<ObjectRecord, 'versionId'>) {
  return versioning === undefined ? undefined : versionId
}

/** Of what was copied or completed. */
export function copiedVersion({ versionId, order }: Pick<ObjectRecord, 'versionId' | 'order'>): string | undefined {
  return order === undefined ? undefined : versionId
}

/** Of what was put. */
export function putVersion({ versionId }: Pick<ObjectRecord, 'versionId'>): string | undefined {
  return versionId === nullVersion ? undefined : versionId
}

/** What an answer says beside a delete marker's id. */
export function markerHeaders({ versionId }: Pick<ObjectVersion, 'versionId'>): Record<string, string> {
  return { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId }
}
