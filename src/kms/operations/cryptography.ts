import { enumeration, list, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
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
import { decrypt, encrypt, readHeader, symmetric } from './ciphering.ts'
import { refuseRecipient } from './key-use.ts'

const DryRunModifiers = list(enumeration(['IGNORE_CIPHERTEXT']))

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
    const { key } = call
    const { EncryptionAlgorithm: algorithm = symmetric, EncryptionContext: context } = input
    const { bytes, materialId } = encrypt(call, { key, algorithm, bytes: input.Plaintext, context })
    noteMaterials(call, { keyMaterialId: materialId })
    return { CiphertextBlob: bytes, KeyId: arnOf(key), EncryptionAlgorithm: algorithm }
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
    DryRunModifiers,
  }),
  readOnly: true,
  differs: 'Recipient is refused. DryRunModifiers is refused.',
  check(input) {
    refuseRecipient(input.Recipient)
    refuseModifiers(input.DryRunModifiers)
  },
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
    const { key } = call
    const { EncryptionAlgorithm: algorithm = symmetric, EncryptionContext: context } = input
    const { bytes, materialId } = decrypt(call, { key, algorithm, bytes: input.CiphertextBlob, context })
    noteMaterials(call, { keyMaterialId: materialId })
    return { KeyId: arnOf(key), Plaintext: bytes, EncryptionAlgorithm: algorithm, KeyMaterialId: materialId }
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
    DryRunModifiers,
  }),
  readOnly: true,
  differs: 'DryRunModifiers is refused.',
  check: (input) => refuseModifiers(input.DryRunModifiers),
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
    const opened = decrypt(call, {
      key: source,
      algorithm: input.SourceEncryptionAlgorithm,
      bytes: input.CiphertextBlob,
      context: input.SourceEncryptionContext,
    })
    const sealed = encrypt(call, {
      key: destination,
      algorithm: input.DestinationEncryptionAlgorithm,
      bytes: opened.bytes,
      context: input.DestinationEncryptionContext,
    })
    noteMaterials(call, {
      sourceKeyMaterialId: opened.materialId,
      destinationKeyMaterialId: sealed.materialId,
    })
    return {
      CiphertextBlob: sealed.bytes,
      SourceKeyId: arnOf(source),
      KeyId: arnOf(destination),
      SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm ?? symmetric,
      DestinationEncryptionAlgorithm: input.DestinationEncryptionAlgorithm ?? symmetric,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: sealed.materialId,
    }
  },
})

/** A dry run here is one of a real ciphertext. */
function refuseModifiers(modifiers: readonly string[] | undefined): void {
  if (!modifiers || modifiers.length === 0) return
  throw kmsErrors.UnsupportedOperationException('DryRunModifiers is not supported.')
}

/** Asymmetric keys have one material for ever: it has no id. */
function noteMaterials(call: KmsCall, ids: Record<string, string | undefined>): void {
  const known = Object.entries(ids).filter((entry): entry is [string, string] => entry[1] !== undefined)
  if (known.length > 0) call.additionalEventData = Object.fromEntries(known)
}
