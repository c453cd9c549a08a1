import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { materialOf, refuseRecipient, requireAlgorithm } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import { readPublicKey, sharedSecret } from '../material/private-keys.ts'
import { kmsOperation } from '../operation.ts'
import { DryRun, GrantTokens, KeyId, PublicKey, Recipient } from '../shapes.ts'

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
  takesAliases: true,
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: (input) => ({ 'kms:KeyAgreementAlgorithm': input.KeyAgreementAlgorithm }),
  usableIn: ['Enabled'],
  usage: 'KEY_AGREEMENT',
  audit: { request: ['KeyId', 'KeyAgreementAlgorithm'] },
  handle(call, { input: { KeyAgreementAlgorithm, PublicKey: spki }, targets: [{ key }] }) {
    requireAlgorithm(key, KeyAgreementAlgorithm)
    const publicKey = readPublicKey(spki)
    const SharedSecret = publicKey && sharedSecret(materialOf(call, key), publicKey)
    if (!SharedSecret) throw kmsErrors.ValidationException(`The public key is not valid for key spec ${key.keySpec}.`)
    return { output: { KeyId: arnOf(key), SharedSecret, KeyAgreementAlgorithm, KeyOrigin: key.origin } }
  },
})
