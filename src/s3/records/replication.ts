/*
 * What is known of a version's replication, and how S3 tells it in `x-amz-replication-status` ("Getting replication status
 * information" in the Amazon S3 User Guide; evidence: s3-replication-status):
 *
 *   source    PENDING ─▶ COMPLETED once every destination has it, FAILED as soon as one refused it
 *   replica   REPLICA; PENDING and FAILED while what was changed on it is on its way back
 */

export type ReplicationProgress = 'PENDING' | 'COMPLETED' | 'FAILED'

export type ReplicationStatus = ReplicationProgress | 'REPLICA'

/** Of a version that a rule matched when it was written, or that replication made. */
export interface ReplicationRecord {
  isReplica?: true
  /** How far it has come, by the name of the destination bucket. */
  destinations?: Readonly<Record<string, ReplicationProgress>>
}

export function replicationStatusOf({ isReplica, destinations = {} }: ReplicationRecord): ReplicationStatus {
  const progress = Object.values(destinations)
  if (progress.includes('FAILED')) return 'FAILED'
  if (progress.includes('PENDING')) return 'PENDING'
  return isReplica ? 'REPLICA' : 'COMPLETED'
}

/** The record with another progress towards a destination. */
export function withProgress(
  { isReplica, destinations }: ReplicationRecord,
  destination: string,
  progress: ReplicationProgress,
): ReplicationRecord {
  return { isReplica, destinations: { ...destinations, [destination]: progress } }
}

/** Whether lifecycle leaves a version alone: it does not act on what is not replicated yet. */
export function awaitsReplication({ replication }: { replication?: ReplicationRecord }): boolean {
  if (!replication) return false
  const status = replicationStatusOf(replication)
  return status === 'PENDING' || status === 'FAILED'
}
