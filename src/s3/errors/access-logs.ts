/** Errors of PutBucketLogging (evidence: s3-access-logs). */
export const accessLogErrors = {
  InvalidTargetBucketForLogging: (message: string, TargetBucket: string) => ({
    message,
    status: 400,
    details: { TargetBucket },
  }),
  // AWS's spelling, and the space at its end is AWS's too.
  CrossLocationLoggingProhibitted: (TargetBucketLocation: string, SourceBucketLocation?: string) => ({
    message: 'Cross S3 location logging not allowed. ',
    status: 403,
    details: { TargetBucketLocation, SourceBucketLocation },
  }),
}
