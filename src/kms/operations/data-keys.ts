import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { CustomKeyStoreId, DryRun, EncryptionContext, GrantTokens, KeyId, NumberOfBytes, Recipient } from '../shapes.ts'
import { seal } from './ciphering.ts'
import { refuseRecipient, requireSymmetric } from './key-use.ts'

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
  keys: (input) => [{ identifier: input.KeyId, aliases: true, encryptionContext: input.EncryptionContext }],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: { request: ['KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext'] },
  handle(call, input) {
    const { plaintext, blob, materialId } = makeDataKey(call, 'GenerateDataKey', input)
    return { CiphertextBlob: blob, Plaintext: plaintext, KeyId: arnOf(call.key), KeyMaterialId: materialId }
  },
})

export const GenerateDataKeyWithoutPlaintext = kmsOperation({
  name: 'GenerateDataKeyWithoutPlaintext',
  input: structure(dataKeyMembers),
  readOnly: true,
  check: (input) => requireOneLength(input),
  keys: (input) => [{ identifier: input.KeyId, aliases: true, encryptionContext: input.EncryptionContext }],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: { request: ['KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext'] },
  handle(call, input) {
    const { blob, materialId } = makeDataKey(call, 'GenerateDataKeyWithoutPlaintext', input)
    return { CiphertextBlob: blob, KeyId: arnOf(call.key), KeyMaterialId: materialId }
  },
})

export const GenerateRandom = kmsOperation({
  name: 'GenerateRandom',
  input: structure({ NumberOfBytes, CustomKeyStoreId, Recipient }),
  readOnly: true,
  differs: 'Recipient and custom key stores are refused.',
  check(input) {
    if (input.NumberOfBytes === undefined) throw kmsErrors.ValidationException('NumberOfBytes is required.')
    if (input.CustomKeyStoreId) throw kmsErrors.UnsupportedOperationException('Custom key stores are not supported.')
    refuseRecipient(input.Recipient)
  },
  audit: { request: ['NumberOfBytes'] },
  handle: (call, input) => ({ Plaintext: call.ambient.randomBytes(input.NumberOfBytes ?? 0) }),
})

function makeDataKey(call: KmsCall, operation: string, input: DataKeyInput) {
  requireSymmetric(call.key, operation)
  const plaintext = call.ambient.randomBytes(input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32))
  const { bytes, materialId } = seal(call, call.key, 'DataKey', plaintext, input.EncryptionContext)
  call.additionalEventData = { keyMaterialId: materialId }
  return { plaintext, blob: bytes, materialId }
}

function requireOneLength({ KeySpec, NumberOfBytes }: DataKeyInput): void {
  if ((KeySpec === undefined) !== (NumberOfBytes === undefined)) return
  throw kmsErrors.ValidationException('Please specify either number of bytes or key spec.')
}
