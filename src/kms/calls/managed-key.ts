import { day, type KeyRecord } from '../keys/key.ts'
import { managedPolicy } from '../keys/key-policy.ts'
import { putAlias, putKey } from '../keys/key-store.ts'
import { descriptionOf, serviceOf } from '../keys/predefined-aliases.ts'
import type { KmsCall } from '../operation.ts'

/**
 * Makes the AWS managed key behind a predefined alias for the caller's account and Region, in the transaction of the call
 * that first uses it.
 */
export function createManagedKey({ transaction, services, place, now }: KmsCall, aliasName: string): KeyRecord {
  const keyId = services.ambient.uuid()
  const service = serviceOf(aliasName)
  const key: KeyRecord = {
    ...place,
    keyId,
    description: descriptionOf(service),
    keySpec: 'SYMMETRIC_DEFAULT',
    keyUsage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    keyManager: 'AWS',
    service,
    creationDate: now,
    enabled: true,
    policy: managedPolicy(service, place.accountId, place.region),
    tags: [],
    currentMaterialId: services.materials.create(transaction, keyId),
    // Every year (KMS Developer Guide).
    rotation: { periodInDays: 365, nextDate: now + 365 * day },
  }
  putKey(transaction, key)
  transaction.afterCommit(() => services.schedule.look(key))
  putAlias(transaction, place, aliasName, { targetKeyId: keyId, creationDate: now, lastUpdatedDate: now })
  return key
}
