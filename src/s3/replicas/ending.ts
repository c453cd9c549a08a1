import type { Transaction } from '../../store/database.ts'
import type { EventCause } from '../notifications/event.ts'
import type { EventName } from '../notifications/event-names.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ObjectVersion } from '../records/object-record.ts'
import { locksOfObject } from '../records/objects.ts'
import { type ReplicationProgress, withProgress } from '../records/replication.ts'
import {
  type DueReplication,
  dueKeyOf,
  dueReplications,
  type ReplicationPlace,
} from '../replication/due-replications.ts'
import type { ReplicationFailure } from './failure.ts'
import type { ReplicaServices } from './replicate.ts'
import { tellFailure, tellLateness } from './telling.ts'

/*
 * How replication ends, always in one commit with what it did: what was due is no longer due, the source has its status, and both
 * buckets tell their events.
 */

/** What a destination tells of its new version. */
export interface ReplicaEvent {
  name: EventName
  version: ObjectVersion
  cause: EventCause
}

/** Stages what is done in the destination, under the locks of both objects. @returns what it tells; undefined: nothing */
export type ReplicationEnd = (transaction: Transaction, target: BucketRecord) => Promise<ReplicaEvent | undefined>

/** @param end `gone`: there is nothing left to replicate */
export async function endReplication(
  services: ReplicaServices,
  place: ReplicationPlace,
  due: DueReplication,
  end: ReplicationEnd | 'gone',
): Promise<void> {
  const { objects, database, notifications } = services
  const { bucket, key, destination } = place
  if (end === 'gone') {
    await database.transact((transaction) => transaction.delete(dueReplications, dueKeyOf(place)))
    return
  }
  await objects.change(
    destination,
    key,
    async (transaction, _, target) => {
      const event = await end(transaction, target)
      if (event) notifications.stage(transaction, target, { ...event, key }, event.cause)
      stageProgress(services, transaction, place, 'COMPLETED')
      if (due.hasMissedThreshold) tellLateness(services, transaction, place, due, 'AfterThreshold')
    },
    locksOfObject(bucket, key),
  )
}

/** S3 gives up. */
export function failReplication(
  services: ReplicaServices,
  place: ReplicationPlace,
  due: DueReplication,
  failure: ReplicationFailure,
): Promise<void> {
  return services.database.locks.with(locksOfObject(place.bucket, place.key), () =>
    services.database.transact((transaction) => {
      stageProgress(services, transaction, place, 'FAILED')
      tellFailure(services, transaction, place, due, failure.reason)
    }),
  )
}

function stageProgress(
  { objects }: ReplicaServices,
  transaction: Transaction,
  place: ReplicationPlace,
  progress: ReplicationProgress,
): void {
  const { bucket, key, versionId, destination } = place
  transaction.delete(dueReplications, dueKeyOf(place))
  const version = objects.version(bucket, key, versionId, transaction)
  // A delete marker has no status.
  if (!version || 'isDeleteMarker' in version || !version.record.replication) return
  const replication = withProgress(version.record.replication, destination, progress)
  objects.amend(transaction, bucket, key, { record: { ...version.record, replication }, bodies: version.bodies })
}
