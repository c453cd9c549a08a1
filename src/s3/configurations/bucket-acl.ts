import type { Transaction } from '../../store/database.ts'
import type { S3Services } from '../operation.ts'
import type { Acl } from '../records/acl.ts'
import { configurationName } from '../records/configurations.ts'

const acl = configurationName<Acl>('acl')

/** A bucket's ACL, beside the private one, which has no record. */
export const BucketAcl = {
  find({ configurations }: Pick<S3Services, 'configurations'>, bucket: string): Acl | undefined {
    return configurations.find(acl, bucket)
  },

  /** @param value undefined: the private one */
  keep(
    { configurations }: Pick<S3Services, 'configurations'>,
    transaction: Transaction,
    bucket: string,
    value: Acl | undefined,
  ): void {
    if (value === undefined) configurations.delete(transaction, acl, bucket)
    else configurations.put(transaction, acl, bucket, value)
  },
}
