import type { Ambient } from '../../ambient.ts'
import type { Database, Transaction } from '../../store/database.ts'
import type { ServiceEvent } from '../../trail/event.ts'
import type { Trail } from '../../trail/trail.ts'
import { arnOf, isPrimary, isSymmetric, type KeyRecord, materialsOf } from '../keys/key.ts'
import { keyAt } from '../keys/key-at.ts'
import type { KeyName, KeySchedule } from '../keys/key-schedule.ts'
import { isLastOfSet, lockOfKey, putKey, storedKey } from '../keys/key-store.ts'
import { sweepImportTokens } from '../material/import-token.ts'
import type { KeyMaterials } from '../material/key-material.ts'
import { removeKey } from './key-removal.ts'

/*
 * What the clock changes about keys takes effect by itself (`keyAt`). The sweeper removes what is no longer needed, and writes the
 * events that KMS writes by itself, CloudTrail's AwsServiceEvent (evidence: trail-service-events):
 *
 *   deletion due       → record, aliases, grants and material removed    DeleteKey
 *   import expired     → the sealed bytes removed                        DeleteExpiredKeyMaterial
 *   rotated            → nothing to do                                   RotateKey
 */

export interface SweepServices {
  database: Database
  ambient: Ambient
  materials: KeyMaterials
  trail: Trail
  schedule: KeySchedule
}

/** Sweeps all accounts and Regions, one key and one commit at a time. */
export async function sweepKeys(services: SweepServices): Promise<void> {
  const { database, ambient, schedule } = services
  for (const name of await schedule.due(ambient.now())) {
    const lock = { name: lockOfKey(name.region, name.keyId), mode: 'exclusive' } as const
    await database.locks.with([lock], () => sweepKey(services, name))
  }
  await sweepImportTokens(database, ambient.now())
}

/** Imported material is looked at one by one: who changed the key since may have stored that it is gone. */
export function isToBeSwept(record: KeyRecord, key: KeyRecord | undefined): boolean {
  return key !== record || record.origin === 'EXTERNAL' || unrecordedRotations(record).length > 0
}

async function sweepKey(services: SweepServices, name: KeyName): Promise<void> {
  const transaction = services.database.transaction()
  const record = storedKey(transaction, name.region, name.keyId)
  const key = record && keyAt(record, services.ambient.now())
  if (record && !key) await deleteKey(services, transaction, record)
  if (key) {
    await dropExpired(services, transaction, key)
    recordRotations(services, transaction, key)
  }
  await transaction.commit()
  services.schedule.swept(name, key)
  if (record) services.materials.forget(record)
}

async function deleteKey(services: SweepServices, transaction: Transaction, key: KeyRecord): Promise<void> {
  await removeKey(transaction, key)
  if (key.origin === 'EXTERNAL' || isLastOfSet(transaction, key)) {
    for await (const materialId of services.materials.kept(transaction, key)) {
      services.materials.delete(transaction, key, materialId)
    }
  }
  appendEvent(services, transaction, key, { eventName: 'DeleteKey', time: key.deletionDate ?? services.ambient.now() })
}

async function dropExpired(services: SweepServices, transaction: Transaction, key: KeyRecord): Promise<void> {
  if (key.origin !== 'EXTERNAL') return
  for await (const materialId of services.materials.kept(transaction, key)) {
    if (key.imports?.[materialId]) continue
    services.materials.delete(transaction, key, materialId)
    const serviceEventDetails = { keyId: arnOf(key), keyMaterialId: materialId }
    appendEvent(services, transaction, key, { eventName: 'DeleteExpiredKeyMaterial', serviceEventDetails })
  }
}

function recordRotations(services: SweepServices, transaction: Transaction, key: KeyRecord): void {
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
    appendEvent(services, transaction, key, { eventName: 'RotateKey', time: rotationDate, serviceEventDetails })
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

type KeyEvent = Pick<ServiceEvent, 'eventName' | 'serviceEventDetails'> & { time?: number }

function appendEvent(
  { trail, ambient }: SweepServices,
  transaction: Transaction,
  key: KeyRecord,
  event: KeyEvent,
): void {
  trail.appendServiceEvent(transaction, {
    time: ambient.now(),
    ...event,
    service: 'kms',
    region: key.region,
    accountId: key.accountId,
    resources: [{ accountId: key.accountId, type: 'AWS::KMS::Key', ARN: arnOf(key) }],
  })
}
