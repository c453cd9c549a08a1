import type { TurnedClock } from '../../ambient.ts'
import type { Need, WeighedRequest } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { Tag } from '../records/object-attributes.ts'
import type { ObjectRecord } from '../records/object-record.ts'
import type { UploadRecord } from '../records/uploads.ts'

/** All that a policy may ask of a request. */
export interface RequestFacts {
  request: WeighedRequest
  need: Need
  /** ms since the epoch */
  now: number
  /** Where the emulator's clock is not the one that clients sign by. */
  turned?: TurnedClock
  /** Undefined where the action is about no bucket that is there. */
  bucket: BucketRecord | undefined
  /** The upload in progress that the request is about. */
  findUpload(): UploadRecord | undefined
  /** The bucket's tags, where they count in policies. */
  findBucketTags(): readonly Tag[] | undefined
  /** The object that the need is about. */
  findObject(): ObjectRecord | undefined
}
