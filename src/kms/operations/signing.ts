import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { materialOf, requireAlgorithm } from '../cryptography/key-use.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { digestLength, sign, verify } from '../material/signatures.ts'
import { kmsOperation } from '../operation.ts'
import { CiphertextBlob, DryRun, GrantTokens, KeyId, Plaintext, SigningAlgorithm } from '../shapes.ts'

const members = {
  KeyId: required(KeyId),
  Message: required(Plaintext),
  MessageType: enumeration(['RAW', 'DIGEST']),
  GrantTokens,
  SigningAlgorithm: required(SigningAlgorithm),
  DryRun,
}

interface SigningInput {
  Message: Buffer
  MessageType?: 'RAW' | 'DIGEST'
  SigningAlgorithm: string
}

export const Sign = kmsOperation({
  name: 'Sign',
  input: structure(members),
  readOnly: true,
  differs: 'Its keys are made only with --asymmetric-keys. ED25519_PH_SHA_512 is refused.',
  takesAliases: true,
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: (input) => conditionKeysOf(input),
  usableIn: ['Enabled'],
  usage: 'SIGN_VERIFY',
  audit: { request: ['KeyId', 'MessageType', 'SigningAlgorithm'] },
  handle(call, { input, targets: [{ key }] }) {
    const isDigest = checkMessage(key, input)
    const { SigningAlgorithm: algorithm, Message } = input
    const random = (length: number) => call.services.ambient.randomBytes(length)
    const Signature = sign(materialOf(call, key), algorithm, Message, isDigest, random)
    return { output: { KeyId: arnOf(key), Signature, SigningAlgorithm: algorithm } }
  },
})

export const Verify = kmsOperation({
  name: 'Verify',
  input: structure({ ...members, Signature: required(CiphertextBlob) }),
  readOnly: true,
  differs: 'Its keys are made only with --asymmetric-keys. ED25519_PH_SHA_512 is refused.',
  takesAliases: true,
  keys: (input) => [{ identifier: input.KeyId }],
  conditionKeys: (input) => conditionKeysOf(input),
  usableIn: ['Enabled'],
  usage: 'SIGN_VERIFY',
  audit: { request: ['KeyId', 'MessageType', 'SigningAlgorithm'] },
  // A signature that is not right is an error, never `SignatureValid: false` (evidence: kms-failed-verification).
  handle(call, { input, targets: [{ key }] }) {
    const isDigest = checkMessage(key, input)
    const { SigningAlgorithm: algorithm, Message, Signature } = input
    if (!verify(materialOf(call, key), algorithm, Message, isDigest, Signature)) {
      throw kmsErrors.KMSInvalidSignatureException()
    }
    return { output: { KeyId: arnOf(key), SignatureValid: true, SigningAlgorithm: algorithm } }
  },
})

function conditionKeysOf({ SigningAlgorithm: algorithm, MessageType = 'RAW' }: SigningInput) {
  return { 'kms:SigningAlgorithm': algorithm, 'kms:MessageType': MessageType }
}

/** @returns whether the message is a digest, which then is one of the algorithm */
function checkMessage(key: KeyRecord, { SigningAlgorithm: algorithm, MessageType, Message }: SigningInput): boolean {
  requireAlgorithm(key, algorithm)
  if (algorithm === 'ED25519_PH_SHA_512') {
    throw kmsErrors.UnsupportedOperationException(`${algorithm} is not supported: Node.js has no Ed25519ph.`)
  }
  if (MessageType !== 'DIGEST') return false
  if (Message.length === digestLength(algorithm)) return true
  throw kmsErrors.ValidationException(`Digest is invalid length for algorithm ${algorithm}.`)
}
