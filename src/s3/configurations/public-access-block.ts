import type { Transaction } from '../../store/database.ts'
import { boolean, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { identifiedName } from '../records/configurations.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const PublicAccessBlockConfiguration = structure({
  BlockPublicAcls: boolean(),
  IgnorePublicAcls: boolean(),
  BlockPublicPolicy: boolean(),
  RestrictPublicBuckets: boolean(),
})
type Block = ValueOf<typeof PublicAccessBlockConfiguration>

/*
 * What keeps a bucket from being public, by mistake or on purpose ("Blocking public access to your Amazon S3 storage"):
 *
 *   BlockPublicAcls        no public ACL is put           access/blocked-acl.ts
 *   IgnorePublicAcls       those there count for nothing  access/acl-in-force.ts
 *   BlockPublicPolicy      no public policy is put
 *   RestrictPublicBuckets  a public policy lets in its own account alone
 */

/** What a bucket has from its beginning, since April 2023. */
export const everythingBlocked: Block = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

export const nothingBlocked: Required<Block> = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
}

export const PublicAccessBlock = bucketConfiguration({
  name: 'publicAccessBlock',
  subresource: 'publicAccessBlock',
  root: 'PublicAccessBlockConfiguration',
  shape: PublicAccessBlockConfiguration,
  get: { name: 'GetPublicAccessBlock', action: 's3:GetBucketPublicAccessBlock' },
  put: { name: 'PutPublicAccessBlock', action: 's3:PutBucketPublicAccessBlock' },
  delete: { name: 'DeletePublicAccessBlock', action: 's3:PutBucketPublicAccessBlock' },
  absent({ name }) {
    throw s3Errors.NoSuchPublicAccessBlockConfiguration(name)
  },
  // A flag that is left out is off.
  check: (sent) => ({ ...nothingBlocked, ...sent }),
})

type Configurations = Pick<S3Services, 'configurations'>

/** Of no bucket: no bucket has an empty name. */
const ofNoBucket = ''
const ofAccount = (accountId: string) => identifiedName<Block>('publicAccessBlock', accountId)

/** The flags of an account, which count for all its buckets; S3 Control sets them. */
export const AccountPublicAccessBlock = {
  find: ({ configurations }: Configurations, accountId: string) =>
    configurations.find(ofAccount(accountId), ofNoBucket),
  keep({ configurations }: Configurations, transaction: Transaction, accountId: string, block: Block | undefined) {
    if (block) configurations.put(transaction, ofAccount(accountId), ofNoBucket, block)
    else configurations.delete(transaction, ofAccount(accountId), ofNoBucket)
  },
}

/** The flags in force on a bucket: what it or its account has on is on. */
export function blockOf(services: Configurations, bucket: Pick<BucketRecord, 'name' | 'ownerAccountId'>): Block {
  const own = PublicAccessBlock.find(services, bucket.name)
  const all = AccountPublicAccessBlock.find(services, bucket.ownerAccountId)
  if (!own || !all) return own ?? all ?? nothingBlocked
  return {
    BlockPublicAcls: own.BlockPublicAcls || all.BlockPublicAcls,
    IgnorePublicAcls: own.IgnorePublicAcls || all.IgnorePublicAcls,
    BlockPublicPolicy: own.BlockPublicPolicy || all.BlockPublicPolicy,
    RestrictPublicBuckets: own.RestrictPublicBuckets || all.RestrictPublicBuckets,
  }
}
