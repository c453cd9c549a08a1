import { s3Errors } from '../errors.ts'
import type { ObjectRecord } from '../records/object-record.ts'

/** Their objects are read only once they are restored (evidence: s3-archive). */
const archives: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE']

/** @throws AwsError InvalidObjectState for an object that lies in an archive */
export function checkReadable({ attributes }: ObjectRecord, use: 'read' | 'copy'): void {
  const StorageClass = attributes?.storageClass
  if (StorageClass === undefined || !archives.includes(StorageClass)) return
  const message =
    use === 'read'
      ? "The operation is not valid for the object's storage class"
      : "Operation is not valid for the source object's storage class"
  throw s3Errors.InvalidObjectState(message, { StorageClass })
}
