const Header = 'x-amz-bucket-namespace'

/** Errors of CreateBucket in a namespace of an account and a Region (evidence: s3-bucket-namespaces). */
export const bucketNamespaceErrors = {
  MissingNamespaceHeader: () => ({
    message:
      'The requested bucket is an account-regional namespace bucket, but your request is missing the required ' +
      `${Header} header.`,
    status: 400,
    details: { Header },
  }),
  InvalidNamespaceHeader: (message: string) => ({ message, status: 400 }),
  InvalidBucketNamespace: (message: string) => ({ message, status: 400 }),
}
