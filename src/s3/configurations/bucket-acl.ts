import type { Transaction } from '../../store/database.ts'
import type { S3Services } from '../operation.ts'
import type { Acl } from '../records/acl.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { configurationName } from '../records/configurations.ts'

const acl = configurationName<Acl>('acl')

/** A bucket's ACL, beside the private one, which has no record. */
export const BucketAcl = {
  find({ configurations }: Pick<S3Services, 'configurations'>, bucket: string): Acl | undefined {
    return configurations.find(acl, bucket)
  },

  /** @param value undefined: the private one */
  keep(
    { configurations, buckets }: Pick<S3Services, 'configurations' | 'buckets'>,
    transaction: Transaction,
    bucket: BucketRecord,
    value: Acl | undefined,
  ): void {
    if (value === undefined) {
      configurations.delete(transaction, acl, bucket.name)
      return
    }
    configurations.put(transaction, acl, bucket.name, value)
    if (!bucket.wasOpened) buckets.put(transaction, { ...bucket, wasOpened: true })
  },
}
