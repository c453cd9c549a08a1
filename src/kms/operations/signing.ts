import { enumeration, required, structure } from '../../protocol/shapes.ts'
import { kmsErrors } from '../errors.ts'
import { arnOf } from '../keys/key.ts'
import { digestLength, sign, verify } from '../material/signatures.ts'
import { type KmsCall, kmsOperation } from '../operation.ts'
import { CiphertextBlob, DryRun, GrantTokens, KeyId, Plaintext, SigningAlgorithm } from '../shapes.ts'
import { materialOf, requireAlgorithm } from './key-use.ts'

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
  keys: (input) => [{ identifier: input.KeyId, aliases: true }],
  usableIn: ['Enabled'],
  usage: 'SIGN_VERIFY',
  audit: { request: ['KeyId', 'MessageType', 'SigningAlgorithm'] },
  handle(call, input) {
    const isDigest = checkMessage(call, input)
    const { SigningAlgorithm: algorithm, Message } = input
    const random = (length: number) => call.ambient.randomBytes(length)
    const Signature = sign(materialOf(call, call.key), algorithm, Message, isDigest, random)
    return { KeyId: arnOf(call.key), Signature, SigningAlgorithm: algorithm }
  },
})

export const Verify = kmsOperation({
  name: 'Verify',
  input: structure({ ...members, Signature: required(CiphertextBlob) }),
  readOnly: true,
  differs: 'Its keys are made only with --asymmetric-keys. ED25519_PH_SHA_512 is refused.',
  keys: (input) => [{ identifier: input.KeyId, aliases: true }],
  usableIn: ['Enabled'],
  usage: 'SIGN_VERIFY',
  audit: { request: ['KeyId', 'MessageType', 'SigningAlgorithm'] },
  // A signature that is not right is an error, never `SignatureValid: false` (evidence: kms-failed-verification).
  handle(call, input) {
    const isDigest = checkMessage(call, input)
    const { SigningAlgorithm: algorithm, Message, Signature } = input
    if (!verify(materialOf(call, call.key), algorithm, Message, isDigest, Signature)) {
      throw kmsErrors.KMSInvalidSignatureException()
    }
    return { KeyId: arnOf(call.key), SignatureValid: true, SigningAlgorithm: algorithm }
  },
})

/** @returns whether the message is a digest, which then is one of the algorithm */
function checkMessage({ key }: KmsCall, { SigningAlgorithm: algorithm, MessageType, Message }: SigningInput): boolean {
  requireAlgorithm(key, algorithm)
  if (algorithm === 'ED25519_PH_SHA_512') {
    throw kmsErrors.UnsupportedOperationException(`${algorithm} is not supported: Node.js has no Ed25519ph.`)
  }
  if (MessageType !== 'DIGEST') return false
  if (Message.length === digestLength(algorithm)) return true
  throw kmsErrors.ValidationException(`Digest is invalid length for algorithm ${algorithm}.`)
}
