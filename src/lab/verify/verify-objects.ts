import { nextTurn } from '../../event-loop.ts'
import { versionUri } from '../../s3/record-checks/objects.ts'
import { type BucketRecord, bucketRecords } from '../../s3/records/buckets.ts'
import { bodiesOf } from '../../s3/records/object-bodies.ts'
import {
  isMarker,
  type ObjectRecord,
  objectParts,
  objectRecords,
  objectVersions,
  type StoredObject,
} from '../../s3/records/object-record.ts'
import { versionOf } from '../../s3/records/versions.ts'
import type { SealTarget } from '../../s3/sse/envelope.ts'
import type { Services } from '../../services.ts'
import type { Reader } from '../../store/database.ts'
import type { CheckedRecords } from '../../store/record-check.ts'
import type { Report } from './report.ts'
import { verifySealed } from './sealed.ts'
import type { View } from './view.ts'

/** Versions that are read in one turn of the event loop where they are small: a few ms. */
const versionsOfTurn = 32

/** Reads every version of every object as a client with all keys would. What is damaged among their records is told with the records. */
export async function verifyObjects(services: Services, { records }: View, report: Report): Promise<void> {
  const bytes = { done: 0, total: 0 }
  for await (const { size } of versionsIn(records)) bytes.total += size
  const progress = (count: number) => report.proceed('objects', bytes.done + count, bytes.total)
  let count = 0
  for await (const { target, region, size } of versionsIn(records)) {
    if (count++ % versionsOfTurn === 0) await nextTurn()
    progress(0)
    const version = presentVersion(services, records, target)
    if (version) {
      const { record, bodies } = version
      const { envelope, manifest } = record
      const where = versionUri([target.bucket, target.key], target.versionId)
      const sealed = { where, target, region, envelope, manifest: { mac: manifest, of: 'object' as const } }
      if (await verifySealed(services, report, { ...sealed, kept: record, bodies, progress })) report.counts.versions++
    }
    bytes.done += size
  }
  progress(0)
}

/**
 * A version as it is now, in one turn with whoever pins its bodies.
 * @returns undefined: it was erased meanwhile, or its list of parts is damaged or missing
 */
function presentVersion(
  { inProcess: { database } }: Services,
  records: CheckedRecords,
  target: SealTarget,
): StoredObject | undefined {
  const { bucket, key, versionId } = target
  const record = foundIn(database, records, (reader) => versionOf(reader, [bucket, key], versionId))
  if (!record || isMarker(record)) return undefined
  if (!('blob' in record.body) && !records.get(objectParts, [bucket, key, versionId])) return undefined
  return { record, bodies: bodiesOf(database, target, record) }
}

/** What is found now; where something on the way to it is no JSON, what was found at the moment at which all is seen. */
function foundIn<Found>(database: Reader, records: CheckedRecords, find: (reader: Reader) => Found): Found {
  try {
    return find(database)
  } catch (error) {
    if (error instanceof SyntaxError) return find(records)
    throw error
  }
}

interface Version {
  target: SealTarget
  region: string
  /** of its plaintext, bytes */
  size: number
}

async function* versionsIn(records: CheckedRecords): AsyncGenerator<Version> {
  for await (const { value: bucket } of records.entries(bucketRecords)) {
    const within = [bucket.name]
    for await (const { key, value } of records.entries(objectRecords, { within })) {
      yield versionIn(bucket, key[1], value)
    }
    for await (const { key, value } of records.entries(objectVersions, { within })) {
      if (!isMarker(value)) yield versionIn(bucket, key[1], value)
    }
  }
}

function versionIn({ name, region }: BucketRecord, key: string, { versionId, size }: ObjectRecord): Version {
  return { target: { bucket: name, key, versionId }, region, size }
}
