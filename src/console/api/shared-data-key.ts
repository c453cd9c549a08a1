import { isMarker, objectRecords } from '../../s3/records/object-record.ts'
import { currentOf, versionOf } from '../../s3/records/versions.ts'
import { describeEnvelope } from '../../s3/sse/describe-envelope.ts'
import type { SealedObjects } from '../answers.ts'
import type { ApiContext } from '../services.ts'
import type { ObjectAddress } from './object.ts'

const seenAtMost = 20_000
const foundAtMost = 20

/** The other current objects whose keys are sealed under the same data key: those that one bucket key served. */
export async function findSharers(
  { services }: ApiContext,
  { bucket, key, versionId }: ObjectAddress,
): Promise<SealedObjects> {
  const { database } = services.inProcess
  const found: SealedObjects = { objects: [], seen: 0, isMore: false }
  const version =
    versionId === undefined ? currentOf(database, [bucket, key]) : versionOf(database, [bucket, key], versionId)
  if (!version || isMarker(version) || version.envelope.bucketKeyEnabled !== true) return found
  const target = { bucket, key, versionId: version.versionId }
  const dataKey = describeEnvelope(version.envelope, target).encryptedDataKey
  for await (const { key: place, value } of database.entries(objectRecords, { within: [bucket] })) {
    if (found.seen === seenAtMost || found.objects.length === foundAtMost) return { ...found, isMore: true }
    found.seen++
    if (value.envelope.bucketKeyEnabled !== true || place[1] === key) continue
    const other = describeEnvelope(value.envelope, { bucket, key: place[1], versionId: value.versionId })
    if (other.encryptedDataKey === dataKey) found.objects.push({ bucket, key: place[1] })
  }
  return found
}
