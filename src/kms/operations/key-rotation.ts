import { enumeration, integer, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import {
  arnOf,
  day,
  isPrimary,
  isSymmetric,
  type KeyRecord,
  materialsOf,
  optionalSeconds,
  stateOf,
} from '../keys/key.ts'
import { expirationModelOf } from '../keys/key-metadata.ts'
import { putKey, relatedKeys } from '../keys/key-store.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { limited, pageOf, positionOfMarker } from '../pages.ts'
import { KeyId, Limit, Marker } from '../shapes.ts'

const usualPeriod = 365
const onDemandLimit = 25
/** No on-demand rotation this near to an automatic one (evidence: kms-rotation-conflict). */
const conflictWindow = 20 * 60 * 1000

export const EnableKeyRotation = kmsOperation({
  name: 'EnableKeyRotation',
  input: structure({ KeyId: required(KeyId), RotationPeriodInDays: integer({ min: 90, max: 2560 }) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  // 365 when none is sent (evidence: kms-rotation-period).
  conditionKeys: ({ RotationPeriodInDays: days = usualPeriod }) => ({ 'kms:RotationPeriodInDays': days }),
  changesKeys: true,
  // In PendingImport it is refused for the key's origin.
  usableIn: ['Enabled', 'PendingImport'],
  audit: { request: ['KeyId', 'RotationPeriodInDays'] },
  handle({ now, transaction }, { input, targets: [{ key }] }) {
    if (!isSymmetric(key)) throw kmsErrors.UnsupportedOperationException('')
    requireOwnMaterial(key)
    requirePrimary(key)
    const periodInDays = input.RotationPeriodInDays ?? key.rotation?.periodInDays ?? usualPeriod
    // The same period again changes nothing; another one begins to run now (evidence: kms-rotation-period).
    if (key.rotation?.periodInDays === periodInDays) return undefined
    putKey(transaction, { ...key, rotation: { periodInDays, nextDate: now + periodInDays * day } })
    return undefined
  },
})

export const DisableKeyRotation = kmsOperation({
  name: 'DisableKeyRotation',
  input: structure({ KeyId: required(KeyId) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: ['Enabled', 'PendingImport'],
  audit: { request: ['KeyId'] },
  // A key that cannot rotate has nothing to disable: no refusal (evidence: kms-rotation-disabled).
  handle({ transaction }, { targets: [{ key }] }) {
    requireOwnMaterial(key)
    if (isSymmetric(key)) requirePrimary(key)
    putKey(transaction, { ...key, rotation: undefined })
    return undefined
  },
})

export const GetKeyRotationStatus = kmsOperation({
  name: 'GetKeyRotationStatus',
  input: structure({ KeyId: required(KeyId) }),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId'] },
  // Without rotation only the first two members are answered (evidence: kms-rotation-disabled).
  handle(_call, { targets: [{ key }] }) {
    if (stateOf(key) === 'PendingImport') requireOwnMaterial(key)
    const schedule = shownSchedule(key)
    const output = {
      KeyId: arnOf(key),
      KeyRotationEnabled: schedule !== undefined,
      RotationPeriodInDays: schedule?.periodInDays,
      NextRotationDate: optionalSeconds(schedule?.nextDate),
      OnDemandRotationStartDate: optionalSeconds(key.onDemandRotation),
    }
    return { output }
  },
})

export const RotateKeyOnDemand = kmsOperation({
  name: 'RotateKeyOnDemand',
  input: structure({ KeyId: required(KeyId) }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: ['Enabled'],
  audit: { request: ['KeyId'], response: ['KeyId'] },
  handle(call, { targets: [{ key }] }) {
    const { now, transaction } = call
    if (!isSymmetric(key)) throw kmsErrors.UnsupportedOperationException('')
    requirePrimary(key)
    // Asked for again while it runs: it is the same rotation (evidence: kms-rotation-on-demand).
    if (key.onDemandRotation !== undefined) return { output: { KeyId: arnOf(key) } }
    if (key.origin === 'EXTERNAL') requirePendingMaterial(call, key)
    refuseTooManyRotations(key)
    if (key.rotation && key.rotation.nextDate - now <= conflictWindow) {
      throw kmsErrors.ConflictException(
        'An automatic rotation of this key is currently in progress or scheduled to begin within the next 20 minutes.',
      )
    }
    putKey(transaction, { ...key, onDemandRotation: now })
    return { output: { KeyId: arnOf(key) } }
  },
})

export const ListKeyRotations = kmsOperation({
  name: 'ListKeyRotations',
  input: structure({
    KeyId: required(KeyId),
    IncludeKeyMaterial: enumeration(['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY']),
    Limit,
    Marker,
  }),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId }],
  audit: { request: ['KeyId', 'IncludeKeyMaterial', 'Limit', 'Marker'] },
  async handle(call, { input, targets: [{ key }] }) {
    const all = rotationEntries(call, key)
    const entries =
      input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL' ? all : all.filter(({ RotationDate }) => RotationDate)
    const after = positionOfMarker(input.Marker)
    const begin = after === undefined ? 0 : entries.findIndex(({ KeyMaterialId }) => KeyMaterialId === after) + 1
    const limit = limited(input.Limit, { usual: 100, most: 1000 })
    const { rows, ...paging } = await pageOf(entries.slice(begin), limit, ({ KeyMaterialId }) => KeyMaterialId)
    return { output: { Rotations: rows, ...paging } }
  },
})

/**
 * The schedule goes on while a key is disabled, and is not shown while it is pending deletion (evidence: kms-rotation-schedule).
 * That of an AWS managed key is shown too (evidence: kms-managed-rotation).
 */
function shownSchedule({ deletionDate, deletionWindow, rotation }: KeyRecord): KeyRecord['rotation'] {
  return deletionDate === undefined && deletionWindow === undefined ? rotation : undefined
}

/** Oldest first; what waits for its rotation comes last. */
function rotationEntries(call: KmsCall, key: KeyRecord) {
  if (!isSymmetric(key)) return []
  const entries = materialsOf(key).map(({ materialId, rotationDate, rotationType }) => ({
    KeyId: key.keyId,
    KeyMaterialId: materialId,
    ...importOf(key, materialId),
    KeyMaterialState: materialId === key.currentMaterialId ? 'CURRENT' : 'NON_CURRENT',
    RotationDate: optionalSeconds(rotationDate),
    RotationType: rotationType,
  }))
  const { pendingMaterialId } = key
  if (pendingMaterialId === undefined) return entries
  const pending = {
    KeyId: key.keyId,
    KeyMaterialId: pendingMaterialId,
    ...importOf(key, pendingMaterialId),
    KeyMaterialState: isPendingEverywhere(call, key) ? 'PENDING_ROTATION' : 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION',
    RotationDate: undefined,
    RotationType: undefined,
  }
  return [...entries, pending]
}

function importOf({ origin, imports, descriptions }: KeyRecord, materialId: string) {
  if (origin !== 'EXTERNAL') return {}
  const imported = imports?.[materialId]
  return {
    KeyMaterialDescription: descriptions?.[materialId],
    ImportState: imported ? 'IMPORTED' : 'PENDING_IMPORT',
    ExpirationModel: imported && expirationModelOf(imported.validTo),
    ValidTo: optionalSeconds(imported?.validTo),
  }
}

/** Imported material rotates only once it is in every key of the multi-Region set. */
function isPendingEverywhere({ transaction, now }: KmsCall, key: KeyRecord): boolean {
  const { pendingMaterialId = '' } = key
  return relatedKeys(transaction, key, now).every(({ imports }) => imports?.[pendingMaterialId] !== undefined)
}

function requirePendingMaterial(call: KmsCall, key: KeyRecord): void {
  if (key.pendingMaterialId !== undefined && isPendingEverywhere(call, key)) return
  const words = `No available key material pending rotation for the key: ${arnOf(key)}.`
  throw kmsErrors.KMSInvalidStateException(words)
}

function refuseTooManyRotations(key: KeyRecord): void {
  const count = materialsOf(key).filter(({ rotationType }) => rotationType === 'ON_DEMAND').length
  if (count < onDemandLimit) return
  throw kmsErrors.LimitExceededException(
    `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arnOf(key)}`,
  )
}

/** Only material that KMS makes rotates by itself. */
function requireOwnMaterial(key: KeyRecord): void {
  if (key.origin === 'AWS_KMS') return
  const words = `${arnOf(key)} origin is ${key.origin} which is not valid for this operation.`
  throw kmsErrors.UnsupportedOperationException(words)
}

/** Of a multi-Region set only the primary key rotates, and the others with it (KMS Developer Guide). */
function requirePrimary(key: KeyRecord): void {
  if (isPrimary(key)) return
  throw kmsErrors.UnsupportedOperationException(`${arnOf(key)} is not a multi-region primary key.`)
}
