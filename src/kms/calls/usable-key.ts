import { kmsErrors, stateError } from '../errors.ts'
import { arnOf, isSymmetric, type KeyRecord, stateOf } from '../keys/key.ts'
import type { KeyTarget, KmsOperation } from '../operation.ts'

/**
 * Whether what was found can be used for what is asked: first that it is the ciphertext's key, then what it is for, then its
 * state: a disabled HMAC key in Encrypt is an InvalidKeyUsageException (evidence: kms-refusal-order, kms-incorrect-key).
 * @throws AwsError IncorrectKeyException, InvalidKeyUsageException, DisabledException, KMSInvalidStateException
 */
export function requireUsable(operation: KmsOperation, { demand, key }: KeyTarget): void {
  if (demand.ciphertext && demand.ciphertext.keyId !== key.keyId) throw kmsErrors.IncorrectKeyException()
  requireUsage(operation, key)
  const states = demand.usableIn ?? operation.usableIn
  const state = stateOf(key)
  if (!states || states.includes(state)) return
  // CancelKeyDeletion alone wants a key that is pending deletion: any other state is that it is not.
  throw stateError(arnOf(key), states.includes('Enabled') ? state : 'Enabled')
}

function requireUsage({ name, usage, symmetricOnly }: KmsOperation, key: KeyRecord): void {
  if (usage !== undefined && key.keyUsage !== usage) {
    const words = `${arnOf(key)} key usage is ${key.keyUsage} which is not valid for ${name}.`
    throw kmsErrors.InvalidKeyUsageException(words)
  }
  if (symmetricOnly !== undefined && !isSymmetric(key)) throw kmsErrors.InvalidKeyUsageException(symmetricOnly)
}
