import { foreignCiphertext, invisible } from '../access/access-denied.ts'
import { kmsErrors } from '../errors.ts'
import type { KeyRecord } from '../keys/key.ts'
import { addressOf, followAlias, type KeyAddress, keyNotFound, parseIdentifier } from '../keys/key-identifier.ts'
import { findAlias, findKey } from '../keys/key-store.ts'
import { isPredefinedAlias, s3Alias } from '../keys/predefined-aliases.ts'
import type { KeyDemand, KmsCall } from '../operation.ts'
import type { SharedMembers } from '../shapes.ts'
import { createManagedKey } from './managed-key.ts'

/** A demand with the address of its key: what must be known before the key can be locked. */
export interface KeyLocation {
  demand: KeyDemand
  /** `kms:Decrypt` */
  action: string
  keyId: string
  /** Where the request says the key is; undefined when a ciphertext alone names it. */
  address?: KeyAddress
  /** The predefined alias whose key is made by this call, as nobody used it before. */
  firstUseOf?: string
}

/**
 * Operations that take no alias say so before anything else that is wrong with their input.
 * @throws AwsError InvalidArnException (evidence: kms-alias-refused, kms-refusal-order)
 */
export function refuseAlias({ KeyId }: SharedMembers): void {
  if (KeyId === undefined || !/^(?:alias\/|arn:[^/]*:alias\/)/.test(KeyId)) return
  throw kmsErrors.InvalidArnException('Key Aliases are not supported for this operation.')
}

/** @throws AwsError NotFoundException, InvalidCiphertextException */
export function locate(call: KmsCall, operationName: string, demand: KeyDemand): KeyLocation {
  const { identifier, ciphertext, action = `kms:${operationName}` } = demand
  if (identifier === undefined) {
    if (!ciphertext) throw kmsErrors.InvalidCiphertextException()
    return { demand, action, keyId: ciphertext.keyId }
  }
  const { place, keyId, aliasName = '' } = parseIdentifier(identifier, call.place)
  if (keyId !== undefined) return { demand, action, keyId, address: addressOf(place, keyId) }
  if (makesManagedKey(call, operationName, aliasName, place.accountId)) {
    const fresh = call.services.ambient.uuid()
    return { demand, action, keyId: fresh, address: addressOf(place, fresh), firstUseOf: aliasName }
  }
  if (isForeign(call, place) && !findAlias(call.transaction, place, aliasName, call.now)) {
    throw invisible(call.context.caller.arn, action)
  }
  const address = followAlias(call.transaction, place, aliasName, call.now)
  return { demand, action, keyId: address.keyId, address }
}

/**
 * AWS makes the key of a predefined alias when its service first needs it, or when somebody first describes it
 * (evidence: kms-predefined-aliases).
 */
function makesManagedKey(
  { context, place, transaction, now }: KmsCall,
  operation: string,
  alias: string,
  owner: string,
) {
  if (!isPredefinedAlias(alias) || owner !== place.accountId) return false
  if (operation !== 'DescribeKey' && !(context.via === 's3' && alias === s3Alias)) return false
  return findAlias(transaction, place, alias, now) === undefined
}

/** Under its lock: the key itself. */
export function find(call: KmsCall, { action, keyId, address, firstUseOf }: KeyLocation): KeyRecord {
  if (firstUseOf !== undefined) return firstUse(call, firstUseOf)
  const key = findKey(call.transaction, call.context.region, keyId, call.now)
  if (!address) {
    if (!key) throw foreignCiphertext()
    return key
  }
  if (!key || key.accountId !== address.accountId) {
    throw isForeign(call, address) ? invisible(call.context.caller.arn, action) : keyNotFound(address)
  }
  return key
}

/** A caller who may not use another account's key does not learn whether it exists. */
function isForeign({ place }: KmsCall, { accountId }: { accountId: string }): boolean {
  return accountId !== place.accountId
}

/** Two first uses at once: the second one, waiting for the alias, finds what the first one made. */
function firstUse(call: KmsCall, aliasName: string): KeyRecord {
  const { transaction, place, now } = call
  const alias = findAlias(transaction, place, aliasName, now)
  const key = alias && findKey(transaction, place.region, alias.targetKeyId, now)
  return key ?? createManagedKey(call, aliasName)
}
