import type { BucketRecord } from '../s3/records/buckets.ts'
import { configurationName } from '../s3/records/configurations.ts'
import type { Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import { inBatches, type Migration } from './migration.ts'

/*
 * Format 3 kept what was set on a bucket inside its record; format 4 keeps each configuration as a record of its own, so that
 * one that was set differs from what a new bucket has:
 *
 *   bucket [name] { publicAccessBlock, objectOwnership, encryption }  →  bucketConfiguration [name, …]
 *
 * AES256 with SSE-C blocked is what a new bucket has, and so is ObjectWriter: whether somebody set them was not kept.
 */

type OldBucket = BucketRecord & { publicAccessBlock?: boolean }

const oldBuckets = recordKind<OldBucket>()('bucket', ['string'])

export const toFormat4: Migration = {
  to: 4,
  summary: 'configurations of buckets are kept as records of their own',
  async run(database) {
    await inBatches(database, database.entries(oldBuckets), (transaction, { key, value }) => {
      const { publicAccessBlock, ...bucket } = value
      // Undefined: an interrupted step has done this one.
      if (publicAccessBlock === undefined) return
      if (publicAccessBlock) keep(transaction, bucket.name, 'publicAccessBlock', everythingBlocked)
      const { objectOwnership, encryption } = bucket
      if (objectOwnership !== 'ObjectWriter') {
        keep(transaction, bucket.name, 'ownershipControls', { Rules: [{ ObjectOwnership: objectOwnership }] })
      }
      if (encryption && !isFactorySetting(encryption)) {
        keep(transaction, bucket.name, 'encryption', { Rules: [ruleOf(encryption)] })
      }
      transaction.put(oldBuckets, key, bucket)
    })
  },
}

type Encryption = NonNullable<BucketRecord['encryption']>

function isFactorySetting({ algorithm, bucketKeyEnabled, blockedEncryptionTypes }: Encryption): boolean {
  return algorithm === 'AES256' && !bucketKeyEnabled && blockedEncryptionTypes === 'SSE-C'
}

function ruleOf({ algorithm, keyId, bucketKeyEnabled, blockedEncryptionTypes }: Encryption) {
  return {
    BucketKeyEnabled: bucketKeyEnabled,
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId },
    BlockedEncryptionTypes: { EncryptionType: [blockedEncryptionTypes] },
  }
}

const everythingBlocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

function keep(transaction: Transaction, bucket: string, name: string, value: object): void {
  const { records } = configurationName<object>(name)
  transaction.put(records, [bucket, name], value)
}
