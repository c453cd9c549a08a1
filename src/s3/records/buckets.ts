import type { Database, Reader, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'
import type { LockRequest } from '../../store/locks.ts'
import { s3Errors } from '../errors.ts'
import type { DefaultEncryption } from '../sse/envelope.ts'
import type { Retention } from './object-attributes.ts'

export type ObjectOwnership = 'BucketOwnerEnforced' | 'ObjectWriter' | 'BucketOwnerPreferred'

export interface BucketRecord {
  name: string
  region: string
  ownerAccountId: string
  /** ms since the epoch */
  creationDate: number
  /**
   * What a write that asks for nothing gets; undefined: nothing. Whether somebody set it shows in the configuration
   * (`configurations/bucket-encryption.ts`).
   */
  encryption?: DefaultEncryption
  /** As the ownership controls have it, or ObjectWriter where there are none. */
  objectOwnership: ObjectOwnership
  /** `EU`, where the bucket was made by that old name of eu-west-1. */
  locationConstraint?: string
  /** Whether there is a bucket policy: a record of its own, `configurations/bucket-policy.ts`. */
  hasPolicy?: true
  /** Whether there ever was a policy, or an ACL for others: only then may others have written objects that are theirs. */
  wasOpened?: true
  /** Who asks for something pays for it: all but the owner's account must say that they do. */
  requesterPays?: true
  /** Whether there is a notification configuration that asks for something. */
  notifies?: true
  /** Whether there is a lifecycle configuration. */
  hasLifecycle?: true
  /** Whether there is a replication configuration. */
  replicates?: true
  /** Whether requests for it leave lines in an access log. */
  logsAccess?: true
  /** Whether versions can be locked, and how those are that nobody locks otherwise; once it is there it stays. */
  objectLock?: { defaultRetention?: DefaultRetention }
  /** Undefined: versioning was never on. */
  versioning?: 'Enabled' | 'Suspended'
}

/** How long every new version is locked, from when it is written. */
export interface DefaultRetention {
  mode: Retention['mode']
  /** Days, or years of the calendar. */
  days?: number
  years?: number
}

/** name → bucket; names are one namespace for all accounts, as on AWS */
export const bucketRecords = recordKind<BucketRecord>()('bucket', ['string'])

/**
 * The lock on a bucket: shared while something inside it is committed (so that the bucket cannot go in between), exclusive
 * while the bucket itself is made, changed or deleted.
 */
export function bucketLock(name: string, mode: LockRequest['mode']): LockRequest {
  return { name: `bucket:${name}`, mode }
}

/** The buckets of all accounts. Reads are synchronous; changes are staged in the caller's transaction. */
export class BucketStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  find(name: string, reader: Reader = this.#database): BucketRecord | undefined {
    return reader.get(bucketRecords, [name])
  }

  /** @throws AwsError NoSuchBucket */
  get(name: string, reader: Reader = this.#database): BucketRecord {
    const bucket = this.find(name, reader)
    if (!bucket) throw s3Errors.NoSuchBucket(name)
    return bucket
  }

  put(transaction: Transaction, bucket: BucketRecord): void {
    transaction.put(bucketRecords, [bucket.name], bucket)
  }

  delete(transaction: Transaction, name: string): void {
    transaction.delete(bucketRecords, [name])
  }

  /** All buckets in the order of their names, from a name that begins with `prefix` and lies behind `after`. */
  async *list(prefix: string, after?: string): AsyncGenerator<BucketRecord> {
    const range = { beginningWith: prefix, after: after === undefined ? undefined : [after] }
    for await (const { value } of this.#database.entries(bucketRecords, range)) yield value
  }
}

/**
 * @param expected `x-amz-expected-bucket-owner`, or `x-amz-source-expected-bucket-owner` of a copy's source
 * @throws AwsError AccessDenied; InvalidBucketOwnerAWSAccountID for what is no account id (evidence: s3-expected-owner)
 */
export function checkExpectedOwner(bucket: BucketRecord, expected: string | undefined): void {
  if (expected === undefined || expected === bucket.ownerAccountId) return
  if (!/^\d{12}$/.test(expected)) throw s3Errors.InvalidBucketOwnerAWSAccountID(expected)
  throw s3Errors.AccessDenied()
}
