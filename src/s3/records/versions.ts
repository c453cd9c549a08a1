import type { Reader, Transaction } from '../../store/database.ts'
import { type ObjectVersion, objectRecords, objectVersions, versionOrders } from './object-record.ts'

/*
 * The order of a key's versions. A new version takes the place of the current one, which goes behind it:
 *
 *   object          v3 ──put v4──▶ v4            ──erase v4──▶ v3
 *   objectVersion   v2 v1         v3 v2 v1                    v2 v1
 */

/** A bucket and a key in it. */
export type Place = readonly [bucket: string, key: string]

/** The first order given; more versions fit below it than anybody writes. */
const firstOrder = 2 ** 52

/** The version of that id, current or not. */
export function versionOf(reader: Reader, [bucket, key]: Place, versionId: string): ObjectVersion | undefined {
  const current = reader.get(objectRecords, [bucket, key])
  if (current?.versionId === versionId) return current
  const order = reader.get(versionOrders, [bucket, key, versionId])
  return order === undefined ? undefined : reader.get(objectVersions, [bucket, key, order])
}

/** All versions of a key that are committed, the newest first. */
export async function* versionsOf(reader: Reader, [bucket, key]: Place): AsyncGenerator<ObjectVersion> {
  const current = reader.get(objectRecords, [bucket, key])
  if (current) yield current
  for await (const { value } of reader.entries(objectVersions, { within: [bucket, key] })) yield value
}

/** The order of a version that is to stand before `current`. */
export function orderBefore(current: ObjectVersion | undefined): number {
  return (current?.order ?? firstOrder) - 1
}

/** Stages a version as the current one; the one that was goes behind it. */
export function stageBefore(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  const current = transaction.get(objectRecords, [bucket, key])
  if (current) stageBehind(transaction, [bucket, key], current)
  transaction.put(objectRecords, [bucket, key], version)
}

function stageBehind(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  const order = version.order ?? firstOrder
  transaction.put(objectVersions, [bucket, key, order], version)
  transaction.put(versionOrders, [bucket, key, version.versionId], order)
}

/** Stages a version anew where it stands. */
export function stageAnew(transaction: Transaction, [bucket, key]: Place, version: ObjectVersion): void {
  const order = transaction.get(versionOrders, [bucket, key, version.versionId])
  if (order === undefined) transaction.put(objectRecords, [bucket, key], version)
  else transaction.put(objectVersions, [bucket, key, order], version)
}

/** Stages the removal of a version that is not current. */
export function stageRemovalBehind(
  transaction: Transaction,
  [bucket, key]: Place,
  { versionId, order }: ObjectVersion,
): void {
  transaction.delete(objectVersions, [bucket, key, order ?? firstOrder])
  transaction.delete(versionOrders, [bucket, key, versionId])
}

/**
 * Stages the removal of the current version: the newest of those behind it becomes the current one. Under the object's lock,
 * as what is behind it is read from what is committed.
 */
export async function stagePromotion(transaction: Transaction, [bucket, key]: Place): Promise<void> {
  for await (const { value } of transaction.entries(objectVersions, { within: [bucket, key], limit: 1 })) {
    stageRemovalBehind(transaction, [bucket, key], value)
    transaction.put(objectRecords, [bucket, key], value)
    return
  }
  transaction.delete(objectRecords, [bucket, key])
}
