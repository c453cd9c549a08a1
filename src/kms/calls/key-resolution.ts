import { foreignCiphertext, invisible } from '../access/access-denied.ts'
import { kmsErrors } from '../errors.ts'
import type { KeyRecord } from '../keys/key.ts'
import {
  addressOf,
  followAlias,
  type KeyAddress,
  keyNotFound,
  parseIdentifier,
  s3Alias,
} from '../keys/key-identifier.ts'
import { findAlias, findKey } from '../keys/key-store.ts'
import type { KeyDemand, KmsCall } from '../operation.ts'
import { createS3ManagedKey } from './managed-key.ts'

/** A demand with the address of its key: what must be known before the key can be locked. */
export interface Target {
  demand: KeyDemand
  /** `kms:Decrypt` */
  action: string
  keyId: string
  /** Where the request says the key is; undefined when a ciphertext alone names it. */
  address?: KeyAddress
  /** `alias/aws/s3` before its first use: the key is made by this call. */
  isFirstUse?: boolean
}

/** @throws AwsError NotFoundException, InvalidArnException (evidence: kms-alias-refused), InvalidCiphertextException */
export function locate(call: KmsCall, operationName: string, demand: KeyDemand): Target {
  const { identifier, ciphertext, action = `kms:${operationName}` } = demand
  if (identifier === undefined) {
    if (!ciphertext) throw kmsErrors.InvalidCiphertextException()
    return { demand, action, keyId: ciphertext.keyId }
  }
  const { place, keyId, aliasName } = parseIdentifier(identifier, call.place)
  if (keyId !== undefined) return { demand, action, keyId, address: addressOf(place, keyId) }
  if (!demand.aliases) throw kmsErrors.InvalidArnException('Key Aliases are not supported for this operation.')
  const name = aliasName ?? ''
  if (makesManagedKey(call, operationName, name, place.accountId)) {
    const fresh = call.ambient.uuid()
    return { demand, action, keyId: fresh, address: addressOf(place, fresh), isFirstUse: true }
  }
  if (isForeign(call, place) && !findAlias(call.transaction, place, name, call.now)) {
    throw invisible(call.context.caller.arn, action)
  }
  const address = followAlias(call.transaction, place, name, call.now)
  return { demand, action, keyId: address.keyId, address }
}

/**
 * AWS makes the key of a predefined alias when its service first needs it, or when somebody first describes it
 * (DescribeKey's API reference).
 */
function makesManagedKey(
  { context, place, transaction, now }: KmsCall,
  operation: string,
  alias: string,
  owner: string,
) {
  if (alias !== s3Alias || owner !== place.accountId) return false
  if (context.via !== 's3' && operation !== 'DescribeKey') return false
  return findAlias(transaction, place, alias, now) === undefined
}

/** Under its lock: the key itself. */
export function find(call: KmsCall, target: Target): KeyRecord {
  if (target.isFirstUse) return firstUse(call)
  const { keyId, address } = target
  const key = findKey(call.transaction, call.context.region, keyId, call.now)
  if (!address) {
    if (!key) throw foreignCiphertext()
    return key
  }
  if (!key || key.accountId !== address.accountId) {
    throw isForeign(call, address) ? invisible(call.context.caller.arn, target.action) : keyNotFound(address)
  }
  return key
}

/** @throws AwsError IncorrectKeyException when the request names another key than its ciphertext (evidence: kms-incorrect-key) */
export function requireKeyOfCiphertext({ ciphertext }: KeyDemand, key: KeyRecord): void {
  if (ciphertext && ciphertext.keyId !== key.keyId) throw kmsErrors.IncorrectKeyException()
}

/** What another account has is told to nobody who may not use it. */
function isForeign({ place }: KmsCall, { accountId }: { accountId: string }): boolean {
  return accountId !== place.accountId
}

/** Two first uses at once: the second one, waiting for the alias, finds what the first one made. */
function firstUse(call: KmsCall): KeyRecord {
  const { transaction, place, now } = call
  const alias = findAlias(transaction, place, s3Alias, now)
  const key = alias && findKey(transaction, place.region, alias.targetKeyId, now)
  return key ?? createS3ManagedKey(call)
}
