import { rootArn } from '../../aws/arn.ts'
import { kmsErrors } from '../errors.ts'
import { isSymmetric, type KeyRecord } from '../keys/key.ts'
import type { GrantConstraints } from './grant-store.ts'

/* What a grant may say: operations that its key has, constraints that KMS takes, principals that can be. */

/** What a grant may permit, by what a key is for. */
const always = ['CreateGrant', 'DescribeKey', 'RetireGrant'] as const
const symmetric = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
] as const
const ofUsage: Record<KeyRecord['keyUsage'], readonly string[]> = {
  ENCRYPT_DECRYPT: ['Decrypt', 'Encrypt', 'GetPublicKey', 'ReEncryptFrom', 'ReEncryptTo'],
  SIGN_VERIFY: ['GetPublicKey', 'Sign', 'Verify'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
}
/** Every operation a grant may name, in the order of AWS's model (GrantOperation). */
export const grantOperations = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'Sign',
  'Verify',
  'GetPublicKey',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
] as const

/** Of one constraint (GrantConstraints' API reference). */
const constraintLimit = { pairs: 8, characters: 384 } as const

/**
 * The form alone: whoever is not declared here is taken at its word, so every principal may be there.
 * @throws AwsError InvalidArnException
 */
export function requirePrincipal(principal: string): void {
  const form = /^(\d{12}|arn:aws:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)\/[\w+=,.@/-]+))$/
  if (form.test(principal)) return
  throw kmsErrors.InvalidArnException(`ARN does not refer to a valid principal: ${principal}`)
}

/** @throws AwsError ValidationException beyond the limits; UnsupportedOperationException for what only AWS's services use */
export function checkConstraints(constraints: GrantConstraints & { SourceArn?: string } = {}): void {
  if (constraints.SourceArn !== undefined) {
    throw kmsErrors.UnsupportedOperationException('SourceArn is not supported: it is for grants to AWS services.')
  }
  const { EncryptionContextEquals = {}, EncryptionContextSubset = {} } = constraints
  for (const pairs of [EncryptionContextEquals, EncryptionContextSubset]) {
    const entries = Object.entries(pairs)
    const length = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
    if (entries.length <= constraintLimit.pairs && length <= constraintLimit.characters) continue
    throw kmsErrors.ValidationException(
      `A grant constraint has at most ${constraintLimit.pairs} pairs and ${constraintLimit.characters} characters.`,
    )
  }
}

/**
 * @param constraints in their normal form
 * @throws AwsError ValidationException when the key has no such operation, or knows no encryption context
 */
export function requireFittingTerms(
  key: KeyRecord,
  operations: readonly string[],
  constraints?: GrantConstraints,
): void {
  const fitting = [...always, ...(isSymmetric(key) ? symmetric : ofUsage[key.keyUsage])]
  const unfit = operations.filter((operation) => !fitting.includes(operation))
  if (unfit.length > 0) {
    throw kmsErrors.ValidationException(
      `Operations ${unfit.join(', ')} are not supported by key spec ${key.keySpec} and key usage ${key.keyUsage}.`,
    )
  }
  if (constraints && !isSymmetric(key)) {
    throw kmsErrors.ValidationException('Only symmetric encryption keys have grants with an encryption context.')
  }
}

/** An account by its number is its root by ARN, as in policies: conditions, grants and lists know the ARN alone (assumption). */
export function principalOf(principal: string): string {
  return /^\d{12}$/.test(principal) ? rootArn(principal) : principal
}

/** The normal form: a constraint without pairs is none. */
export function constraintsOf(constraints: GrantConstraints = {}): GrantConstraints | undefined {
  const given = Object.entries(constraints).filter(([, pairs]) => pairs && Object.keys(pairs).length > 0)
  return given.length > 0 ? Object.fromEntries(given) : undefined
}
