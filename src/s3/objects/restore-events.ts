import { AwsError } from '../../aws/errors.ts'
import type { Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { storageClassOf } from '../records/object-attributes.ts'
import type { RestoreRecord } from '../records/restore.ts'

/*
 * When a restored copy is there, and when it is gone, buckets tell of it. Nothing else happens then, so the moments are noted when
 * the copy is asked for, and held against the record when they have come:
 *
 *   restoreMoment   time │ bucket │ key │ version   → which moment it is
 *
 * Of a copy that was asked for again meanwhile, the old moments are not the record's any more: nothing is told.
 */

type Moment = 'readyAt' | 'expiresAt'
type MomentKey = [time: number, bucket: string, key: string, versionId: string]

export const restoreMoments = recordKind<Moment>()('restoreMoment', ['integer', 'string', 'string', 'string'])

/** Stages the moments of a copy that are not past. @param now ms since the epoch */
export function stageRestoreMoments(
  transaction: Transaction,
  [bucket, key, versionId]: readonly [bucket: string, key: string, versionId: string],
  restore: RestoreRecord,
  now: number,
): void {
  for (const moment of ['readyAt', 'expiresAt'] as const) {
    const time = restore[moment]
    if (time >= now) transaction.put(restoreMoments, [time, bucket, key, versionId], moment)
  }
}

type Services = Pick<S3Services, 'database' | 'ambient' | 'objects' | 'notifications'>

/** A chore: tells of the moments that have come, the earliest first. */
export async function tellRestores(services: Services): Promise<void> {
  const { database, ambient } = services
  for await (const { key, value } of database.entries(restoreMoments, { before: [ambient.now() + 1] })) {
    await tellOne(services, key, value)
  }
}

/** Of a bucket that is gone meanwhile nothing is left to tell. */
async function tellOne(services: Services, at: MomentKey, moment: Moment): Promise<void> {
  const { database, objects } = services
  const [, bucket, key] = at
  try {
    await objects.change(bucket, key, (transaction, _, inBucket) => {
      transaction.delete(restoreMoments, at)
      if (inBucket.notifies) stageEvent(services, transaction, inBucket, at, moment)
    })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    await database.transact((transaction) => transaction.delete(restoreMoments, at))
  }
}

function stageEvent(
  { objects, notifications }: Services,
  transaction: Transaction,
  bucket: BucketRecord,
  [time, , key, versionId]: MomentKey,
  moment: Moment,
): void {
  const version = objects.version(bucket.name, key, versionId, transaction)
  if (!version || 'isDeleteMarker' in version) return
  const { record } = version
  if (record.restore?.[moment] !== time) return
  const name = moment === 'readyAt' ? 'ObjectRestore:Completed' : 'ObjectRestore:Delete'
  const restoreEventData = {
    lifecycleRestorationExpiryTime: new Date(record.restore.expiresAt).toISOString(),
    lifecycleRestoreStorageClass: storageClassOf(record),
  }
  const data = moment === 'readyAt' ? { glacierEventData: { restoreEventData } } : undefined
  notifications.stage(transaction, bucket, { name, key, version: record, time, data }, { service: 's3.amazonaws.com' })
}
