import type { Routed } from '../operation.ts'

/**
 * The operations of S3 that are not here, with their routes as AWS's model gives them, so that a refusal can name them.
 * An operation that is built leaves this list.
 */
export const notImplemented: readonly Routed[] = [
  { name: 'CreateBucketMetadataConfiguration', route: 'POST /{Bucket}?metadataConfiguration' },
  { name: 'CreateBucketMetadataTableConfiguration', route: 'POST /{Bucket}?metadataTable' },
  { name: 'CreateSession', route: 'GET /{Bucket}?session' },
  { name: 'DeleteBucketLifecycle', route: 'DELETE /{Bucket}?lifecycle' },
  { name: 'DeleteBucketMetadataConfiguration', route: 'DELETE /{Bucket}?metadataConfiguration' },
  { name: 'DeleteBucketMetadataTableConfiguration', route: 'DELETE /{Bucket}?metadataTable' },
  { name: 'DeleteBucketReplication', route: 'DELETE /{Bucket}?replication' },
  { name: 'DeleteBucketWebsite', route: 'DELETE /{Bucket}?website' },
  { name: 'DeleteObjectTagging', route: 'DELETE /{Bucket}/{Key+}?tagging' },
  { name: 'GetBucketMetadataConfiguration', route: 'GET /{Bucket}?metadataConfiguration' },
  { name: 'GetBucketMetadataTableConfiguration', route: 'GET /{Bucket}?metadataTable' },
  { name: 'GetObjectLegalHold', route: 'GET /{Bucket}/{Key+}?legal-hold' },
  { name: 'GetObjectRetention', route: 'GET /{Bucket}/{Key+}?retention' },
  { name: 'GetObjectTagging', route: 'GET /{Bucket}/{Key+}?tagging' },
  { name: 'ListDirectoryBuckets', route: 'GET /?x-id=ListDirectoryBuckets' },
  { name: 'PutBucketLifecycleConfiguration', route: 'PUT /{Bucket}?lifecycle' },
  { name: 'PutBucketReplication', route: 'PUT /{Bucket}?replication' },
  { name: 'PutBucketVersioning', route: 'PUT /{Bucket}?versioning' },
  { name: 'PutBucketWebsite', route: 'PUT /{Bucket}?website' },
  { name: 'PutObjectLegalHold', route: 'PUT /{Bucket}/{Key+}?legal-hold' },
  { name: 'PutObjectLockConfiguration', route: 'PUT /{Bucket}?object-lock' },
  { name: 'PutObjectRetention', route: 'PUT /{Bucket}/{Key+}?retention' },
  { name: 'PutObjectTagging', route: 'PUT /{Bucket}/{Key+}?tagging' },
  { name: 'RenameObject', route: 'PUT /{Bucket}/{Key+}?renameObject' },
  { name: 'RestoreObject', route: 'POST /{Bucket}/{Key+}?restore' },
  { name: 'SelectObjectContent', route: 'POST /{Bucket}/{Key+}?select&select-type=2' },
  { name: 'UpdateBucketMetadataInventoryTableConfiguration', route: 'PUT /{Bucket}?metadataInventoryTable' },
  { name: 'UpdateBucketMetadataJournalTableConfiguration', route: 'PUT /{Bucket}?metadataJournalTable' },
  { name: 'WriteGetObjectResponse', route: 'POST /{Bucket} #x-amz-request-route #x-amz-request-token' },
]
