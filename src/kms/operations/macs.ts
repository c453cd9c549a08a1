import { createHmac, timingSafeEqual } from 'node:crypto'
import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { CiphertextBlob, DryRun, GrantTokens, KeyId, Plaintext } from '../shapes.ts'
import { materialOf, requireAlgorithm } from './key-use.ts'

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
  keys: (input) => [{ identifier: input.KeyId, aliases: true }],
  usableIn: ['Enabled'],
  usage: 'GENERATE_VERIFY_MAC',
  audit: { request: ['KeyId', 'MacAlgorithm'] },
  handle(call, { Message, MacAlgorithm: algorithm }) {
    return { Mac: macOf(call, algorithm, Message), MacAlgorithm: algorithm, KeyId: arnOf(call.key) }
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
  keys: (input) => [{ identifier: input.KeyId, aliases: true }],
  usableIn: ['Enabled'],
  usage: 'GENERATE_VERIFY_MAC',
  audit: { request: ['KeyId', 'MacAlgorithm'] },
  // A MAC that is not right is an error, never `MacValid: false` (evidence: kms-failed-verification).
  handle(call, { Message, MacAlgorithm: algorithm, Mac }) {
    const expected = macOf(call, algorithm, Message)
    if (Mac.length !== expected.length || !timingSafeEqual(Mac, expected)) throw kmsErrors.KMSInvalidMacException()
    return { KeyId: arnOf(call.key), MacValid: true, MacAlgorithm: algorithm }
  },
})

function macOf(call: KmsCall, algorithm: MacAlgorithmName, message: Uint8Array): Buffer {
  requireAlgorithm(call.key, algorithm)
  return createHmac(hashes[algorithm], materialOf(call, call.key)).update(message).digest()
}
