import { keyArn } from '../../aws/arn.ts'
import type { KeyState } from '../key-state.ts'
import type { KeySpec, KeyUsage } from './key-specs.ts'
import type { ManagedKeyService } from './predefined-aliases.ts'

export interface Tag {
  TagKey: string
  TagValue: string
}

/** A KMS key as the store keeps it. Its state is not in it: that follows from the record and the clock. */
export interface KeyRecord {
  keyId: string
  accountId: string
  region: string
  description: string
  keySpec: KeySpec
  keyUsage: KeyUsage
  origin: 'AWS_KMS' | 'EXTERNAL'
  keyManager: 'CUSTOMER' | 'AWS'
  /** Of an AWS managed key: the service it belongs to. */
  service?: ManagedKeyService
  /** ms since the epoch */
  creationDate: number
  enabled: boolean
  /** ms since the epoch; from then on the key is gone */
  deletionDate?: number
  policy: string
  tags: Tag[]
  /** The material that encrypts; undefined before an import, and for declared keys that have none. */
  currentMaterialId?: string
  /** Every material that ever was the current one, oldest first; undefined: the current one alone. */
  materials?: KeyMaterial[]
  /** Imported, and waiting for RotateKeyOnDemand. */
  pendingMaterialId?: string
  /** Automatic rotation, while it is enabled. */
  rotation?: Rotation
  /** ms since the epoch: when the on-demand rotation began that is not done yet */
  onDemandRotation?: number
  /** What of its material an EXTERNAL key holds now, in this Region. */
  imports?: Record<string, ImportedMaterial>
  /** Of imported material, by its id: kept for when the same material is imported again. */
  descriptions?: Record<string, string>
  multiRegion?: MultiRegion
  /** Of a primary key that waits for its replicas to be gone before its own days begin. */
  deletionWindow?: number
}

export interface KeyMaterial {
  materialId: string
  /** ms since the epoch; undefined for the first */
  rotationDate?: number
  rotationType?: 'AUTOMATIC' | 'ON_DEMAND'
  /** The trail has the event of this rotation. */
  isRecorded?: boolean
}

export interface Rotation {
  periodInDays: number
  /** ms since the epoch */
  nextDate: number
  /** The key is disabled or pending deletion: nothing rotates until it is enabled again. */
  isPaused?: boolean
}

export interface ImportedMaterial {
  /** ms since the epoch; undefined: it does not expire */
  validTo?: number
}

/** The set a multi-Region key belongs to; the same in each of its keys. */
export interface MultiRegion {
  primaryRegion: string
  replicas: { region: string; deletionDate?: number }[]
}

export const day = 24 * 60 * 60 * 1000

/** The key's ARN. */
export function arnOf({ region, accountId, keyId }: Pick<KeyRecord, 'region' | 'accountId' | 'keyId'>): string {
  return keyArn(region, accountId, keyId)
}

/** The state of a key as `keyAt` gives it: no timer changes a key. */
export function stateOf(key: KeyRecord): KeyState {
  if (key.deletionDate !== undefined) return 'PendingDeletion'
  if (key.deletionWindow !== undefined) return 'PendingReplicaDeletion'
  if (key.origin === 'EXTERNAL' && !isImported(key)) return 'PendingImport'
  return key.enabled ? 'Enabled' : 'Disabled'
}

/** All material that is the key's for ever, oldest first. */
export function materialsOf({ materials, currentMaterialId }: KeyRecord): readonly KeyMaterial[] {
  return materials ?? (currentMaterialId === undefined ? [] : [{ materialId: currentMaterialId }])
}

/** An EXTERNAL key works only while all of its material is there (ImportKeyMaterial's API reference). */
function isImported(key: KeyRecord): boolean {
  const materials = materialsOf(key)
  return materials.length > 0 && materials.every(({ materialId }) => key.imports?.[materialId] !== undefined)
}

/** Whether what a set of multi-Region keys shares is decided by this one. */
export function isPrimary({ multiRegion, region }: KeyRecord): boolean {
  return multiRegion === undefined || multiRegion.primaryRegion === region
}

export function enabled(key: KeyRecord, now: number): KeyRecord {
  return { ...key, enabled: true, ...(isPrimary(key) && rotationResumed(key, now)) }
}

/** KMS rotates no disabled key; one that is overdue rotates when it is enabled again (KMS Developer Guide). */
export function disabled(key: KeyRecord): KeyRecord {
  return { ...key, enabled: false, ...(isPrimary(key) && rotationPaused(key)) }
}

/** A primary key with replicas waits for the last of them to be gone (KMS Developer Guide). */
export function scheduledForDeletion(key: KeyRecord, now: number, pendingWindowInDays: number): KeyRecord {
  const deletionDate = now + pendingWindowInDays * day
  if (!isPrimary(key)) return { ...key, deletionDate, ...replicaDeletion(key, deletionDate) }
  const paused = { ...key, ...rotationPaused(key) }
  const waits = (key.multiRegion?.replicas.length ?? 0) > 0
  return waits ? { ...paused, deletionWindow: pendingWindowInDays } : { ...paused, deletionDate }
}

/** A key whose deletion is cancelled is disabled; EnableKey is needed again (KMS Developer Guide). */
export function deletionCancelled(key: KeyRecord): KeyRecord {
  const cancelled = { ...key, enabled: false, deletionDate: undefined, deletionWindow: undefined }
  return isPrimary(key) ? cancelled : { ...cancelled, ...replicaDeletion(key, undefined) }
}

export function rotationPaused({ rotation }: KeyRecord): Pick<KeyRecord, 'rotation'> {
  return { rotation: rotation && { ...rotation, isPaused: true } }
}

export function rotationResumed({ rotation }: KeyRecord, now: number): Pick<KeyRecord, 'rotation'> {
  if (!rotation?.isPaused) return { rotation }
  const { periodInDays, nextDate } = rotation
  return { rotation: { periodInDays, nextDate: Math.max(nextDate, now) } }
}

function replicaDeletion({ multiRegion, region }: KeyRecord, deletionDate: number | undefined) {
  const replicas = multiRegion?.replicas.map((replica) =>
    replica.region === region ? { region, deletionDate } : replica,
  )
  return { multiRegion: multiRegion && replicas && { ...multiRegion, replicas } }
}

export function isSymmetric(key: KeyRecord): boolean {
  return key.keySpec === 'SYMMETRIC_DEFAULT'
}

/** Seconds with a fraction, as timestamps are on the wire. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000
}

/** A timestamp on the wire, where there is one. */
export function optionalSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : seconds(milliseconds)
}
