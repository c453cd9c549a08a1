import type { Transaction } from '../../store/database.ts'
import type { EventName } from '../notifications/event-names.ts'
import type { DueReplication, ReplicationPlace } from '../replication/due-replications.ts'
import type { FailureReason } from './failure.ts'
import type { ReplicaServices } from './replicate.ts'

/*
 * What the source bucket tells of replication, by rules that ask for metrics or for replication in time ("Receiving replication failure
 * events with Amazon S3 Event Notifications" in the Amazon S3 User Guide; evidence: s3-replication-events).
 */

/** ms: what S3 Replication Time Control promises. */
export const threshold = 15 * 60_000

const cause = { service: 's3.amazonaws.com' } as const

export function tellFailure(
  services: ReplicaServices,
  transaction: Transaction,
  place: ReplicationPlace,
  due: DueReplication,
  failureReason: FailureReason,
): void {
  const { Metrics, ReplicationTime } = due.rule.Destination
  if (Metrics?.Status !== 'Enabled' && ReplicationTime?.Status !== 'Enabled') return
  tell(services, transaction, place, due, 'Replication:OperationFailedReplication', { failureReason })
}

/** That it takes longer than 15 minutes, or took. */
export function tellLateness(
  services: ReplicaServices,
  transaction: Transaction,
  place: ReplicationPlace,
  due: DueReplication,
  what: 'MissedThreshold' | 'AfterThreshold',
): void {
  const seconds = (milliseconds: number) => String(Math.round(milliseconds / 1000))
  if (what === 'MissedThreshold') {
    tell(services, transaction, place, due, 'Replication:OperationMissedThreshold', { threshold: seconds(threshold) })
    return
  }
  tell(services, transaction, place, due, 'Replication:OperationReplicatedAfterThreshold', {
    threshold: seconds(threshold),
    replicationTime: seconds(services.ambient.now() - due.since),
  })
}

function tell(
  { notifications, objects, buckets }: ReplicaServices,
  transaction: Transaction,
  { bucket: name, key, versionId }: ReplicationPlace,
  { rule, since }: DueReplication,
  event: EventName,
  more: { failureReason?: string; threshold?: string; replicationTime?: string },
): void {
  const bucket = buckets.find(name, transaction)
  const found = objects.version(name, key, versionId, transaction)
  if (!bucket || !found) return
  const replicationEventData = {
    replicationRuleId: rule.ID ?? '',
    destinationBucket: rule.Destination.Bucket,
    s3Operation: 'OBJECT_PUT',
    requestTime: new Date(since).toISOString(),
    ...more,
  }
  const version = 'record' in found ? found.record : found
  notifications.stage(transaction, bucket, { name: event, key, version, data: { replicationEventData } }, cause)
}
