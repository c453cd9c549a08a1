import { kmsErrors, stateError } from '../errors.ts'
import { arnOf, isSymmetric, type KeyRecord, stateOf } from '../keys/key.ts'
import type { KeyTarget, KmsOperation } from '../operation.ts'

/**
 * Whether what was found can be used for what is asked: first that it is the ciphertext's key, then its state, then what it is
 * for.
 * @throws AwsError IncorrectKeyException, InvalidKeyUsageException, DisabledException, KMSInvalidStateException
 */
export function requireUsable(operation: KmsOperation, { demand, key }: KeyTarget): void {
  if (demand.ciphertext && demand.ciphertext.keyId !== key.keyId) throw kmsErrors.IncorrectKeyException()
  const states = demand.usableIn ?? operation.usableIn
  const state = stateOf(key)
  // CancelKeyDeletion alone wants a key that is pending deletion: any other state is that it is not.
  if (states && !states.includes(state)) throw stateError(arnOf(key), states.includes('Enabled') ? state : 'Enabled')
  requireUsage(operation, key)
}

function requireUsage({ name, usage, symmetricOnly }: KmsOperation, key: KeyRecord): void {
  const fits = (usage === undefined || key.keyUsage === usage) && (!symmetricOnly || isSymmetric(key))
  if (fits) return
  const words = `${arnOf(key)} key usage is ${key.keyUsage} which is not valid for ${name}.`
  throw kmsErrors.InvalidKeyUsageException(words)
}
