import { boolean, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import type { S3Services } from '../operation.ts'
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

const nothingBlocked: Required<Block> = {
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

/** The flags of a bucket; all are off where it has none. */
export function blockOf(services: Pick<S3Services, 'configurations'>, bucket: string): Block {
  return PublicAccessBlock.find(services, bucket) ?? nothingBlocked
}
