import { s3Errors } from '../errors.ts'
import { onBucket } from '../needs.ts'
import type { BucketOperation } from '../operation.ts'

/*
 * Metadata tables of a bucket lie in S3 Tables, which is not here, so no bucket has any:
 *
 *   V1  ?metadataTable                                    gone since 2025 for new accounts: V1APIsNotAllowed
 *   V2  ?metadataConfiguration, ?metadataInventoryTable…  MetadataConfigurationNotFound; making one is NotImplemented
 *
 * Evidence: s3-metadata-tables.
 */

interface Named {
  name: string
  route: string
  action: string
}

/** An operation on what no bucket has. */
function missing({ name, route, action }: Named): BucketOperation {
  return {
    name,
    level: 'bucket',
    route,
    needs: onBucket(action),
    trail: { readOnly: route.startsWith('GET') },
    async handle(_services, { bucket }) {
      throw s3Errors.MetadataConfigurationNotFound(bucket.name)
    },
  }
}

/** An operation that has a successor. */
function retired({ name, route, action }: Named, successor: string): BucketOperation {
  return {
    name,
    level: 'bucket',
    route,
    needs: onBucket(action),
    trail: { readOnly: route.startsWith('GET') },
    async handle(_services, { call }) {
      throw s3Errors.V1APIsNotAllowed(call.method, name, successor)
    },
  }
}

export const bucketMetadataOperations: readonly BucketOperation[] = [
  retired(
    {
      name: 'CreateBucketMetadataTableConfiguration',
      route: 'POST /{Bucket}?metadataTable',
      action: 's3:CreateBucketMetadataTableConfiguration',
    },
    'CreateBucketMetadataConfiguration',
  ),
  retired(
    {
      name: 'GetBucketMetadataTableConfiguration',
      route: 'GET /{Bucket}?metadataTable',
      action: 's3:GetBucketMetadataTableConfiguration',
    },
    'GetBucketMetadataConfiguration',
  ),
  retired(
    {
      name: 'DeleteBucketMetadataTableConfiguration',
      route: 'DELETE /{Bucket}?metadataTable',
      action: 's3:DeleteBucketMetadataTableConfiguration',
    },
    'DeleteBucketMetadataConfiguration',
  ),
  missing({
    name: 'GetBucketMetadataConfiguration',
    route: 'GET /{Bucket}?metadataConfiguration',
    action: 's3:GetBucketMetadataTableConfiguration',
  }),
  missing({
    name: 'DeleteBucketMetadataConfiguration',
    route: 'DELETE /{Bucket}?metadataConfiguration',
    action: 's3:DeleteBucketMetadataTableConfiguration',
  }),
  missing({
    name: 'UpdateBucketMetadataInventoryTableConfiguration',
    route: 'PUT /{Bucket}?metadataInventoryTable',
    action: 's3:UpdateBucketMetadataInventoryTableConfiguration',
  }),
  missing({
    name: 'UpdateBucketMetadataJournalTableConfiguration',
    route: 'PUT /{Bucket}?metadataJournalTable',
    action: 's3:UpdateBucketMetadataJournalTableConfiguration',
  }),
]
