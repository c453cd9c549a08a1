import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { seal, symmetric } from '../cryptography/ciphering.ts'
import { noDataKey, refuseRecipient } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { DryRun, EncryptionContext, GrantTokens, KeyId, NumberOfBytes, Recipient } from '../shapes.ts'

const DataKeySpec = enumeration(['AES_256', 'AES_128'])
const dataKeyMembers = {
  KeyId: required(KeyId),
  EncryptionContext,
  NumberOfBytes,
  KeySpec: DataKeySpec,
  GrantTokens,
  DryRun,
}

interface DataKeyInput {
  KeyId: string
  KeySpec?: 'AES_256' | 'AES_128'
  NumberOfBytes?: number
  EncryptionContext?: Record<string, string>
}

export const GenerateDataKey = kmsOperation({
  name: 'GenerateDataKey',
  input: structure({ ...dataKeyMembers, Recipient }),
  readOnly: true,
  differs: 'Recipient is refused.',
  check(input) {
    requireOneLength(input)
    refuseRecipient(input.Recipient)
  },
  takesAliases: true,
  keys: (input) => [demandOf(input)],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  symmetricOnly: noDataKey,
  audit: { request: ['KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext'] },
  handle(call, { input, targets: [{ key }] }) {
    const { plaintext, blob, materialId } = makeDataKey(call, input, key)
    return {
      output: { CiphertextBlob: blob, Plaintext: plaintext, KeyId: arnOf(key), KeyMaterialId: materialId },
      additionalEventData: { keyMaterialId: materialId },
    }
  },
})

export const GenerateDataKeyWithoutPlaintext = kmsOperation({
  name: 'GenerateDataKeyWithoutPlaintext',
  input: structure(dataKeyMembers),
  readOnly: true,
  check: (input) => requireOneLength(input),
  takesAliases: true,
  keys: (input) => [demandOf(input)],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  symmetricOnly: noDataKey,
  audit: { request: ['KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext'] },
  handle(call, { input, targets: [{ key }] }) {
    const { blob, materialId } = makeDataKey(call, input, key)
    return {
      output: { CiphertextBlob: blob, KeyId: arnOf(key), KeyMaterialId: materialId },
      additionalEventData: { keyMaterialId: materialId },
    }
  },
})

function demandOf({ KeyId: identifier, EncryptionContext: encryptionContext }: DataKeyInput) {
  return { identifier, encryptionContext, encryptionAlgorithm: symmetric }
}

function makeDataKey(call: KmsCall, input: DataKeyInput, key: KeyRecord) {
  const plaintext = call.services.ambient.randomBytes(input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32))
  const { bytes, materialId } = seal(call, key, 'DataKey', plaintext, input.EncryptionContext)
  return { plaintext, blob: bytes, materialId }
}

function requireOneLength({ KeySpec, NumberOfBytes }: DataKeyInput): void {
  if ((KeySpec === undefined) !== (NumberOfBytes === undefined)) return
  throw kmsErrors.ValidationException('Please specify either number of bytes or key spec.')
}
