import { objectArn } from '../../aws/arn.ts'
import type { Need, S3Services, WeighedRequest } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ObjectRecord } from '../records/object-record.ts'

/** The object that a need is about, of the version that it or the query names; undefined where there is none. */
export function weighedObject(
  { objects }: Pick<S3Services, 'objects'>,
  { request, need, bucket }: { request: WeighedRequest; need: Need; bucket: BucketRecord },
): ObjectRecord | undefined {
  const key = keyOf(need, bucket)
  const versionId = need.versionId ?? (need.action.includes('Version') ? request.query.get('versionId') : undefined)
  if (versionId === undefined) return objects.find(bucket.name, key)?.record
  const version = objects.version(bucket.name, key, versionId)
  return version && 'record' in version ? version.record : undefined
}

/** The key that a need's resource names. */
export function keyOf({ resource }: Need, { name }: BucketRecord): string {
  return resource.slice(objectArn(name, '').length)
}
