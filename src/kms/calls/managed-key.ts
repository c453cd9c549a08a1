import { day, type KeyRecord } from '../keys/key.ts'
import { s3Alias } from '../keys/key-identifier.ts'
import { s3ManagedPolicy } from '../keys/key-policy.ts'
import { putAlias, putKey } from '../keys/key-store.ts'
import type { KmsCall } from '../operation.ts'

/** Makes the AWS managed key of S3 for the caller's account and Region, in the transaction of the call that first uses it. */
export function createS3ManagedKey({ transaction, materials, ambient, place, now }: KmsCall): KeyRecord {
  const keyId = ambient.uuid()
  const key: KeyRecord = {
    ...place,
    keyId,
    // AWS's own words for this key
    description: 'Default key that protects my S3 objects when no other key is defined',
    keySpec: 'SYMMETRIC_DEFAULT',
    keyUsage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    keyManager: 'AWS',
    service: 's3',
    creationDate: now,
    enabled: true,
    policy: s3ManagedPolicy(place.accountId, place.region),
    tags: [],
    currentMaterialId: materials.create(transaction, keyId),
    // Every year (KMS Developer Guide).
    rotation: { periodInDays: 365, nextDate: now + 365 * day },
  }
  putKey(transaction, key)
  putAlias(transaction, place, s3Alias, { targetKeyId: keyId, creationDate: now, lastUpdatedDate: now })
  return key
}
