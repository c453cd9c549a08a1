import type { Ambient } from '../ambient.ts'
import type { Database, Transaction } from '../store/database.ts'
import type { ServiceEvent } from '../trail/event.ts'
import type { Trail } from '../trail/trail.ts'
import { sweepImportTokens } from './import-token.ts'
import { arnOf, isPrimary, isSymmetric, type KeyRecord, materialsOf } from './key.ts'
import { keyAt } from './key-at.ts'
import type { KeyMaterials } from './key-material.ts'
import { removeKey } from './key-removal.ts'
import { isLastOfSet, lockOfKey, putKey, storedKey, storedKeys } from './key-store.ts'

/*
 * What the clock brought to keys takes effect by itself (`keyAt`). The sweeper cleans up behind it, and writes the events
 * that KMS writes when nobody called it (CloudTrail's AwsServiceEvent):
 *
 *   deletion due       → record, aliases, grants and material removed    DeleteKey
 *   import expired     → the sealed bytes removed                        DeleteExpiredKeyMaterial
 *   rotated            → nothing to do                                   RotateKey
 */

export interface SweepRooms {
  database: Database
  ambient: Ambient
  materials: KeyMaterials
  trail: Trail
}

/** Sweeps all accounts and Regions, one key and one commit at a time. */
export async function sweepKeys(rooms: SweepRooms): Promise<void> {
  const { database, ambient } = rooms
  for await (const record of storedKeys(database)) {
    if (!isDue(record, keyAt(record, ambient.now()))) continue
    const lock = { name: lockOfKey(record.region, record.keyId), mode: 'exclusive' } as const
    await database.locks.with([lock], () => sweepKey(rooms, record))
  }
  await sweepImportTokens(database, ambient.now())
}

/** Imported material is looked at one by one: who changed the key since may have stored that it is gone. */
function isDue(record: KeyRecord, key: KeyRecord | undefined): boolean {
  return key !== record || record.origin === 'EXTERNAL' || unrecordedRotations(record).length > 0
}

async function sweepKey(rooms: SweepRooms, { region, keyId }: KeyRecord): Promise<void> {
  const transaction = rooms.database.transaction()
  const record = storedKey(transaction, region, keyId)
  if (!record) return
  const key = keyAt(record, rooms.ambient.now())
  if (!key) await deleteKey(rooms, transaction, record)
  else {
    await dropExpired(rooms, transaction, key)
    recordRotations(rooms, transaction, key)
  }
  await transaction.commit()
  rooms.materials.forget(record)
}

async function deleteKey(rooms: SweepRooms, transaction: Transaction, key: KeyRecord): Promise<void> {
  await removeKey(transaction, key)
  if (key.origin === 'EXTERNAL' || isLastOfSet(transaction, key)) {
    for await (const materialId of rooms.materials.kept(transaction, key)) {
      rooms.materials.delete(transaction, key, materialId)
    }
  }
  tell(rooms, transaction, key, { eventName: 'DeleteKey', time: key.deletionDate ?? rooms.ambient.now() })
}

async function dropExpired(rooms: SweepRooms, transaction: Transaction, key: KeyRecord): Promise<void> {
  if (key.origin !== 'EXTERNAL') return
  for await (const materialId of rooms.materials.kept(transaction, key)) {
    if (key.imports?.[materialId]) continue
    rooms.materials.delete(transaction, key, materialId)
    const serviceEventDetails = { keyId: arnOf(key), keyMaterialId: materialId }
    tell(rooms, transaction, key, { eventName: 'DeleteExpiredKeyMaterial', serviceEventDetails })
  }
}

function recordRotations(rooms: SweepRooms, transaction: Transaction, key: KeyRecord): void {
  const fresh = unrecordedRotations(key)
  if (fresh.length === 0) return
  const all = materialsOf(key)
  for (const { materialId, rotationType, rotationDate } of fresh) {
    const previous = all[all.findIndex((known) => known.materialId === materialId) - 1]
    const serviceEventDetails = {
      keyId: arnOf(key),
      rotationType,
      keyOrigin: key.origin,
      previousKeyMaterialId: previous?.materialId,
      currentKeyMaterialId: materialId,
    }
    tell(rooms, transaction, key, { eventName: 'RotateKey', time: rotationDate, serviceEventDetails })
  }
  const materials = all.map((material) =>
    material.rotationDate === undefined ? material : { ...material, isRecorded: true },
  )
  putKey(transaction, { ...key, materials })
}

/** A multi-Region set rotates in its primary Region. */
function unrecordedRotations(key: KeyRecord) {
  if (!isSymmetric(key) || !isPrimary(key)) return []
  return materialsOf(key).filter(({ rotationDate, isRecorded }) => rotationDate !== undefined && !isRecorded)
}

type Told = Pick<ServiceEvent, 'eventName' | 'serviceEventDetails'> & { time?: number }

function tell({ trail, ambient }: SweepRooms, transaction: Transaction, key: KeyRecord, event: Told): void {
  trail.appendServiceEvent(transaction, {
    time: ambient.now(),
    ...event,
    service: 'kms',
    region: key.region,
    accountId: key.accountId,
    eventId: ambient.uuid(),
    resources: [{ accountId: key.accountId, type: 'AWS::KMS::Key', ARN: arnOf(key) }],
  })
}
