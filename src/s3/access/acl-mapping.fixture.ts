/**
 * Which operations each permission of an ACL gives (Amazon S3 User Guide, "Mapping of ACL permissions and access policy permissions"),
 * for the models of tests: of the bucket, or of the object that the operation is about.
 */
export const operationsByPermission: Readonly<Record<string, readonly string[]>> = withFullControl({
  READ: [
    'ListObjects',
    'ListObjectsV2',
    'ListObjectVersions',
    'ListMultipartUploads',
    'HeadBucket',
    'GetObject',
    'HeadObject',
    'GetObjectTorrent',
    'CreateSession',
    'SelectObjectContent',
  ],
  WRITE: ['PutObject', 'PostObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'],
  READ_ACP: ['GetBucketAcl', 'GetObjectAcl'],
  WRITE_ACP: ['PutBucketAcl', 'PutObjectAcl'],
})

function withFullControl(table: Record<string, readonly string[]>) {
  return { ...table, FULL_CONTROL: Object.values(table).flat() }
}
