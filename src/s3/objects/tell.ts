import type { Transaction } from '../../store/database.ts'
import type { EventName } from '../notifications/event-names.ts'
import type { ObjectRequest, S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ObjectRecord } from '../records/object-record.ts'

/** By which event the operations that create objects are told. */
const creations: Readonly<Record<string, EventName>> = {
  PutObject: 'ObjectCreated:Put',
  PostObject: 'ObjectCreated:Post',
  CopyObject: 'ObjectCreated:Copy',
  CompleteMultipartUpload: 'ObjectCreated:CompleteMultipartUpload',
}

type Cause = Pick<ObjectRequest, 'operation' | 'key' | 'call' | 'authentication' | 'requestId' | 'hostId'>

/**
 * What stages what follows of an object that a request creates, beside it: its event, its replication. Only where the bucket asks for
 * either.
 */
export function creationTeller(
  { notifications, replications }: Pick<S3Services, 'notifications' | 'replications'>,
  request: Cause,
) {
  const { operation, key } = request
  const name = creations[operation]
  if (name === undefined) throw new Error(`No event tells of ${operation}`)
  return (transaction: Transaction, bucket: BucketRecord, version: ObjectRecord) => {
    notifications.stage(transaction, bucket, { name, key, version }, request)
    replications.stageVersion(transaction, bucket, key, version)
  }
}
