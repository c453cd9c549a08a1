import type { ObjectRequest } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { nullVersion } from '../records/object-record.ts'
import type { SealTarget, Session } from '../sse/envelope.ts'

/**
 * What the envelope of an object is bound to.
 * @param versionId of a write it is known only under the object's lock; what is asked before that does not depend on it
 */
export function sealTarget(
  { name }: Pick<BucketRecord, 'name'>,
  key: string,
  versionId: string = nullVersion,
): SealTarget {
  return { bucket: name, key, versionId }
}

/** KMS is asked in the caller's name and the bucket's Region. */
export function sessionOf(
  { region }: BucketRecord,
  { authentication, requestId }: Pick<ObjectRequest, 'authentication' | 'requestId'>,
): Session {
  return { authentication, region, requestId }
}
