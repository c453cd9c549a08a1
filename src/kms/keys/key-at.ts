import { createHash } from 'node:crypto'
import { day, type KeyRecord, materialsOf } from './key.ts'

/*
 * What the clock brings to a key. A record says what was asked for; the key as it is follows from it and the moment:
 *
 *   rotation due, on-demand rotation done   → one more material each, the newest is the current one
 *   imported material expired               → it is not there any more (PendingImport)
 *   replicas gone                           → not of the set any more; a waiting primary key's own days begin
 *   deletion due                            → no key
 *
 * A pure function: reading writes nothing, and whoever changes a key stores it with what the clock had brought by then.
 */

/** ms; long enough to be seen under way (evidence: kms-rotation-on-demand). */
export const onDemandDuration = 2000

/** The key at a moment; undefined when its deletion is due: then it and all that names it do not exist any more. */
export function keyAt(record: KeyRecord, now: number): KeyRecord | undefined {
  const key = withReplicasLeft(record, now)
  if (key.deletionDate !== undefined && key.deletionDate <= now) return undefined
  return withoutExpired(rotated(key, now), now)
}

/** When the clock changes a key next that is as `keyAt` gives it, in ms since the epoch; infinity: it does not. */
export function nextChange(key: KeyRecord): number {
  const { deletionDate, imports = {}, multiRegion } = key
  const never = Number.POSITIVE_INFINITY
  const ends = Object.values(imports).map(({ validTo = never }) => validTo)
  const replicas = (multiRegion?.replicas ?? []).map(({ deletionDate = never }) => deletionDate)
  return Math.min(deletionDate ?? never, nextRotation(key).date, ...ends, ...replicas)
}

function withReplicasLeft(key: KeyRecord, now: number): KeyRecord {
  const { multiRegion, deletionWindow } = key
  if (!multiRegion) return key
  const gone = multiRegion.replicas.flatMap(({ deletionDate = Number.POSITIVE_INFINITY }) =>
    deletionDate <= now ? [deletionDate] : [],
  )
  if (gone.length === 0) return key
  const replicas = multiRegion.replicas.filter(({ deletionDate = Number.POSITIVE_INFINITY }) => deletionDate > now)
  const left = { ...key, multiRegion: { ...multiRegion, replicas } }
  if (deletionWindow === undefined || replicas.length > 0) return left
  return { ...left, deletionWindow: undefined, deletionDate: Math.max(...gone) + deletionWindow * day }
}

interface DueRotation {
  type: 'AUTOMATIC' | 'ON_DEMAND'
  date: number
}

function rotated(record: KeyRecord, now: number): KeyRecord {
  let key = record
  for (let due = nextRotation(key); due.date <= now; due = nextRotation(key)) key = rotatedOnce(key, due)
  return key
}

/** The next rotation that is certain; one that never comes lies in infinity. */
function nextRotation({ rotation, onDemandRotation }: KeyRecord): DueRotation {
  const never = Number.POSITIVE_INFINITY
  const automatic = rotation && !rotation.isPaused ? rotation.nextDate : never
  const onDemand = onDemandRotation === undefined ? never : onDemandRotation + onDemandDuration
  return onDemand < automatic ? { type: 'ON_DEMAND', date: onDemand } : { type: 'AUTOMATIC', date: automatic }
}

/** On-demand rotations do not change the automatic schedule (RotateKeyOnDemand's API reference). */
function rotatedOnce(key: KeyRecord, { type, date }: DueRotation): KeyRecord {
  const before = materialsOf(key)
  const currentMaterialId = key.pendingMaterialId ?? nextMaterialId(before[0]?.materialId ?? '', before.length)
  const materials = [...before, { materialId: currentMaterialId, rotationDate: date, rotationType: type }]
  const { rotation } = key
  if (type === 'ON_DEMAND') {
    return { ...key, currentMaterialId, materials, pendingMaterialId: undefined, onDemandRotation: undefined }
  }
  const next = rotation && { ...rotation, nextDate: date + rotation.periodInDays * day }
  return { ...key, currentMaterialId, materials, rotation: next }
}

/** Follows from the first one, so that all who look see the same before anybody wrote it down. Tells nothing of the material. */
function nextMaterialId(firstMaterialId: string, index: number): string {
  return createHash('sha256').update(`kms key material ${firstMaterialId} ${index}`).digest('hex')
}

function withoutExpired(key: KeyRecord, now: number): KeyRecord {
  if (!key.imports) return key
  const all = Object.entries(key.imports)
  const valid = all.filter(([, { validTo = Number.POSITIVE_INFINITY }]) => validTo > now)
  return valid.length === all.length ? key : { ...key, imports: Object.fromEntries(valid) }
}
