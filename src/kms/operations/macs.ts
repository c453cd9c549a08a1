import { createHmac, timingSafeEqual } from 'node:crypto'
import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { materialOf, requireAlgorithm } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { CiphertextBlob, DryRun, GrantTokens, KeyId, Plaintext } from '../shapes.ts'

const hashes = {
  HMAC_SHA_224: 'sha224',
  HMAC_SHA_256: 'sha256',
  HMAC_SHA_384: 'sha384',
  HMAC_SHA_512: 'sha512',
} as const
type MacAlgorithmName = keyof typeof hashes
const MacAlgorithm = enumeration(['HMAC_SHA_224', 'HMAC_SHA_256', 'HMAC_SHA_384', 'HMAC_SHA_512'])

export const GenerateMac = kmsOperation({
  name: 'GenerateMac',
  input: structure({
    Message: required(Plaintext),
    KeyId: required(KeyId),
    MacAlgorithm: required(MacAlgorithm),
    GrantTokens,
    DryRun,
  }),
  readOnly: true,
  takesAliases: true,
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: ({ MacAlgorithm: algorithm }) => ({ 'kms:MacAlgorithm': algorithm }),
  usableIn: ['Enabled'],
  usage: 'GENERATE_VERIFY_MAC',
  audit: { request: ['KeyId', 'MacAlgorithm'] },
  handle(call, { input: { Message, MacAlgorithm: algorithm }, targets: [{ key }] }) {
    const Mac = macOf(call, key, algorithm, Message)
    return { output: { Mac, MacAlgorithm: algorithm, KeyId: arnOf(key) } }
  },
})

export const VerifyMac = kmsOperation({
  name: 'VerifyMac',
  input: structure({
    Message: required(Plaintext),
    KeyId: required(KeyId),
    MacAlgorithm: required(MacAlgorithm),
    Mac: required(CiphertextBlob),
    GrantTokens,
    DryRun,
  }),
  readOnly: true,
  takesAliases: true,
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: ({ MacAlgorithm: algorithm }) => ({ 'kms:MacAlgorithm': algorithm }),
  usableIn: ['Enabled'],
  usage: 'GENERATE_VERIFY_MAC',
  audit: { request: ['KeyId', 'MacAlgorithm'] },
  // A MAC that is not right is an error, never `MacValid: false` (evidence: kms-failed-verification).
  handle(call, { input: { Message, MacAlgorithm: algorithm, Mac }, targets: [{ key }] }) {
    const expected = macOf(call, key, algorithm, Message)
    if (Mac.length !== expected.length || !timingSafeEqual(Mac, expected)) throw kmsErrors.KMSInvalidMacException()
    return { output: { KeyId: arnOf(key), MacValid: true, MacAlgorithm: algorithm } }
  },
})

function macOf(call: KmsCall, key: KeyRecord, algorithm: MacAlgorithmName, message: Uint8Array): Buffer {
  requireAlgorithm(key, algorithm)
  return createHmac(hashes[algorithm], materialOf(call, key)).update(message).digest()
}
