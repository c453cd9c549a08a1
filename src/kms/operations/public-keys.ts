import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import { algorithmsOf } from '../keys/key-metadata.ts'
import { hasKeyPair, publicKeyOf, readPublicKey, sharedSecret } from '../material/private-keys.ts'
import { kmsOperation } from '../operation.ts'
import { DryRun, GrantTokens, KeyId, PublicKey, Recipient } from '../shapes.ts'
import { materialOf, refuseRecipient, requireAlgorithm } from './key-use.ts'

export const GetPublicKey = kmsOperation({
  name: 'GetPublicKey',
  input: structure({ KeyId: required(KeyId), GrantTokens }),
  readOnly: true,
  differs: 'Its keys are made only with --asymmetric-keys.',
  keys: (input) => [{ identifier: input.KeyId, aliases: true }],
  // A disabled key's public key too (evidence: kms-public-key-disabled).
  usableIn: ['Enabled', 'Disabled'],
  audit: { request: ['KeyId'] },
  handle(call) {
    const { key } = call
    if (!hasKeyPair(key.keySpec)) {
      const words = `${arnOf(key)} key spec is ${key.keySpec} which is not valid for GetPublicKey.`
      throw kmsErrors.UnsupportedOperationException(words)
    }
    return {
      KeyId: arnOf(key),
      PublicKey: publicKeyOf(materialOf(call, key)),
      CustomerMasterKeySpec: key.keySpec,
      KeySpec: key.keySpec,
      KeyUsage: key.keyUsage,
      ...algorithmsOf(key),
    }
  },
})

export const DeriveSharedSecret = kmsOperation({
  name: 'DeriveSharedSecret',
  input: structure({
    KeyId: required(KeyId),
    KeyAgreementAlgorithm: required(enumeration(['ECDH'])),
    PublicKey: required(PublicKey),
    GrantTokens,
    DryRun,
    Recipient,
  }),
  readOnly: true,
  differs: 'Its keys are made only with --asymmetric-keys. Recipient is refused.',
  check: (input) => refuseRecipient(input.Recipient),
  keys: (input) => [{ identifier: input.KeyId, aliases: true }],
  usableIn: ['Enabled'],
  usage: 'KEY_AGREEMENT',
  audit: { request: ['KeyId', 'KeyAgreementAlgorithm'] },
  handle(call, { KeyAgreementAlgorithm, PublicKey: spki }) {
    const { key } = call
    requireAlgorithm(key, KeyAgreementAlgorithm)
    const publicKey = readPublicKey(spki)
    const SharedSecret = publicKey && sharedSecret(materialOf(call, key), publicKey)
    if (!SharedSecret) throw kmsErrors.ValidationException(`The public key is not valid for key spec ${key.keySpec}.`)
    return { KeyId: arnOf(key), SharedSecret, KeyAgreementAlgorithm, KeyOrigin: key.origin }
  },
})
