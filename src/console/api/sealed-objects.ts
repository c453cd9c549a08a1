import { objectRecords } from '../../s3/records/object-record.ts'
import type { SealedObjects } from '../answers.ts'
import type { ApiContext } from '../services.ts'

/** There is no index from a key to its objects: so many are looked at. */
const seenAtMost = 50_000
const foundAtMost = 100

/** The current versions that are sealed under a key. @param keyArn of a KMS key */
export async function findSealedObjects({ services }: ApiContext, keyArn: string): Promise<SealedObjects> {
  const found: SealedObjects = { objects: [], seen: 0, isMore: false }
  for await (const { key, value } of services.inProcess.database.entries(objectRecords)) {
    if (found.seen === seenAtMost || found.objects.length === foundAtMost) return { ...found, isMore: true }
    found.seen++
    if (value.envelope.keyArn === keyArn) found.objects.push({ bucket: key[0], key: key[1] })
  }
  return found
}
