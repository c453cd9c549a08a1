import type { Routed } from '../operation.ts'

/**
 * The operations of S3 that are not here, with their routes as AWS's model gives them, so that a refusal can name them.
 * An operation that is built leaves this list.
 */
export const notImplemented: readonly Routed[] = [
  { name: 'CreateBucketMetadataConfiguration', route: 'POST /{Bucket}?metadataConfiguration' },
  { name: 'DeleteBucketLifecycle', route: 'DELETE /{Bucket}?lifecycle' },
  { name: 'DeleteBucketReplication', route: 'DELETE /{Bucket}?replication' },
  { name: 'GetObjectLegalHold', route: 'GET /{Bucket}/{Key+}?legal-hold' },
  { name: 'GetObjectRetention', route: 'GET /{Bucket}/{Key+}?retention' },
  { name: 'ListDirectoryBuckets', route: 'GET /?x-id=ListDirectoryBuckets' },
  { name: 'PutBucketLifecycleConfiguration', route: 'PUT /{Bucket}?lifecycle' },
  { name: 'PutBucketReplication', route: 'PUT /{Bucket}?replication' },
  { name: 'PutObjectLegalHold', route: 'PUT /{Bucket}/{Key+}?legal-hold' },
  { name: 'PutObjectLockConfiguration', route: 'PUT /{Bucket}?object-lock' },
  { name: 'PutObjectRetention', route: 'PUT /{Bucket}/{Key+}?retention' },
  { name: 'RenameObject', route: 'PUT /{Bucket}/{Key+}?renameObject' },
  { name: 'WriteGetObjectResponse', route: 'POST /{Bucket} #x-amz-request-route #x-amz-request-token' },
]
