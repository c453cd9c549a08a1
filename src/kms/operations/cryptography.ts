import { required, structure } from '../../protocol/shapes.ts'
import { type BlobHeader, type BlobPurpose, openBlob, parseBlob, sealBlob } from '../ciphertext-blob.ts'
import type { EncryptionContext as Context } from '../client.ts'
import { canonicalContext } from '../encryption-context.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../key.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import {
  CiphertextBlob,
  DryRun,
  EncryptionAlgorithm,
  EncryptionContext,
  GrantTokens,
  KeyId,
  Plaintext,
  Recipient,
} from '../shapes.ts'
import { refuseRecipient, requireAlgorithm } from './key-use.ts'

const symmetric = 'SYMMETRIC_DEFAULT'

export const Encrypt = kmsOperation({
  name: 'Encrypt',
  input: structure({
    KeyId: required(KeyId),
    Plaintext: required(Plaintext),
    EncryptionContext,
    GrantTokens,
    EncryptionAlgorithm,
    DryRun,
  }),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId, aliases: true, encryptionContext: input.EncryptionContext }],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: {
    request: ['KeyId', 'EncryptionAlgorithm', 'EncryptionContext'],
    defaults: { encryptionAlgorithm: symmetric },
  },
  handle(call, input) {
    requireEncryption(call.key, input.EncryptionAlgorithm)
    const { blob, materialId } = seal(call, call.key, 'Encrypt', input.Plaintext, input.EncryptionContext)
    call.additionalEventData = { keyMaterialId: materialId }
    return { CiphertextBlob: blob, KeyId: arnOf(call.key), EncryptionAlgorithm: symmetric }
  },
})

export const Decrypt = kmsOperation({
  name: 'Decrypt',
  input: structure({
    CiphertextBlob: required(CiphertextBlob),
    EncryptionContext,
    GrantTokens,
    KeyId,
    EncryptionAlgorithm,
    Recipient,
    DryRun,
  }),
  readOnly: true,
  check: ({ Recipient }) => refuseRecipient(Recipient),
  keys: (input) => [
    {
      identifier: input.KeyId,
      aliases: true,
      ciphertext: readHeader(input.CiphertextBlob, input.EncryptionAlgorithm),
      encryptionContext: input.EncryptionContext,
    },
  ],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: {
    request: ['KeyId', 'EncryptionAlgorithm', 'EncryptionContext'],
    defaults: { encryptionAlgorithm: symmetric },
  },
  handle(call, input) {
    requireEncryption(call.key, input.EncryptionAlgorithm)
    const { plaintext, materialId } = open(call, call.key, input.CiphertextBlob, input.EncryptionContext)
    call.additionalEventData = { keyMaterialId: materialId }
    return {
      KeyId: arnOf(call.key),
      Plaintext: plaintext,
      EncryptionAlgorithm: symmetric,
      KeyMaterialId: materialId,
    }
  },
})

export const ReEncrypt = kmsOperation({
  name: 'ReEncrypt',
  input: structure({
    CiphertextBlob: required(CiphertextBlob),
    SourceEncryptionContext: EncryptionContext,
    SourceKeyId: KeyId,
    DestinationKeyId: required(KeyId),
    DestinationEncryptionContext: EncryptionContext,
    SourceEncryptionAlgorithm: EncryptionAlgorithm,
    DestinationEncryptionAlgorithm: EncryptionAlgorithm,
    GrantTokens,
    DryRun,
  }),
  readOnly: true,
  keys: (input) => [
    {
      identifier: input.SourceKeyId,
      aliases: true,
      ciphertext: readHeader(input.CiphertextBlob, input.SourceEncryptionAlgorithm),
      action: 'kms:ReEncryptFrom',
      encryptionContext: input.SourceEncryptionContext,
    },
    {
      identifier: input.DestinationKeyId,
      aliases: true,
      action: 'kms:ReEncryptTo',
      encryptionContext: input.DestinationEncryptionContext,
    },
  ],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: {
    request: [
      'SourceKeyId',
      'SourceEncryptionAlgorithm',
      'SourceEncryptionContext',
      'DestinationKeyId',
      'DestinationEncryptionAlgorithm',
      'DestinationEncryptionContext',
    ],
    defaults: { sourceEncryptionAlgorithm: symmetric, destinationEncryptionAlgorithm: symmetric },
  },
  handle(call, input) {
    const [source = call.key, destination = call.key] = call.keys
    requireEncryption(source, input.SourceEncryptionAlgorithm)
    requireEncryption(destination, input.DestinationEncryptionAlgorithm)
    const opened = open(call, source, input.CiphertextBlob, input.SourceEncryptionContext)
    const sealed = seal(call, destination, 'Encrypt', opened.plaintext, input.DestinationEncryptionContext)
    call.additionalEventData = {
      sourceKeyMaterialId: opened.materialId,
      destinationKeyMaterialId: sealed.materialId,
    }
    return {
      CiphertextBlob: sealed.blob,
      SourceKeyId: arnOf(source),
      KeyId: arnOf(destination),
      SourceEncryptionAlgorithm: symmetric,
      DestinationEncryptionAlgorithm: symmetric,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: sealed.materialId,
    }
  },
})

/** Seals bytes under the key's current material. Precondition: the key is symmetric and enabled. */
export function seal(call: KmsCall, key: KeyRecord, purpose: BlobPurpose, plaintext: Uint8Array, context?: Context) {
  const materialId = key.currentMaterialId
  const material = materialId && call.materials.open(call.transaction, key, materialId)
  if (!materialId || !material) throw new Error(`The key ${key.keyId} has no material`)
  const header = { keyId: key.keyId, materialId }
  const salt = call.ambient.randomBytes(32)
  return { blob: sealBlob(purpose, header, material, salt, plaintext, canonicalContext(context)), materialId }
}

/** Opens a blob of the key. Precondition: the blob names this key. */
function open(call: KmsCall, key: KeyRecord, blob: Buffer, context?: Context) {
  const header = parseBlob(blob)
  const material = header && call.materials.open(call.transaction, key, header.materialId)
  const plaintext = material && openBlob(blob, material, canonicalContext(context))
  if (!plaintext) throw kmsErrors.InvalidCiphertextException()
  return { plaintext, materialId: header.materialId }
}

/** Ciphertexts of other algorithms than the symmetric one name no key. */
function readHeader(blob: Buffer, algorithm: string = symmetric): BlobHeader | undefined {
  const header = algorithm === symmetric ? parseBlob(blob) : undefined
  if (!header && algorithm === symmetric) throw kmsErrors.InvalidCiphertextException()
  return header
}

function requireEncryption(key: KeyRecord, algorithm: string = symmetric): void {
  requireAlgorithm(key, algorithm)
  if (algorithm === symmetric) return
  throw kmsErrors.UnsupportedOperationException(
    `${algorithm} is not supported: only symmetric keys have material here.`,
  )
}
