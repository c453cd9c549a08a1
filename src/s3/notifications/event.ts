import type { Caller } from '../../aws/caller.ts'
import type { ObjectVersion } from '../records/object-record.ts'
import type { EventName } from './event-names.ts'

/** Something that happened to a version of an object, in the transaction that makes it happen. */
export interface ObjectEvent {
  name: EventName
  key: string
  /** As it is after the event, or was before it went. */
  version: ObjectVersion
  /** ms since the epoch, of what fell due before it is told; default: now */
  time?: number
  /** What records of its kind have beside `s3`. */
  data?: EventData
}

/** The members of records of some kinds, in AWS's words. */
export interface EventData {
  glacierEventData?: {
    restoreEventData: { lifecycleRestorationExpiryTime: string; lifecycleRestoreStorageClass: string }
  }
  lifecycleEventData?: { transitionEventData: { destinationStorageClass: string } }
  intelligentTieringEventData?: { destinationAccessTier: string }
  replicationEventData?: {
    replicationRuleId: string
    destinationBucket: string
    s3Operation: string
    requestTime: string
    failureReason?: string
    threshold?: string
    replicationTime?: string
  }
}

/** The request that an event comes of. */
export interface CausingRequest {
  call: { clientAddress: string }
  authentication: { caller: Caller }
  requestId: string
  hostId: string
}

/** What S3 does by itself, when it is due: lifecycle, replication. */
export interface CausingService {
  service: 's3.amazonaws.com'
}

export type EventCause = CausingRequest | CausingService
