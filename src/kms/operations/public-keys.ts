import { required, structure } from '../../protocol/shapes.ts'
import { materialOf } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import { algorithmsOf } from '../keys/key-metadata.ts'
import { hasKeyPair, publicKeyOf } from '../material/private-keys.ts'
import { kmsOperation } from '../operation.ts'
import { GrantTokens, KeyId } from '../shapes.ts'

export const GetPublicKey = kmsOperation({
  name: 'GetPublicKey',
  input: structure({ KeyId: required(KeyId), GrantTokens }),
  readOnly: true,
  differs: 'Its keys are made only with --asymmetric-keys.',
  takesAliases: true,
  keys: (input) => [{ identifier: input.KeyId }],
  // A disabled key's public key too (evidence: kms-public-key-disabled).
  usableIn: ['Enabled', 'Disabled'],
  audit: { request: ['KeyId'] },
  handle(call, { targets: [{ key }] }) {
    if (!hasKeyPair(key.keySpec)) {
      const words = `${arnOf(key)} key spec is ${key.keySpec} which is not valid for GetPublicKey.`
      throw kmsErrors.UnsupportedOperationException(words)
    }
    const output = {
      KeyId: arnOf(key),
      PublicKey: publicKeyOf(materialOf(call, key)),
      CustomerMasterKeySpec: key.keySpec,
      KeySpec: key.keySpec,
      KeyUsage: key.keyUsage,
      ...algorithmsOf(key),
    }
    return { output }
  },
})
