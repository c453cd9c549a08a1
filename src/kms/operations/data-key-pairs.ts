import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { seal, symmetric } from '../cryptography/ciphering.ts'
import { noDataKey, refuseRecipient } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import type { KeySpec } from '../keys/key-specs.ts'
import { hasKeyPair, publicKeyOf } from '../material/private-keys.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { DryRun, EncryptionContext, GrantTokens, KeyId, Recipient } from '../shapes.ts'

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
  takesAliases: true,
  keys: (input) => [demandOf(input)],
  conditionKeys: ({ KeyPairSpec }) => ({ 'kms:DataKeyPairSpec': KeyPairSpec }),
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  symmetricOnly: noDataKey,
  audit: { request: ['KeyId', 'KeyPairSpec', 'EncryptionContext'] },
  async handle(call, { input, targets: [{ key }] }) {
    const { privateKey, output, additionalEventData } = await makeKeyPair(call, input, key)
    return { output: { PrivateKeyPlaintext: privateKey, ...output }, additionalEventData }
  },
})

export const GenerateDataKeyPairWithoutPlaintext = kmsOperation({
  name: 'GenerateDataKeyPairWithoutPlaintext',
  input: structure(members),
  readOnly: true,
  takesAliases: true,
  keys: (input) => [demandOf(input)],
  conditionKeys: ({ KeyPairSpec }) => ({ 'kms:DataKeyPairSpec': KeyPairSpec }),
  usableIn: ['Enabled'],
  usage: 'ENCRYPT_DECRYPT',
  symmetricOnly: noDataKey,
  audit: { request: ['KeyId', 'KeyPairSpec', 'EncryptionContext'] },
  async handle(call, { input, targets: [{ key }] }) {
    const { output, additionalEventData } = await makeKeyPair(call, input, key)
    return { output, additionalEventData }
  },
})

function demandOf({ KeyId: identifier, EncryptionContext: encryptionContext }: KeyPairInput) {
  return { identifier, encryptionContext, encryptionAlgorithm: symmetric }
}

async function makeKeyPair(call: KmsCall, { KeyPairSpec, EncryptionContext }: KeyPairInput, key: KeyRecord) {
  // SM2 is for China Regions (API reference).
  if (!hasKeyPair(KeyPairSpec)) throw kmsErrors.UnsupportedOperationException(`${KeyPairSpec} is not supported here.`)
  const privateKey = await call.services.privateKeys.make(KeyPairSpec)
  const { bytes, materialId } = seal(call, key, 'DataKey', privateKey, EncryptionContext)
  const output = {
    PrivateKeyCiphertextBlob: bytes,
    PublicKey: publicKeyOf(privateKey),
    KeyId: arnOf(key),
    KeyPairSpec,
    KeyMaterialId: materialId,
  }
  return { privateKey, output, additionalEventData: { keyMaterialId: materialId } }
}
