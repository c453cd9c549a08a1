import { parseArn } from '../../aws/arn.ts'
import { s3Errors } from '../errors.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { tagsOf } from '../replication/replication-rules.ts'
import type { Replication } from './bucket-replication.ts'
import { bucketOfArn } from './destination-bucket.ts'

/*
 * S3's rules on a replication configuration, beyond the shape (evidence: s3-replication-words):
 *
 *   the form of all rules ─▶ the source has versions ─▶ the role ─▶ rule by rule ─▶ ids and priorities ─▶ destinations
 */

type Rule = Replication['Rules'][number]

const mostRules = 1000
const longestId = 255
const longestPrefix = 1024
const highestPriority = 2_147_483_647
const onlyMinutes = 15

/**
 * @param source the bucket that is to be replicated
 * @param findBucket of any account
 * @throws AwsError in S3's words for the first fault
 */
export function checkReplication(
  { Role, Rules }: Replication,
  source: BucketRecord,
  findBucket: (name: string) => BucketRecord | undefined,
): void {
  // That there may be a thousand is documented; the code beyond is not known.
  if (Rules.length === 0 || Rules.length > mostRules) throw s3Errors.MalformedXML()
  for (const rule of Rules) checkForm(rule)
  if (source.versioning !== 'Enabled') {
    refuse("Versioning must be 'Enabled' on the bucket to apply a replication configuration")
  }
  checkRole(Role, source)
  for (const rule of Rules) {
    checkSchema(rule)
    checkFilter(rule)
    checkEncryption(rule)
    checkDestination(rule)
  }
  checkIds(Rules)
  checkPriorities(Rules)
  for (const { Destination } of Rules) checkDestinationBucket(Destination.Bucket, source, findBucket)
}

function checkForm({ Filter, Prefix, ExistingObjectReplication }: Rule): void {
  if (ExistingObjectReplication) throw s3Errors.MalformedXML()
  if (!Filter) return
  if (Prefix !== undefined || Object.keys(Filter).length > 1) throw s3Errors.MalformedXML()
  if (!Filter.And) return
  const { Tags = [], ...others } = Filter.And
  if (Tags.length + Object.keys(others).length < 2) throw s3Errors.MalformedXML()
}

function checkRole(role: string, { ownerAccountId }: BucketRecord): void {
  const arn = parseArn(role)
  if (arn?.service !== 'iam' || !/^role\/.+$/.test(arn.resource)) {
    throw s3Errors.InvalidArgument('Invalid Role specified in replication configuration', 'Role', role)
  }
  if (arn.accountId !== ownerAccountId) throw s3Errors.AccessDenied()
}

/** A filter makes a rule one of the second version of the schema, which demands what the first does not know. */
function checkSchema(rule: Rule): void {
  const isSecond = rule.Filter !== undefined
  for (const element of ['Priority', 'DeleteMarkerReplication'] as const) {
    if ((rule[element] !== undefined) === isSecond) continue
    refuse(
      `${element} ${isSecond ? 'must be specified' : 'cannot be used'} for this version of Cross Region Replication ` +
        'configuration schema. Please refer to S3 Developer Guide for more information.',
    )
  }
  const { Priority } = rule
  if (Priority !== undefined && (Priority < 0 || Priority > highestPriority)) {
    refuse(`Priority must be between 0 and ${highestPriority}.`)
  }
}

function checkFilter(rule: Rule): void {
  const { Filter, Prefix = Filter?.And?.Prefix ?? Filter?.Prefix ?? '', DeleteMarkerReplication } = rule
  if (Buffer.byteLength(Prefix) > longestPrefix) refuse(`The maximum size of a prefix is ${longestPrefix}`)
  const tags = tagsOf(rule)
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) refuse('Duplicate Tag Keys are not allowed.')
  if (tags.length === 0 || DeleteMarkerReplication?.Status !== 'Enabled') return
  refuse(
    'Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.',
  )
}

const keyArn = /^arn:aws[\w-]*:kms:[\w-]+:\d{12}:(key|alias)\/.+$/

function checkEncryption({ SourceSelectionCriteria: criteria, Destination }: Rule): void {
  const { EncryptionConfiguration } = Destination
  if (criteria && Object.keys(criteria).length === 0) refuse('SourceSelectionCriteria cannot be empty.')
  if (EncryptionConfiguration && !criteria?.SseKmsEncryptedObjects) {
    refuse('SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.')
  }
  if (!criteria?.SseKmsEncryptedObjects) return
  const key = EncryptionConfiguration?.ReplicaKmsKeyID
  if (key === undefined) refuse('ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.')
  if (!keyArn.test(key)) throw s3Errors.InvalidArgument('Invalid ReplicaKmsKeyID ARN.', 'ReplicaKmsKeyID', key)
}

function checkDestination({ Destination }: Rule): void {
  const { Bucket, Account, AccessControlTranslation, ReplicationTime, Metrics } = Destination
  if (bucketOfArn(Bucket) === undefined) throw s3Errors.InvalidArgument('Invalid bucket ARN', 'Bucket', Bucket)
  if (AccessControlTranslation && Account === undefined) {
    refuse('Account must be specified if the Owner in AccessControlTranslation has a value')
  }
  // Metrics alone may be asked for ("Using S3 Replication metrics" in the User Guide).
  if (ReplicationTime && !Metrics) {
    refuse('Replication destination must contain both ReplicationTime and Metrics or neither.')
  }
  checkMinutes(ReplicationTime?.Time, 'ReplicationTime', 'Invalid time minute value')
  checkMinutes(Metrics?.EventThreshold, 'ReplicationMetrics', 'Invalid event threshold minute value')
}

function checkMinutes(period: { Minutes?: number } | undefined, element: string, message: string): void {
  if (period === undefined || period.Minutes === onlyMinutes) return
  throw s3Errors.InvalidArgument(message, element, period.Minutes === undefined ? undefined : String(period.Minutes))
}

function checkIds(rules: readonly Rule[]): void {
  const ids = new Set<string>()
  for (const { ID = '' } of rules) {
    if (ID.length > longestId) throw s3Errors.InvalidArgument(`Rule Id cannot be greater than ${longestId}`, 'ID', ID)
    if (ids.has(ID)) throw s3Errors.InvalidArgument('Rule Id must be unique', 'ID', ID)
    ids.add(ID)
  }
}

function checkPriorities(rules: readonly Rule[]): void {
  const priorities = new Set<number>()
  for (const { Priority } of rules) {
    if (Priority === undefined) continue
    if (priorities.has(Priority)) refuse(`Found duplicate priority ${Priority}.`)
    priorities.add(Priority)
  }
}

function checkDestinationBucket(
  arn: string,
  source: BucketRecord,
  findBucket: (name: string) => BucketRecord | undefined,
): void {
  const name = bucketOfArn(arn) ?? ''
  if (name === source.name) refuse('Destination bucket cannot be the same as the source bucket.')
  const bucket = findBucket(name)
  if (!bucket) refuse('Destination bucket must exist.')
  if (bucket.versioning !== 'Enabled') refuse('Destination bucket must have versioning enabled.')
}

function refuse(message: string): never {
  throw s3Errors.InvalidRequest(message)
}
