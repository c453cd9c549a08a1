/** Errors of the configurations that a bucket may have many of, each with an id (evidence: s3-identified-configurations). */
export const identifiedConfigurationErrors = {
  NoSuchConfiguration: () => ({ message: 'The specified configuration does not exist.', status: 404 }),
  TooManyConfigurations: (limit: number) => ({
    message: `You have attempted to create more configurations than the ${limit} allowed.`,
    status: 400,
  }),
  MalformedContinuationToken: () => ({ message: 'The continuation-token you provided invalid.', status: 400 }),
  InvalidConfigurationId: () => ({ message: 'The specified configuration id is invalid.', status: 400 }),
  InvalidConfigId: (message: string) => ({ message, status: 400 }),
  IdMismatch: () => ({ message: 'Document ID does not match the specified configuration ID.', status: 400 }),

  // Analytics
  MissingStorageClassAnalysis: () => ({ message: 'Storage Class Analysis cannot be null.', status: 400 }),
  InvalidPrefix: () => ({
    message: 'Filter Prefix should be set to a valid non-empty value or not set at all.',
    status: 400,
  }),
  InvalidAnd: () => ({
    message: 'Number of Prefixes and Tags combined cannot be less than 2. And cannot contain less than 2 elements.',
    status: 400,
  }),
  InvalidDestination: () => ({ message: 'Invalid bucket ARN.', status: 400 }),

  // Inventory
  InvalidS3DestinationBucket: () => ({ message: 'Invalid bucket ARN.', status: 400 }),
  InvalidKmskeyId: () => ({ message: 'The KMS key ID is invalid.', status: 400 }),

  // Intelligent tiering
  InvalidAccessTier: (message: string) => ({ message, status: 400 }),
}
