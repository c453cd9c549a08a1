import type { Reader, Transaction } from '../../store/database.ts'
import type { EventName } from '../notifications/event-names.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { StorageClass } from '../records/object-attributes.ts'
import { isMarker, type ObjectVersion, type StoredObject } from '../records/object-record.ts'
import {
  actionOnCurrent,
  actionOnNoncurrent,
  isMarkerExpired,
  type LifecycleAction,
  type NoncurrentPlace,
} from './decisions.ts'
import type { Lifecycle } from './lifecycle-record.ts'
import type { LifecycleServices } from './run.ts'

/*
 * What is due, done under the object's lock: there it is decided anew, by the lifecycle and the versions as they are by then. A bucket
 * tells of it in the same commit. There is no request, so no policy is asked and no call is in the trail (evidence: s3-lifecycle-events).
 */

const cause = { service: 's3.amazonaws.com' } as const

export interface ActingServices extends LifecycleServices {
  /** The rules as they are then; undefined: there are none any more. */
  rulesIn(reader: Reader): Lifecycle | undefined
}

/** The versions of a key, and bodies of theirs, that one commit removes at most. */
const versionsOfCommit = 100
const bodiesOfCommit = 1000

/** Does to an object as it stands what is due, one thing after another. @param now ms since the epoch */
export async function actOnCurrent(services: ActingServices, bucket: string, key: string, now: number): Promise<void> {
  const { objects } = services
  const actOnce = () =>
    objects.change(bucket, key, async (transaction, existing, inBucket) => {
      const lifecycle = services.rulesIn(transaction)
      const action = existing && lifecycle && actionOnCurrent(lifecycle, inBucket, key, existing.record, now)
      if (action) await act(services, { transaction, bucket: inBucket, key }, existing.record, action)
      return action
    })
  // A transition comes first; it may leave a delete marker to be put.
  while ((await actOnce())?.kind === 'transition');
}

/** Does to the noncurrent versions of a key what is due, in as many commits as it takes. @param now ms since the epoch */
export async function actOnNoncurrent(
  services: ActingServices,
  bucket: string,
  key: string,
  now: number,
): Promise<void> {
  const { objects } = services
  const actOnSome = () =>
    objects.change(bucket, key, async (transaction, _, inBucket) => {
      const lifecycle = services.rulesIn(transaction)
      if (!lifecycle) return false
      const versions = await dueVersions(objects.versions(bucket, key), lifecycle, key, now)
      for (const { version, action } of versions.due) {
        await act(services, { transaction, bucket: inBucket, key }, version, action)
      }
      return versions.areMore
    })
  while (await actOnSome());
}

async function dueVersions(
  versions: AsyncIterable<ObjectVersion>,
  lifecycle: Lifecycle,
  key: string,
  now: number,
): Promise<{ due: { version: ObjectVersion; action: LifecycleAction }[]; areMore: boolean }> {
  const due: { version: ObjectVersion; action: LifecycleAction }[] = []
  let place: NoncurrentPlace | undefined
  let bodies = 0
  for await (const version of versions) {
    const action = place && actionOnNoncurrent(lifecycle, key, version, place, now)
    if (action) {
      due.push({ version, action })
      bodies += isMarker(version) || !('partCount' in version.body) ? 1 : version.body.partCount
      if (due.length === versionsOfCommit || bodies >= bodiesOfCommit) return { due, areMore: true }
    }
    place = { since: version.lastModified, newer: place ? place.newer + 1 : 0 }
  }
  return { due, areMore: false }
}

/** Removes a delete marker that has nothing below it. @param now ms since the epoch */
export function actOnMarker(services: ActingServices, bucket: string, key: string, now: number): Promise<void> {
  const { objects } = services
  return objects.change(bucket, key, async (transaction, _, inBucket) => {
    const lifecycle = services.rulesIn(transaction)
    const marker = objects.current(bucket, key, transaction)
    if (!lifecycle || !marker || !isMarker(marker) || !isMarkerExpired(lifecycle, key, marker, now)) return
    for await (const { versionId } of objects.versions(bucket, key)) if (versionId !== marker.versionId) return
    await act(services, { transaction, bucket: inBucket, key }, marker, { kind: 'delete' })
  })
}

interface Place {
  transaction: Transaction
  bucket: BucketRecord
  key: string
}

async function act(
  services: ActingServices,
  place: Place,
  version: ObjectVersion,
  action: LifecycleAction,
): Promise<void> {
  const { transaction, bucket, key } = place
  const { objects } = services
  if (action.kind === 'transition') return move(services, place, version, action.to)
  if (action.kind === 'mark') {
    tell(services, place, 'LifecycleExpiration:DeleteMarkerCreated', objects.putMarker(transaction, bucket, key))
    return
  }
  const removed = await objects.erase(transaction, bucket.name, key, version.versionId)
  if (removed) tell(services, place, 'LifecycleExpiration:Delete', removed)
}

/** Another class; all else of the version stays as it is, its date too. */
function move(services: ActingServices, place: Place, { versionId }: ObjectVersion, to: StorageClass): void {
  const { transaction, bucket, key } = place
  const { objects } = services
  const found = objects.version(bucket.name, key, versionId, transaction)
  if (!found || 'isDeleteMarker' in found || to === 'STANDARD') return
  const { record, bodies } = found
  const moved: StoredObject = {
    record: { ...record, attributes: { ...record.attributes, storageClass: to } },
    bodies,
  }
  objects.amend(transaction, bucket.name, key, moved)
  tell(services, place, 'LifecycleTransition', moved.record, to)
}

function tell(
  { notifications }: ActingServices,
  { transaction, bucket, key }: Place,
  name: EventName,
  version: ObjectVersion,
  destinationStorageClass?: StorageClass,
): void {
  const data =
    destinationStorageClass === undefined
      ? undefined
      : { lifecycleEventData: { transitionEventData: { destinationStorageClass } } }
  notifications.stage(transaction, bucket, { name, key, version, data }, cause)
}
