import type { Reader } from '../../store/database.ts'
import { type ObjectBody, type ObjectRecord, objectParts } from './object-record.ts'

/** The bodies of an object in order: one that came whole has one, and a multipart one lists its own in a record beside. */
export function bodiesOf(
  reader: Reader,
  { bucket, key }: { bucket: string; key: string },
  { body, versionId }: Pick<ObjectRecord, 'body' | 'versionId'>,
): ObjectBody[] {
  return 'blob' in body ? [body] : (reader.get(objectParts, [bucket, key, versionId]) ?? [])
}
