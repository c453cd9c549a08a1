import { s3Errors } from '../errors.ts'
import { storageClassOf } from '../records/object-attributes.ts'
import type { ObjectRecord } from '../records/object-record.ts'
import { restoreStateAt } from '../records/restore.ts'
import { httpDate } from './metadata.ts'

/** Whether an object lies in an archive: it is read only while a copy is restored (evidence: s3-archive). */
export function isArchived({ attributes }: ObjectRecord): boolean {
  const storageClass = attributes?.storageClass
  return storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'
}

const words = {
  read: "The operation is not valid for the object's storage class",
  copy: "Operation is not valid for the source object's storage class",
}

/**
 * @param now ms since the epoch
 * @throws AwsError InvalidObjectState for an object that lies in an archive, and no copy of it outside
 */
export function checkReadable(record: ObjectRecord, use: keyof typeof words, now: number): void {
  if (!isArchived(record) || restoreStateAt(record, now) === 'restored') return
  throw s3Errors.InvalidObjectState(words[use], { StorageClass: storageClassOf(record) })
}

/** `x-amz-restore`, of GET and HEAD; none before a copy is asked for and once it is gone. */
export function restoreHeader(record: ObjectRecord, now: number): string | undefined {
  const state = restoreStateAt(record, now)
  if (state === 'none') return undefined
  if (state === 'ongoing') return 'ongoing-request="true"'
  return `ongoing-request="false", expiry-date="${httpDate(record.restore?.expiresAt ?? now)}"`
}
