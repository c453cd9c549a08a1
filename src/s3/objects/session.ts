import type { ObjectRequest } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { unversionedId } from '../records/objects.ts'
import type { SealTarget, Session } from '../sse/envelope.ts'

/** What the envelope of an object is bound to, for as long as it has no other versions. */
export function sealTarget({ name }: Pick<BucketRecord, 'name'>, key: string): SealTarget {
  return { bucket: name, key, versionId: unversionedId }
}

/** KMS is asked in the caller's name and the bucket's Region. */
export function sessionOf(
  { region }: BucketRecord,
  { authentication, requestId }: Pick<ObjectRequest, 'authentication' | 'requestId'>,
): Session {
  return { authentication, region, requestId }
}
