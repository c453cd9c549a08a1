import { keyArn } from '../aws/arn.ts'
import { type KeySpec, type KeyUsage, keySpecs } from './key-specs.ts'

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
  service?: 's3'
  /** ms since the epoch */
  creationDate: number
  enabled: boolean
  /** ms since the epoch; from then on the key is gone */
  deletionDate?: number
  policy: string
  tags: Tag[]
  /** The material that encrypts; undefined before an import, and for keys that are not symmetric. */
  currentMaterialId?: string
}

export const keyStates = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable'] as const
export type KeyState = (typeof keyStates)[number]

const day = 24 * 60 * 60 * 1000

/** The key's ARN. */
export function arnOf({ region, accountId, keyId }: Pick<KeyRecord, 'region' | 'accountId' | 'keyId'>): string {
  return keyArn(region, accountId, keyId)
}

/** A function of the record and the clock; no timer changes a key. */
export function stateOf(key: KeyRecord): KeyState {
  if (key.deletionDate !== undefined) return 'PendingDeletion'
  if (key.origin === 'EXTERNAL' && key.currentMaterialId === undefined) return 'PendingImport'
  return key.enabled ? 'Enabled' : 'Disabled'
}

/** Whether the waiting period has passed: then the key and all that names it do not exist any more. */
export function isGone(key: KeyRecord, now: number): boolean {
  return key.deletionDate !== undefined && key.deletionDate <= now
}

export function enabled(key: KeyRecord): KeyRecord {
  return { ...key, enabled: true }
}

export function disabled(key: KeyRecord): KeyRecord {
  return { ...key, enabled: false }
}

export function scheduledForDeletion(key: KeyRecord, now: number, pendingWindowInDays: number): KeyRecord {
  return { ...key, deletionDate: now + pendingWindowInDays * day }
}

/** A key whose deletion is cancelled is disabled; EnableKey is needed again (KMS Developer Guide). */
export function deletionCancelled(key: KeyRecord): KeyRecord {
  return { ...key, enabled: false, deletionDate: undefined }
}

export function isSymmetric(key: KeyRecord): boolean {
  return key.keySpec === 'SYMMETRIC_DEFAULT'
}

/** Seconds with a fraction, as timestamps are on the wire. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1000
}

/** KeyMetadata as DescribeKey and CreateKey show it (recorded replies). */
export function metadataOf(key: KeyRecord) {
  const state = stateOf(key)
  return {
    AWSAccountId: key.accountId,
    KeyId: key.keyId,
    Arn: arnOf(key),
    CreationDate: seconds(key.creationDate),
    Enabled: state === 'Enabled',
    Description: key.description,
    KeyUsage: key.keyUsage,
    KeyState: state,
    DeletionDate: key.deletionDate === undefined ? undefined : seconds(key.deletionDate),
    Origin: key.origin,
    KeyManager: key.keyManager,
    CustomerMasterKeySpec: key.keySpec,
    KeySpec: key.keySpec,
    ...algorithmsOf(key),
    MultiRegion: false,
    CurrentKeyMaterialId: key.currentMaterialId,
  }
}

const algorithmMembers: Record<KeyUsage, string> = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
}

function algorithmsOf({ keySpec, keyUsage }: KeyRecord) {
  return { [algorithmMembers[keyUsage]]: keySpecs[keySpec].algorithms[keyUsage] }
}
