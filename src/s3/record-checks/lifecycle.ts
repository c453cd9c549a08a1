import { type CheckContext, faultsWhere, type RecordCheck, recordCheck } from '../../store/record-check.ts'
import { anything, count, members, object, optional, time } from '../../store/record-shape.ts'
import { bucketRecords } from '../records/buckets.ts'
import {
  ageDay,
  indexedUploads,
  indexedVersions,
  indexState,
  indexStates,
  type LifecycleIndexState,
  lifecycleLooks,
} from '../records/lifecycle-index.ts'
import { lifecyclesDue } from '../records/lifecycle-schedule.ts'
import { currentMarkers, type ObjectVersion, objectRecords, objectVersions } from '../records/object-record.ts'
import { uploadRecords } from '../records/uploads.ts'
import { currentOf, orderOf, type Place } from '../records/versions.ts'

/*
 * The index by which lifecycles find what is due. While it is built, and once its lifecycle is gone, it need not be whole; what is
 * left of it then goes in the background.
 */

type Records = CheckContext['records']

export const lifecycleChecks: readonly RecordCheck[] = [
  recordCheck(lifecyclesDue, anything),
  recordCheck(
    indexStates,
    members<LifecycleIndexState>({ puts: optional(count), build: optional(object), ranAt: optional(time) }),
    async ({ key: [bucket] }, context) => {
      if (!context.records.get(bucketRecords, [bucket])?.hasLifecycle) return []
      const due = await bucketsDue(context)
      return faultsWhere([!due.has(bucket), 'is of a bucket that is never looked after'])
    },
  ),
  recordCheck(indexedVersions, anything, ({ key: [bucket, day, key, order] }, { records }) => {
    if (!isWhole(bucket, records)) return []
    const found = versionAt([bucket, key], order, records)
    if (found === 'unread') return []
    return faultsWhere([!found || ageDay(found.lastModified) !== day, 'leads to no version'])
  }),
  recordCheck(indexedUploads, anything, ({ key: [bucket, day, key, uploadId] }, { records }) => {
    if (!isWhole(bucket, records)) return []
    if (records.isMissing(uploadRecords, [bucket, key, uploadId])) return ['leads to no upload']
    const initiated = records.get(uploadRecords, [bucket, key, uploadId])?.initiated
    return faultsWhere([initiated !== undefined && ageDay(initiated) !== day, 'lies on another day than its upload'])
  }),
  recordCheck(lifecycleLooks, anything),
]

function bucketsDue(context: CheckContext): Promise<ReadonlySet<string>> {
  return context.once(lifecyclesDue, async () => {
    const buckets = new Set<string>()
    for await (const [, bucket] of context.records.keys(lifecyclesDue)) buckets.add(bucket)
    return buckets
  })
}

/** Whether a bucket's index has all of its versions and nothing else. */
function isWhole(bucket: string, records: Records): boolean {
  if (!records.get(bucketRecords, [bucket])?.hasLifecycle) return false
  const state = indexState(records, bucket)
  return state !== undefined && state.build === undefined
}

/** Whether a version is found on its day. */
export function faultsOfIndexing([bucket, key]: Place, version: ObjectVersion, records: Records): string[] {
  if (!isWhole(bucket, records)) return []
  const entry: [string, number, string, number] = [bucket, ageDay(version.lastModified), key, orderOf(version)]
  return faultsWhere([records.isMissing(indexedVersions, entry), 'is not found by its lifecycle'])
}

/** Whether an upload is found on its day. */
export function faultsOfIndexedUpload(
  [bucket, key, uploadId]: readonly [string, string, string],
  { initiated }: { initiated: number },
  records: Records,
): string[] {
  if (!isWhole(bucket, records)) return []
  const isMissing = records.isMissing(indexedUploads, [bucket, ageDay(initiated), key, uploadId])
  return faultsWhere([isMissing, 'is not found by its lifecycle'])
}

function versionAt([bucket, key]: Place, order: number, records: Records): ObjectVersion | 'unread' | undefined {
  const current = currentOf(records, [bucket, key])
  if (current && orderOf(current) === order) return current
  const behind = records.get(objectVersions, [bucket, key, order])
  if (behind) return behind
  const isUnread =
    !records.isMissing(objectVersions, [bucket, key, order]) ||
    (!current && !(records.isMissing(objectRecords, [bucket, key]) && records.isMissing(currentMarkers, [bucket, key])))
  return isUnread ? 'unread' : undefined
}
