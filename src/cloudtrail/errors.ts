import { errorCatalogue } from '../aws/errors.ts'

/*
 * CloudTrail's closed list of errors, for trails. Words are AWS's where somebody has shown them (evidence: trail-words), and else those of
 * its API reference.
 */

export const cloudTrailErrors = errorCatalogue({
  TrailNotFoundException: (name: string, accountId: string) => bad(`Unknown trail: ${name} for the user: ${accountId}`),
  TrailAlreadyExistsException: (name: string, accountId: string) =>
    bad(`Trail ${name} already exists for customer: ${accountId}`),
  MaximumNumberOfTrailsExceededException: (accountId: string, count: number, region: string) =>
    bad(`User: ${accountId} already has ${count} trails in ${region}.`),
  InvalidTrailNameException: (words: string) => bad(words),
  CloudTrailARNInvalidException: (arn: string) => bad(`Invalid ARN: ${arn}`),
  InvalidHomeRegionException: (region: string) =>
    bad(`This operation is allowed only in the home region of the trail: ${region}.`),
  S3BucketDoesNotExistException: (bucket: string) => bad(`S3 bucket ${bucket} does not exist!`),
  InvalidS3BucketNameException: (bucket: string) => bad(`Bucket name ${bucket} is not valid.`),
  InvalidS3PrefixException: (words: string) => bad(words),
  InsufficientS3BucketPolicyException: (bucket: string) =>
    bad(`Incorrect S3 bucket policy is detected for bucket: ${bucket}`),
  InvalidKmsKeyIdException: (keyId: string) => bad(`The KMS key ${keyId} is not valid.`),
  KmsKeyNotFoundException: (keyId: string) =>
    bad(`The KMS key ${keyId} does not exist, or is not in the bucket's Region.`),
  KmsException: (words: string) => bad(words),
  InsufficientEncryptionPolicyException: (bucket: string, keyId: string) =>
    bad(`Insufficient permissions to access S3 bucket ${bucket} or KMS key ${keyId}.`),
  InsufficientSnsTopicPolicyException: () => bad('SNS Topic does not exist or the topic policy is incorrect!'),
  InvalidCloudWatchLogsLogGroupArnException: () => bad('CloudTrail cannot validate the specified log group ARN.'),
  OrganizationsNotInUseException: () => bad('Your account is not a member of an organization.'),
  InvalidParameterException: (words: string) => bad(words),
  InvalidParameterCombinationException: (words: string) => bad(words),
  InvalidEventSelectorsException: (words: string) => bad(words),
  InvalidTagParameterException: (words: string) => bad(words),
  TagsLimitExceededException: () => bad('The number of tags per trail has exceeded the permitted amount, which is 50.'),
  ResourceNotFoundException: (arn: string) => bad(`Resource not found: ${arn}`),
  ResourceTypeNotSupportedException: (arn: string) => bad(`Resource type is not supported: ${arn}`),
  InvalidTimeRangeException: () => bad('The start time is after the end time.'),
  InvalidTokenException: () => bad('The token is not valid.'),
  InsightNotEnabledException: (name: string) => bad(`Trail ${name} does not have Insights enabled.`),
})

function bad(message: string) {
  return { message, status: 400 }
}
