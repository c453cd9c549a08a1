import type { Routed } from '../operation.ts'

/**
 * The operations of S3 that are not here, with their routes as AWS's model gives them, so that a refusal can name them.
 * An operation that is built leaves this list.
 */
export const notImplemented: readonly Routed[] = [
  { name: 'CreateBucketMetadataConfiguration', route: 'POST /{Bucket}?metadataConfiguration' },
  { name: 'ListDirectoryBuckets', route: 'GET /?x-id=ListDirectoryBuckets' },
  { name: 'RenameObject', route: 'PUT /{Bucket}/{Key+}?renameObject' },
  { name: 'WriteGetObjectResponse', route: 'POST /{Bucket} #x-amz-request-route #x-amz-request-token' },
]
