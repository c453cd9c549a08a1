import { Grantee } from '../documents/grantee.ts'
import { enumeration, list, required, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { globalRegion } from '../regions.ts'
import { bucketConfiguration, type CheckContext } from './bucket-configuration.ts'

const TargetGrant = structure({ Grantee, Permission: enumeration(['FULL_CONTROL', 'READ', 'WRITE']) })

const LoggingEnabled = structure({
  TargetBucket: required(string()),
  TargetGrants: list('Grant', TargetGrant),
  TargetPrefix: required(string()),
  TargetObjectKeyFormat: structure({
    SimplePrefix: structure({}),
    PartitionedPrefix: structure({ PartitionDateSource: enumeration(['EventTime', 'DeliveryTime']) }),
  }),
})

export const BucketLoggingStatus = structure({ LoggingEnabled })

/** Where the access logs of a bucket go, and how their objects are named. */
export type AccessLogging = ValueOf<typeof LoggingEnabled>

/**
 * Whether each request for the bucket leaves a line, and where (`access-logs/`). There is no Delete: an empty document switches it
 * off. Whether lines can be delivered is not looked at (evidence: s3-access-logs).
 */
export const BucketLogging = bucketConfiguration({
  name: 'logging',
  subresource: 'logging',
  root: 'BucketLoggingStatus',
  shape: BucketLoggingStatus,
  hasType: true,
  get: { name: 'GetBucketLogging', action: 's3:GetBucketLogging' },
  put: {
    name: 'PutBucketLogging',
    action: 's3:PutBucketLogging',
    differs:
      'lines are delivered within a minute, and kept from then on; the last before a kill may be lost, one in a delivery may come twice; cipher suite, ACL and source Region are not told',
  },
  absent: () => ({}),
  check({ LoggingEnabled: asked }, context) {
    if (!asked) return undefined
    checkKeyFormat(asked)
    checkTarget(asked, context)
    return { LoggingEnabled: asked }
  },
  effect: (bucket, value) => ({ ...bucket, logsAccess: value?.LoggingEnabled ? true : undefined }),
})

/** @throws AwsError MalformedXML for both formats, or none */
function checkKeyFormat({ TargetObjectKeyFormat: format }: AccessLogging): void {
  if (format && (format.SimplePrefix === undefined) === (format.PartitionedPrefix === undefined)) {
    throw s3Errors.MalformedXML()
  }
}

/** @throws AwsError InvalidTargetBucketForLogging, CrossLocationLoggingProhibitted, AccessControlListNotSupported */
function checkTarget({ TargetBucket, TargetGrants }: AccessLogging, { services, request }: CheckContext): void {
  const target = services.buckets.find(TargetBucket)
  if (!target) {
    throw s3Errors.InvalidTargetBucketForLogging('The target bucket for logging does not exist', TargetBucket)
  }
  const source = request.bucket
  if (target.ownerAccountId !== source.ownerAccountId) {
    const message = 'The owner for the bucket to be logged and the target bucket must be the same.'
    throw s3Errors.InvalidTargetBucketForLogging(message, TargetBucket)
  }
  if (target.region !== source.region) throw prohibited(source, target)
  if (TargetGrants?.length && target.objectOwnership === 'BucketOwnerEnforced') {
    throw s3Errors.AccessControlListNotSupported('Target grants not allowed for bucket owner enforced buckets')
  }
}

function prohibited(source: BucketRecord, target: BucketRecord) {
  const location = source.region === globalRegion ? undefined : source.region
  return s3Errors.CrossLocationLoggingProhibitted(target.region, location)
}
