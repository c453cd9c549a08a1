import { enumeration, faultError, required, string, structure, timestamp } from '../../protocol/shapes.ts'
import { requireOffered } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { notPendingDeletion } from '../key-state.ts'
import { arnOf, day, isPrimary, isSymmetric, type KeyRecord, materialsOf, seconds } from '../keys/key.ts'
import { materialLengths } from '../keys/key-specs.ts'
import { putKey, relatedKeys } from '../keys/key-store.ts'
import {
  findImportToken,
  makeImportToken,
  unwrapMaterial,
  wrappingAlgorithms,
  wrappingKeySpecs,
} from '../material/import-token.ts'
import { materialIdOf } from '../material/key-material.ts'
import { isPrivateKeyOf } from '../material/private-keys.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { CiphertextBlob, KeyId } from '../shapes.ts'

type ExpirationModelName = 'KEY_MATERIAL_EXPIRES' | 'KEY_MATERIAL_DOES_NOT_EXPIRE'
const KeyMaterialId = string({ min: 64, max: 64, pattern: '^[a-f0-9]+$' })
const KeyMaterialDescription = string({ max: 256, pattern: '^[a-zA-Z0-9:/_\\s.-]+$' })

interface ImportInput {
  KeyId: string
  ImportToken: Buffer
  EncryptedKeyMaterial: Buffer
  ValidTo?: number
  ExpirationModel?: ExpirationModelName
  ImportType?: 'NEW_KEY_MATERIAL' | 'EXISTING_KEY_MATERIAL'
  KeyMaterialDescription?: string
  KeyMaterialId?: string
}

export const GetParametersForImport = kmsOperation({
  name: 'GetParametersForImport',
  input: structure({
    KeyId: required(KeyId),
    WrappingAlgorithm: required(enumeration(wrappingAlgorithms)),
    WrappingKeySpec: required(enumeration(wrappingKeySpecs)),
  }),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: ({ WrappingAlgorithm, WrappingKeySpec }) => ({
    'kms:WrappingAlgorithm': WrappingAlgorithm,
    'kms:WrappingKeySpec': WrappingKeySpec,
  }),
  usableIn: notPendingDeletion,
  audit: { request: ['KeyId', 'WrappingAlgorithm', 'WrappingKeySpec'] },
  async handle({ transaction, services, now }, { input: { WrappingAlgorithm, WrappingKeySpec }, targets: [{ key }] }) {
    requireExternal(key)
    requireOffered(services, key.keySpec)
    // RSAES-PKCS1-v1_5 was retired in 2023; SM2 is for China Regions (evidence: kms-import).
    if (WrappingAlgorithm === 'RSAES_PKCS1_V1_5' || WrappingAlgorithm === 'SM2PKE' || WrappingKeySpec === 'SM2') {
      throw kmsErrors.UnsupportedOperationException('')
    }
    const { ambient, rootKey, privateKeys } = services
    const parts = {
      transaction,
      rootKey,
      privateKeys,
      randomBytes: (length: number) => ambient.randomBytes(length),
      now,
    }
    const made = await makeImportToken(key, WrappingKeySpec, WrappingAlgorithm, parts)
    const output = {
      KeyId: arnOf(key),
      ImportToken: made.token,
      PublicKey: made.publicKey,
      ParametersValidTo: seconds(made.validTo),
    }
    return { output }
  },
})

export const ImportKeyMaterial = kmsOperation({
  name: 'ImportKeyMaterial',
  input: structure({
    KeyId: required(KeyId),
    ImportToken: required(CiphertextBlob),
    EncryptedKeyMaterial: required(CiphertextBlob),
    ValidTo: timestamp(),
    ExpirationModel: enumeration(['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE']),
    ImportType: enumeration(['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL']),
    KeyMaterialDescription,
    KeyMaterialId,
  }),
  readOnly: false,
  check: checkExpiration,
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: ({ ExpirationModel = 'KEY_MATERIAL_EXPIRES', ValidTo }) => ({
    'kms:ExpirationModel': ExpirationModel,
    // Dates in conditions are ISO 8601.
    'kms:ValidTo': ValidTo === undefined ? undefined : new Date(ValidTo).toISOString(),
  }),
  changesKeys: true,
  usableIn: notPendingDeletion,
  audit: {
    request: ['KeyId', 'ValidTo', 'ExpirationModel', 'ImportType', 'KeyMaterialDescription', 'KeyMaterialId'],
    response: ['KeyId', 'KeyMaterialId'],
  },
  handle(call, { input, targets: [{ key }] }) {
    const { transaction, services } = call
    requireExternal(key)
    requireOffered(services, key.keySpec)
    refuseValidTo(call, input)
    const material = openMaterial(call, input, key)
    if (!fits(key, material)) throw incorrectMaterial(key)
    const materialId = materialIdOf(key.keyId, material)
    if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== materialId) throw incorrectMaterial(key)
    const described = withDescription(withMaterial(key, materialId, input), materialId, input)
    const imports = { ...key.imports, [materialId]: { validTo: input.ValidTo } }
    services.materials.keep(transaction, key, material)
    putKey(transaction, { ...described, imports })
    return { output: { KeyId: arnOf(key), KeyMaterialId: materialId } }
  },
})

export const DeleteImportedKeyMaterial = kmsOperation({
  name: 'DeleteImportedKeyMaterial',
  input: structure({ KeyId: required(KeyId), KeyMaterialId }),
  readOnly: false,
  keys: (input) => [{ identifier: input.KeyId }],
  changesKeys: true,
  usableIn: notPendingDeletion,
  audit: { request: ['KeyId', 'KeyMaterialId'], response: ['KeyId', 'KeyMaterialId'] },
  handle({ transaction, services, now }, { input, targets: [{ key }] }) {
    requireExternal(key)
    const materialId = input.KeyMaterialId ?? key.currentMaterialId
    if (materialId === undefined) return { output: { KeyId: arnOf(key) } }
    if (!isKnown(key, materialId)) {
      throw kmsErrors.NotFoundException(`Key material ${materialId} is not associated with the key: ${arnOf(key)}.`)
    }
    // What never was the current material leaves no trace, and takes its copies in the replicas with it (API reference).
    const isPending = materialId === key.pendingMaterialId && isPrimary(key)
    const holders = isPending ? relatedKeys(transaction, key, now) : [key]
    const forgotten = isPending ? { pendingMaterialId: undefined, onDemandRotation: undefined } : {}
    for (const holder of holders) {
      const { [materialId]: _, ...imports } = holder.imports ?? {}
      services.materials.delete(transaction, holder, materialId)
      putKey(transaction, { ...holder, ...forgotten, imports })
    }
    return { output: { KeyId: arnOf(key), KeyMaterialId: materialId } }
  },
})

function checkExpiration({ ExpirationModel = 'KEY_MATERIAL_EXPIRES', ValidTo, ...input }: ImportInput): void {
  if (ExpirationModel === 'KEY_MATERIAL_EXPIRES' && ValidTo === undefined) {
    throw kmsErrors.ValidationException('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES')
  }
  if (ExpirationModel === 'KEY_MATERIAL_DOES_NOT_EXPIRE' && ValidTo !== undefined) {
    throw kmsErrors.ValidationException(
      'A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    )
  }
  if (input.ImportType === 'NEW_KEY_MATERIAL' && input.KeyMaterialId !== undefined) {
    throw kmsErrors.ValidationException('A keyMaterialId must not be set if the ImportType is NEW_KEY_MATERIAL')
  }
}

/** In the future, and at most 365 days away (API reference). */
function refuseValidTo({ now }: KmsCall, { ValidTo }: ImportInput): void {
  if (ValidTo === undefined || (ValidTo > now && ValidTo <= now + 365 * day)) return
  const words = 'Member must be a date within the next 365 days'
  throw faultError([{ path: ['ValidTo'], kind: 'constraint', words, value: String(seconds(ValidTo)) }])
}

function openMaterial({ transaction, services, now }: KmsCall, input: ImportInput, key: KeyRecord): Buffer {
  const token = findImportToken(transaction, services.rootKey, input.ImportToken)
  if (!token || token.keyArn !== arnOf(key)) throw kmsErrors.InvalidImportTokenException()
  if (token.validTo <= now) throw kmsErrors.ExpiredImportTokenException()
  const material = unwrapMaterial(token, input.EncryptedKeyMaterial)
  if (!material) throw kmsErrors.InvalidCiphertextException()
  return material
}

function fits({ keySpec }: KeyRecord, material: Buffer): boolean {
  const length = materialLengths[keySpec]
  return length === undefined ? isPrivateKeyOf(keySpec, material) : material.length === length
}

/** The key with the material as its own: its first, one it had, or one that waits to become the current one. */
function withMaterial(key: KeyRecord, materialId: string, { ImportType }: ImportInput): KeyRecord {
  const isFirst = materialsOf(key).length === 0
  const type = ImportType ?? (isFirst ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL')
  if (type === 'EXISTING_KEY_MATERIAL') {
    if (isKnown(key, materialId)) return key
    throw incorrectMaterial(key)
  }
  if (materialId === key.pendingMaterialId) return key
  if (isKnown(key, materialId)) throw incorrectMaterial(key)
  if (!isPrimary(key)) {
    throw kmsErrors.UnsupportedOperationException(`${arnOf(key)} is not a multi-region primary key.`)
  }
  if (isFirst) return { ...key, currentMaterialId: materialId }
  if (!isSymmetric(key)) throw incorrectMaterial(key)
  if (key.pendingMaterialId === undefined) return { ...key, pendingMaterialId: materialId }
  throw kmsErrors.KMSInvalidStateException(
    `New key material (id: ${materialId}) cannot be imported into KMS key ${key.keyId}, because another key material (id: ${key.pendingMaterialId}) is pending rotation.`,
  )
}

function withDescription(key: KeyRecord, materialId: string, input: ImportInput): KeyRecord {
  const { KeyMaterialDescription: description } = input
  if (description === undefined) return key
  return { ...key, descriptions: { ...key.descriptions, [materialId]: description } }
}

function isKnown(key: KeyRecord, materialId: string): boolean {
  return materialId === key.pendingMaterialId || materialsOf(key).some((known) => known.materialId === materialId)
}

function incorrectMaterial(key: KeyRecord) {
  return kmsErrors.IncorrectKeyMaterialException(
    `The key material in the request is not the same key material that was previously imported into ${arnOf(key)}.`,
  )
}

function requireExternal(key: KeyRecord): void {
  if (key.origin === 'EXTERNAL') return
  const words = `${arnOf(key)} origin is ${key.origin} which is not valid for this operation.`
  throw kmsErrors.UnsupportedOperationException(words)
}
