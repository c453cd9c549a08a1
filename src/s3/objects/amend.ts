import type { Transaction } from '../../store/database.ts'
import { s3Errors } from '../errors.ts'
import type { EventName } from '../notifications/event-names.ts'
import type { ObjectRequest, S3Services } from '../operation.ts'
import type { ObjectRecord } from '../records/object-record.ts'

/**
 * Changes what belongs to a version beside its bytes: tags, a restored copy. Bytes, ETag and date stay.
 * @param versionId of the version that was found
 * @param change gives the record anew, of what stands there by now; under the object's lock
 * @param event by which the bucket tells of it; undefined: nobody is told
 * @throws AwsError NoSuchKey where the version is gone by now, and what `change` refuses
 */
export function amendObject(
  { objects, notifications, replications }: Pick<S3Services, 'objects' | 'notifications' | 'replications'>,
  request: ObjectRequest,
  versionId: string,
  change: (record: ObjectRecord, transaction: Transaction) => ObjectRecord,
  event?: EventName,
): Promise<ObjectRecord> {
  const { bucket, key } = request
  return objects.change(bucket.name, key, (transaction, _, inBucket) => {
    const version = objects.version(bucket.name, key, versionId, transaction)
    if (!version || 'isDeleteMarker' in version) throw s3Errors.NoSuchKey(key)
    const changed = change(version.record, transaction)
    // A restored copy is none that replicas have.
    const isShared = inBucket.replicates && changed.attributes !== version.record.attributes
    const record = isShared ? replications.stageAmendment(transaction, inBucket, key, changed) : changed
    objects.amend(transaction, bucket.name, key, { record, bodies: version.bodies })
    if (event) notifications.stage(transaction, inBucket, { name: event, key, version: record }, request)
    return record
  })
}
