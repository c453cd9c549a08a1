/** Errors of metadata tables, which lie in S3 Tables (evidence: s3-metadata-tables). */
export const metadataTableErrors = {
  MetadataConfigurationNotFound: (BucketName: string) => ({
    message: 'The metadata configuration was not found',
    status: 404,
    details: { BucketName },
  }),
  V1APIsNotAllowed: (Method: string, operation: string, successor: string) => ({
    message:
      `The V1 ${operation} API operation isn't available for this account. ` +
      `Use the corresponding V2 ${successor} API operation instead.`,
    status: 405,
    details: { Method },
  }),
}
