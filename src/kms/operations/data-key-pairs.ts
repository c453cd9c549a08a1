import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import type { KeySpec } from '../keys/key-specs.ts'
import { hasKeyPair, makePrivateKey, publicKeyOf } from '../material/private-keys.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { DryRun, EncryptionContext, GrantTokens, KeyId, Recipient } from '../shapes.ts'
import { seal } from './ciphering.ts'
import { refuseRecipient, requireSymmetric } from './key-use.ts'

const members = {
  EncryptionContext,
  KeyId: required(KeyId),
  KeyPairSpec: required(
    enumeration([
      'RSA_2048',
      'RSA_3072',
      'RSA_4096',
      'ECC_NIST_P256',
      'ECC_NIST_P384',
      'ECC_NIST_P521',
      'ECC_SECG_P256K1',
      'SM2',
      'ECC_NIST_EDWARDS25519',
    ]),
  ),
  GrantTokens,
  DryRun,
}

interface KeyPairInput {
  KeyId: string
  KeyPairSpec: KeySpec
  EncryptionContext?: Record<string, string>
}

export const GenerateDataKeyPair = kmsOperation({
  name: 'GenerateDataKeyPair',
  input: structure({ ...members, Recipient }),
  readOnly: true,
  differs: 'Recipient is refused.',
  check: (input) => refuseRecipient(input.Recipient),
  keys: (input) => [{ identifier: input.KeyId, aliases: true, encryptionContext: input.EncryptionContext }],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: { request: ['KeyId', 'KeyPairSpec', 'EncryptionContext'] },
  async handle(call, input) {
    const { privateKey, answer } = await makeKeyPair(call, 'GenerateDataKeyPair', input)
    return { PrivateKeyPlaintext: privateKey, ...answer }
  },
})

export const GenerateDataKeyPairWithoutPlaintext = kmsOperation({
  name: 'GenerateDataKeyPairWithoutPlaintext',
  input: structure(members),
  readOnly: true,
  keys: (input) => [{ identifier: input.KeyId, aliases: true, encryptionContext: input.EncryptionContext }],
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  audit: { request: ['KeyId', 'KeyPairSpec', 'EncryptionContext'] },
  async handle(call, input) {
    const { answer } = await makeKeyPair(call, 'GenerateDataKeyPairWithoutPlaintext', input)
    return answer
  },
})

async function makeKeyPair(call: KmsCall, operation: string, { KeyPairSpec, EncryptionContext }: KeyPairInput) {
  const { key } = call
  requireSymmetric(key, operation)
  // SM2 is for China Regions (API reference).
  if (!hasKeyPair(KeyPairSpec)) throw kmsErrors.UnsupportedOperationException(`${KeyPairSpec} is not supported here.`)
  const privateKey = await makePrivateKey(KeyPairSpec)
  const { bytes, materialId } = seal(call, key, 'DataKey', privateKey, EncryptionContext)
  call.additionalEventData = { keyMaterialId: materialId }
  const answer = {
    PrivateKeyCiphertextBlob: bytes,
    PublicKey: publicKeyOf(privateKey),
    KeyId: arnOf(key),
    KeyPairSpec,
    KeyMaterialId: materialId,
  }
  return { privateKey, answer }
}
