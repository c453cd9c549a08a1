import { enumeration, list, required, structure } from '../../protocol/shapes.ts'
import { decrypt, encrypt, materialIds, readHeader, symmetric } from '../cryptography/ciphering.ts'
import { refuseRecipient } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import { kmsOperation } from '../operation.ts'
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
  takesAliases: true,
  keys: ({ KeyId: identifier, EncryptionContext: encryptionContext, EncryptionAlgorithm: algorithm = symmetric }) => [
    { identifier, encryptionContext, encryptionAlgorithm: algorithm },
  ],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: {
    request: ['KeyId', 'EncryptionAlgorithm', 'EncryptionContext'],
    defaults: { encryptionAlgorithm: symmetric },
  },
  handle(call, { input, targets: [{ key }] }) {
    const { EncryptionAlgorithm: algorithm = symmetric, EncryptionContext: context } = input
    const { bytes, materialId } = encrypt(call, { key, algorithm, bytes: input.Plaintext, context })
    return {
      output: { CiphertextBlob: bytes, KeyId: arnOf(key), EncryptionAlgorithm: algorithm },
      additionalEventData: materialIds({ keyMaterialId: materialId }),
    }
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
  takesAliases: true,
  keys: ({
    KeyId: identifier,
    CiphertextBlob: blob,
    EncryptionAlgorithm: algorithm = symmetric,
    EncryptionContext,
  }) => [
    {
      identifier,
      ciphertext: readHeader(blob, algorithm),
      encryptionContext: EncryptionContext,
      encryptionAlgorithm: algorithm,
    },
  ],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: {
    request: ['KeyId', 'EncryptionAlgorithm', 'EncryptionContext'],
    defaults: { encryptionAlgorithm: symmetric },
  },
  handle(call, { input, targets: [{ key, demand }] }) {
    const { EncryptionAlgorithm: algorithm = symmetric, EncryptionContext: context, CiphertextBlob: blob } = input
    const { bytes, materialId } = decrypt(call, { key, algorithm, header: demand.ciphertext, bytes: blob, context })
    return {
      output: { KeyId: arnOf(key), Plaintext: bytes, EncryptionAlgorithm: algorithm, KeyMaterialId: materialId },
      additionalEventData: materialIds({ keyMaterialId: materialId }),
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
    DryRunModifiers,
  }),
  readOnly: true,
  differs: 'DryRunModifiers is refused.',
  check: (input) => refuseModifiers(input.DryRunModifiers),
  takesAliases: true,
  keys: ({ SourceEncryptionAlgorithm = symmetric, DestinationEncryptionAlgorithm = symmetric, ...input }) => [
    {
      identifier: input.SourceKeyId,
      ciphertext: readHeader(input.CiphertextBlob, SourceEncryptionAlgorithm),
      action: 'kms:ReEncryptFrom',
      encryptionContext: input.SourceEncryptionContext,
      encryptionAlgorithm: SourceEncryptionAlgorithm,
    },
    {
      identifier: input.DestinationKeyId,
      action: 'kms:ReEncryptTo',
      encryptionContext: input.DestinationEncryptionContext,
      encryptionAlgorithm: DestinationEncryptionAlgorithm,
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
  handle(call, { input, targets: [source, destination] }) {
    const { SourceEncryptionAlgorithm = symmetric, DestinationEncryptionAlgorithm = symmetric } = input
    const opened = decrypt(call, {
      key: source.key,
      header: source.demand.ciphertext,
      algorithm: SourceEncryptionAlgorithm,
      bytes: input.CiphertextBlob,
      context: input.SourceEncryptionContext,
    })
    const sealed = encrypt(call, {
      key: destination.key,
      algorithm: DestinationEncryptionAlgorithm,
      bytes: opened.bytes,
      context: input.DestinationEncryptionContext,
    })
    return {
      output: {
        CiphertextBlob: sealed.bytes,
        SourceKeyId: arnOf(source.key),
        KeyId: arnOf(destination.key),
        SourceEncryptionAlgorithm,
        DestinationEncryptionAlgorithm,
        SourceKeyMaterialId: opened.materialId,
        DestinationKeyMaterialId: sealed.materialId,
      },
      additionalEventData: materialIds({
        sourceKeyMaterialId: opened.materialId,
        destinationKeyMaterialId: sealed.materialId,
      }),
    }
  },
})

/** A dry run here is one of a real ciphertext. */
function refuseModifiers(modifiers: readonly string[] | undefined): void {
  if (!modifiers || modifiers.length === 0) return
  throw kmsErrors.UnsupportedOperationException('DryRunModifiers is not supported.')
}
