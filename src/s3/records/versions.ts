import { nextTurn } from '../../event-loop.ts'
import type { Reader, Transaction } from '../../store/database.ts'
import {
  currentMarkers,
  isMarker,
  nullOrders,
  nullVersion,
  type ObjectVersion,
  objectRecords,
  objectVersions,
  versionOrders,
} from './object-record.ts'
import { firstOrder, orderOfId } from './version-id.ts'

/*
 * The order of a key's versions. A new version takes the place of the current one, which goes behind it:
 *
 *   object          v3 ──put v4──▶ v4            ──erase v4──▶ v3
 *   objectVersion   v2 v1         v3 v2 v1                    v2 v1
 *
 * Who looks for v3 meanwhile reads one record after another, under no lock. The records of a commit are written before they are shown
 * to those who know them as they were (`Transaction.hold`), so each record that a version leaves is held: else v3 would for a moment be
 * neither where it was nor where it is.
 */

/** A bucket and a key in it. */
export type Place = readonly [bucket: string, key: string]

/** What a key's newest version is: an object, a delete marker, or nothing. */
export function currentOf(reader: Reader, [bucket, key]: Place): ObjectVersion | undefined {
  return reader.get(objectRecords, [bucket, key]) ?? reader.get(currentMarkers, [bucket, key])
}

/** The version of that id, current or not. */
export function versionOf(reader: Reader, place: Place, versionId: string): ObjectVersion | undefined {
  const current = currentOf(reader, place)
  return current?.versionId === versionId ? current : versionBehind(reader, place, versionId)
}

function versionBehind(reader: Reader, [bucket, key]: Place, versionId: string): ObjectVersion | undefined {
  const version = versionAt(
    reader,
    [bucket, key],
    versionId === nullVersion ? reader.get(nullOrders, [bucket, key]) : orderOfId(versionId),
  )
  if (version?.versionId === versionId) return version
  return versionId === nullVersion
    ? undefined
    : versionAt(reader, [bucket, key], movedOrder(reader, [bucket, key], versionId))
}

function versionAt(reader: Reader, [bucket, key]: Place, order: number | undefined): ObjectVersion | undefined {
  return order === undefined ? undefined : reader.get(objectVersions, [bucket, key, order])
}

function movedOrder(reader: Reader, [bucket, key]: Place, versionId: string): number | undefined {
  return reader.get(versionOrders, [bucket, key, versionId])
}

/**
 * Where among the versions of a key an id stands, or stood.
 * @returns undefined of a null version that is gone
 */
export function orderNamedBy(reader: Reader, place: Place, versionId: string): number | undefined {
  const current = currentOf(reader, place)
  if (current?.versionId === versionId) return orderOf(current)
  if (versionId === nullVersion) return reader.get(nullOrders, [...place])
  return movedOrder(reader, place, versionId) ?? orderOfId(versionId)
}

/** All versions of a key that are committed, the newest first. */
export async function* versionsOf(reader: Reader, [bucket, key]: Place): AsyncGenerator<ObjectVersion> {
  const current = currentOf(reader, [bucket, key])
  if (current) yield current
  for await (const { value } of reader.entries(objectVersions, { within: [bucket, key] })) yield value
}

/** Where a version stands among those of its key; the smaller is the newer. */
export function orderOf({ order = firstOrder }: Pick<ObjectVersion, 'order'>): number {
  return order
}

/** The order of a version that is to stand before `current`. */
export function orderBefore(current: ObjectVersion | undefined): number {
  return (current ? orderOf(current) : firstOrder) - 1
}

/** Stages a version as the current one; the one that was goes behind it. */
export function stageBefore(transaction: Transaction, place: Place, version: ObjectVersion): void {
  const current = currentOf(transaction, place)
  if (current) {
    stageBehind(transaction, place, current)
    if (isMarker(current) !== isMarker(version)) stageRemovalOfCurrent(transaction, place, current)
  }
  stageCurrent(transaction, place, version)
}

function stageCurrent(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  if (isMarker(version)) transaction.put(currentMarkers, [bucket, key], version)
  else transaction.put(objectRecords, [bucket, key], version)
}

function stageBehind(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  const order = orderOf(version)
  transaction.put(objectVersions, [bucket, key, order], version)
  if (version.versionId === nullVersion) transaction.put(nullOrders, [bucket, key], order)
  if (version.isMoved) transaction.put(versionOrders, [bucket, key, version.versionId], order)
}

/**
 * Stages a version that was written in another bucket, under its id, where its date puts it: two buckets that replicate to each
 * other come to the same order. What is newer makes room, as orders have none between them. Under the object's lock.
 *
 *   v3 v2 v1   ──replica of a moment between v2 and v1──▶   v3' v2' r v1
 */
export async function stageAmong<Version extends ObjectVersion>(
  transaction: Transaction,
  place: Place,
  version: Version,
): Promise<{ placed: Version; moves: VersionMove[] }> {
  const newer: ObjectVersion[] = []
  for await (const other of versionsOf(transaction, place)) {
    if (!isNewer(other, version)) break
    newer.push(other)
  }
  const moves: VersionMove[] = []
  let order = orderBefore(currentOf(transaction, place))
  for (const [index, other] of newer.entries()) {
    if (index > 0) holdWay(transaction, place, other)
    if (other.isMoved) transaction.delete(versionOrders, [...place, other.versionId])
    const moved = withOrder(other, order)
    if (index === 0) stageCurrent(transaction, place, moved)
    else stageBehind(transaction, place, moved)
    moves.push({ before: other, after: moved })
    order = orderOf(other)
    if (index % movesOfTurn === movesOfTurn - 1) await nextTurn()
  }
  const placed = withOrder(version, order)
  if (newer.length === 0) stageBefore(transaction, place, placed)
  else stageBehind(transaction, place, placed)
  return { placed, moves }
}

/** Versions that make room in one turn of the event loop. */
const movesOfTurn = 200

/** A version that made room for another. */
export interface VersionMove {
  before: ObjectVersion
  after: ObjectVersion
}

/** Of one moment the ids tell which was written first, where one bucket gave both. */
function isNewer(one: ObjectVersion, other: ObjectVersion): boolean {
  if (one.lastModified !== other.lastModified) return one.lastModified > other.lastModified
  return (orderOfId(one.versionId) ?? firstOrder) < (orderOfId(other.versionId) ?? firstOrder)
}

function withOrder<Version extends ObjectVersion>(version: Version, order: number): Version {
  const isMoved = version.versionId !== nullVersion && orderOfId(version.versionId) !== order
  return { ...version, order, isMoved: isMoved || undefined }
}

/** Stages a version anew where it stands. */
export function stageAnew(transaction: Transaction, place: Place, version: ObjectVersion): void {
  const isCurrent = currentOf(transaction, place)?.versionId === version.versionId
  if (isCurrent) stageCurrent(transaction, place, version)
  else transaction.put(objectVersions, [...place, orderOf(version)], version)
}

/**
 * Stages the removal of a version, current or not. The newest of those behind a current one takes its place: under the object's
 * lock, as what is behind it is read from what is committed.
 */
export async function stageRemoval(transaction: Transaction, place: Place, version: ObjectVersion): Promise<void> {
  if (currentOf(transaction, place)?.versionId !== version.versionId) {
    stageRemovalBehind(transaction, place, version)
    return
  }
  stageRemovalOfCurrent(transaction, place, version)
  // Where versioning was never on when it was written, it is the oldest.
  if (version.order === undefined) return
  const [bucket, key] = place
  for await (const { value } of transaction.entries(objectVersions, { within: [bucket, key], limit: 1 })) {
    stageRemovalBehind(transaction, place, value)
    stageCurrent(transaction, place, value)
  }
}

/** Stages the removal of the null version, wherever it stands, where another is about to take the first place. */
export function stageReplacementOfNull(transaction: Transaction, place: Place, version: ObjectVersion): void {
  if (currentOf(transaction, place)?.versionId === nullVersion) stageRemovalOfCurrent(transaction, place, version)
  else stageRemovalBehind(transaction, place, version)
}

function stageRemovalOfCurrent(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  if (isMarker(version)) transaction.delete(currentMarkers, [bucket, key])
  else transaction.delete(objectRecords, [bucket, key])
}

function stageRemovalBehind(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  holdWay(transaction, [bucket, key], version)
  transaction.delete(objectVersions, [bucket, key, orderOf(version)])
  if (version.versionId === nullVersion) transaction.delete(nullOrders, [bucket, key])
  if (version.isMoved) transaction.delete(versionOrders, [bucket, key, version.versionId])
}

/** The records by which a version behind the current one is found. */
function holdWay(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  const { versionId } = version
  transaction.hold(objectVersions, [bucket, key, orderOf(version)])
  if (versionId === nullVersion) transaction.hold(nullOrders, [bucket, key])
  else transaction.hold(versionOrders, [bucket, key, versionId])
}
