import { cloudTrailErrors } from '../errors.ts'
import type { TrailSettings } from '../records/kinds.ts'

/** What CreateTrail and UpdateTrail take beside the trail's name. */
export interface AskedSettings {
  S3BucketName?: string
  S3KeyPrefix?: string
  SnsTopicName?: string
  IncludeGlobalServiceEvents?: boolean
  IsMultiRegionTrail?: boolean
  EnableLogFileValidation?: boolean
  CloudWatchLogsLogGroupArn?: string
  CloudWatchLogsRoleArn?: string
  KmsKeyId?: string
  IsOrganizationTrail?: boolean
}

type Changed = Pick<
  TrailSettings,
  'bucket' | 'prefix' | 'includesGlobalServices' | 'isMultiRegion' | 'validatesLogFiles' | 'kmsKeyId'
>

const longestPrefix = 200

/**
 * A trail with what is asked for in the place of what it had; an empty text takes prefix or key away. SNS, CloudWatch Logs and
 * Organizations are not here, so what of them is named does not exist, and AWS's error says so.
 * @throws AwsError InvalidS3BucketNameException, InvalidS3PrefixException, InvalidParameterCombinationException,
 * InsufficientSnsTopicPolicyException, InvalidCloudWatchLogsLogGroupArnException, OrganizationsNotInUseException
 */
export function changedSettings<Trail extends Changed>(trail: Trail, asked: AskedSettings): Trail {
  const { S3BucketName: bucket = trail.bucket, S3KeyPrefix: prefix = trail.prefix } = asked
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw cloudTrailErrors.InvalidS3BucketNameException(bucket)
  checkPrefix(prefix ?? '')
  const includesGlobalServices = asked.IncludeGlobalServiceEvents ?? trail.includesGlobalServices
  const isMultiRegion = asked.IsMultiRegionTrail ?? trail.isMultiRegion
  if (isMultiRegion && !includesGlobalServices) {
    throw cloudTrailErrors.InvalidParameterCombinationException(
      'Multi-Region trail must include global service events.',
    )
  }
  refuseWhatIsNotHere(asked)
  return {
    ...trail,
    bucket,
    prefix: prefix || undefined,
    includesGlobalServices,
    isMultiRegion,
    validatesLogFiles: asked.EnableLogFileValidation ?? trail.validatesLogFiles,
    kmsKeyId: (asked.KmsKeyId ?? trail.kmsKeyId) || undefined,
  }
}

function checkPrefix(prefix: string): void {
  if (prefix.length > longestPrefix) {
    throw cloudTrailErrors.InvalidS3PrefixException(`S3 prefix is longer than ${longestPrefix} characters.`)
  }
  if (prefix.startsWith('/')) throw cloudTrailErrors.InvalidS3PrefixException('S3 prefix must not begin with a slash.')
}

function refuseWhatIsNotHere(asked: AskedSettings): void {
  if (asked.SnsTopicName) throw cloudTrailErrors.InsufficientSnsTopicPolicyException()
  // A role needs a log group ("CloudWatchLogsRoleArn", CloudTrail API reference).
  if (asked.CloudWatchLogsLogGroupArn || asked.CloudWatchLogsRoleArn)
    throw cloudTrailErrors.InvalidCloudWatchLogsLogGroupArnException()
  if (asked.IsOrganizationTrail) throw cloudTrailErrors.OrganizationsNotInUseException()
}
