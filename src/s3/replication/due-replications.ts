import { recordKind } from '../../store/keyspace.ts'
import { firstOrder, orderOfId } from '../records/version-id.ts'
import type { ReplicationRule } from './replication-rules.ts'

/*
 * What is to be replicated, in the store:
 *
 *   replicationDue   bucket │ key │ age │ version id │ destination bucket  →  role, rule, attempts
 *
 * The age puts the versions of a key in the order in which they were written. A version that changes again while it is due stays one
 * record: what is copied is the version as it is by then.
 */

export interface DueReplication {
  /** The role and the rule as they were when the version was written. */
  role: string
  rule: ReplicationRule
  /** A version, a delete marker, or tags, ACL and lock of a version that is there already. */
  change: 'version' | 'marker' | 'amendment'
  /** ms since the epoch: when it was asked for. */
  since: number
  attempts: number
  /** ms since the epoch, of the emulator's clock */
  notBefore: number
  /** Why the last attempt failed. */
  lastFailure?: string
  /** The bucket was told that it takes longer than the rule promises. */
  hasMissedThreshold?: true
}

/** Which version goes where. */
export interface ReplicationPlace {
  bucket: string
  key: string
  versionId: string
  destination: string
}

export type DueKey = [bucket: string, key: string, age: number, versionId: string, destination: string]

export const dueReplications = recordKind<DueReplication>()('replicationDue', [
  'string',
  'string',
  'integer',
  'string',
  'string',
])

export function dueKeyOf({ bucket, key, versionId, destination }: ReplicationPlace): DueKey {
  return [bucket, key, firstOrder - (orderOfId(versionId) ?? firstOrder), versionId, destination]
}

export function placeOf([bucket, key, , versionId, destination]: DueKey): ReplicationPlace {
  return { bucket, key, versionId, destination }
}
