import type { Reader, Transaction } from '../../store/database.ts'
import { type KeyPart, recordKind } from '../../store/keyspace.ts'
import { isMarker, type ObjectRecord, type ObjectVersion } from './object-record.ts'
import { currentOf, orderOf, type Place, type VersionMove, versionOf } from './versions.ts'

/*
 * Where a lifecycle finds what may be due, in buckets that have one. It lies by the day that rules count from, so other rules leave it
 * as it is. A version is in it twice: by its own age, and as what made the version behind it noncurrent.
 *
 *   lifecycleVersion   bucket │ day from which its age counts │ key │ order        one for each version, delete markers too
 *   lifecycleUpload    bucket │ day from which its age counts │ key │ upload id    one for each upload
 *   lifecycleLook      bucket │ day on which to look │ key                         of what became due in another way than by age
 *   lifecycleIndex     bucket                                                      how far the index is built, and was used
 *
 * Each entry is staged beside what it is about, and goes with it.
 */

export const indexedVersions = recordKind<true>()('lifecycleVersion', ['string', 'integer', 'string', 'integer'])
export const indexedUploads = recordKind<true>()('lifecycleUpload', ['string', 'integer', 'string', 'string'])
export const lifecycleLooks = recordKind<true>()('lifecycleLook', ['string', 'integer', 'string'])

export interface LifecycleIndexState {
  /** How often rules were put: who goes by them for a while sees whether they are the same still. */
  puts?: number
  /** What is still to be gone through until the index is whole; undefined: it is. */
  build?: IndexBuild
  /** ms since the epoch: what was due by then, by these rules, is done; undefined: nothing is yet. */
  ranAt?: number
}

export interface IndexBuild {
  /** Which pass (`lifecycle/build-index.ts`). */
  pass: number
  /** The key to go on behind; undefined: from the beginning. */
  after?: readonly KeyPart[]
}

export const indexStates = recordKind<LifecycleIndexState>()('lifecycleIndex', ['string'])

const day = 86_400_000

/** The number of the midnight from which a time's age counts, in days since the epoch. @param time ms since the epoch */
export function ageDay(time: number): number {
  return Math.ceil(time / day)
}

/** The number of the day that it is. @param time ms since the epoch */
export function dayOf(time: number): number {
  return Math.floor(time / day)
}

/** Stages the entry of a version that is staged. */
export function indexVersion(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  transaction.add(indexedVersions, [bucket, ageDay(version.lastModified), key, orderOf(version)], true)
}

/**
 * Stages the entry of a replica that is staged, whose date may lie behind what was looked at already, and of what made room for it.
 * @param now ms since the epoch
 */
export function indexPlaced(
  transaction: Transaction,
  place: Place,
  replica: ObjectVersion,
  moves: readonly VersionMove[],
  now: number,
): void {
  for (const { before } of moves) unindexVersion(transaction, place, before)
  for (const { after } of moves) indexVersion(transaction, place, after)
  indexVersion(transaction, place, replica)
  stageLook(transaction, place, dayOf(now) + 1)
}

/** Takes the entry of a version away that goes. */
export function unindexVersion(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  transaction.delete(indexedVersions, [bucket, ageDay(version.lastModified), key, orderOf(version)])
}

/**
 * Takes the entry of a version away that is erased, before it is. Where it was current, one of another age becomes current; below a
 * delete marker perhaps nothing is left.
 * @param now ms since the epoch
 */
export function unindexErased(transaction: Transaction, place: Place, version: ObjectVersion, now: number): void {
  unindexVersion(transaction, place, version)
  const current = currentOf(transaction, place)
  const isOnly = current?.order === undefined
  const showsAnother = current && (isMarker(current) || current.versionId === version.versionId)
  if (showsAnother && !isOnly) stageLook(transaction, place, dayOf(now) + 1)
}

/**
 * Has a version looked at tomorrow of which something changes that rules weigh besides age: tags, class, locks, replication.
 * @param record as it is about to be staged
 * @param now ms since the epoch
 */
export function lookAtAmended(transaction: Transaction, place: Place, record: ObjectRecord, now: number): void {
  const before = versionOf(transaction, place, record.versionId)
  const isObject = before && !isMarker(before)
  const isSame = isObject && before.attributes === record.attributes && before.replication === record.replication
  if (!isSame) stageLook(transaction, place, dayOf(now) + 1)
}

/** An upload, as far as it is indexed. */
interface IndexedUpload {
  bucket: string
  key: string
  uploadId: string
  record: { initiated: number }
}

export function indexUpload(transaction: Transaction, { bucket, key, uploadId, record }: IndexedUpload): void {
  transaction.add(indexedUploads, [bucket, ageDay(record.initiated), key, uploadId], true)
}

export function unindexUpload(transaction: Transaction, { bucket, key, uploadId, record }: IndexedUpload): void {
  transaction.delete(indexedUploads, [bucket, ageDay(record.initiated), key, uploadId])
}

/** Has the versions of a key looked at on a day. */
export function stageLook(transaction: Transaction, [bucket, key]: Place, onDay: number): void {
  transaction.add(lifecycleLooks, [bucket, onDay, key], true)
}

/** @returns undefined: there is no index, or it is of before indexes were there */
export function indexState(reader: Reader, bucket: string): LifecycleIndexState | undefined {
  return reader.get(indexStates, [bucket])
}

export function putIndexState(transaction: Transaction, bucket: string, state: LifecycleIndexState): void {
  transaction.put(indexStates, [bucket], state)
}

export function deleteIndexState(transaction: Transaction, bucket: string): void {
  transaction.delete(indexStates, [bucket])
}

/**
 * Stages what other rules mean for the index: all of it is to be gone through by them.
 * @param isKept whether writes have kept it until now; else it is built anew
 */
export function stageRules(transaction: Transaction, bucket: string, isKept: boolean): void {
  const { puts = 0, build } = indexState(transaction, bucket) ?? firstBuild
  putIndexState(transaction, bucket, { puts: puts + 1, build: isKept ? build : firstBuild.build })
}

/** Of an index that is not begun. */
export const firstBuild: LifecycleIndexState = { build: { pass: 0 } }
