import { Tag } from '../documents/tagging.ts'
import {
  boolean,
  enumeration,
  flattened,
  integer,
  long,
  required,
  string,
  structure,
  timestamp,
} from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { type Lifecycle, minimumSizes } from '../lifecycle/lifecycle-record.ts'
import { stageRules } from '../records/lifecycle-index.ts'
import { stageLifecycle } from '../records/lifecycle-schedule.ts'
import { bucketConfiguration } from './bucket-configuration.ts'
import { checkLifecycle } from './lifecycle-validation.ts'

/*
 * When objects expire, move to other classes, and uploads are given up. What it does is in `lifecycle/`. Source:
 * PutBucketLifecycleConfiguration and "Lifecycle configuration elements" in the Amazon S3 documentation (evidence: s3-lifecycle-document).
 */

const predicates = { Prefix: string(), ObjectSizeGreaterThan: long(), ObjectSizeLessThan: long() }

const Filter = structure({
  ...predicates,
  Tag,
  And: structure({ ...predicates, Tags: flattened('Tag', Tag) }),
})

const targetClass = enumeration(
  ['GLACIER', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'DEEP_ARCHIVE', 'GLACIER_IR'],
  (text) => {
    if (text !== 'STANDARD' && text !== 'REDUCED_REDUNDANCY') return s3Errors.MalformedXML()
    return s3Errors.InvalidArgument('Invalid target Storage class for Transition action', 'StorageClass', text)
  },
)

/** In the order in which S3 shows a rule's members. */
const Rule = structure({
  ID: string(),
  Filter,
  Prefix: string(),
  Status: required(enumeration(['Enabled', 'Disabled'])),
  Expiration: structure({ Date: timestamp(), Days: integer(), ExpiredObjectDeleteMarker: boolean() }),
  Transitions: flattened('Transition', structure({ Date: timestamp(), Days: integer(), StorageClass: targetClass })),
  NoncurrentVersionExpiration: structure({ NoncurrentDays: integer(), NewerNoncurrentVersions: integer() }),
  NoncurrentVersionTransitions: flattened(
    'NoncurrentVersionTransition',
    structure({ NoncurrentDays: integer(), NewerNoncurrentVersions: integer(), StorageClass: targetClass }),
  ),
  AbortIncompleteMultipartUpload: structure({ DaysAfterInitiation: integer() }),
})

export const LifecycleConfiguration = structure({
  Rules: required(flattened('Rule', Rule), () =>
    s3Errors.InvalidRequest('At least one lifecycle rule must be specified.'),
  ),
})

/** A thousand rules, with ten tags or a transition to each class: what 1 MiB has room for. */
const mostElements = 45_000

const minimumHeader = 'x-amz-transition-default-minimum-object-size'

export const BucketLifecycle = bucketConfiguration<Lifecycle>({
  name: 'lifecycle',
  subresource: 'lifecycle',
  root: 'LifecycleConfiguration',
  shape: LifecycleConfiguration,
  get: { name: 'GetBucketLifecycleConfiguration', action: 's3:GetLifecycleConfiguration' },
  put: {
    name: 'PutBucketLifecycleConfiguration',
    action: 's3:PutLifecycleConfiguration',
    digest: 'required',
    elements: mostElements,
    differs:
      'what is due is done within a minute of midnight in UTC, and of the Put; a lone delete marker goes at the next midnight',
  },
  delete: { name: 'DeleteBucketLifecycle', action: 's3:PutLifecycleConfiguration' },
  absent({ name }) {
    throw s3Errors.NoSuchLifecycleConfiguration(name)
  },
  check({ Rules }, { services, request }) {
    const minimumSize = readMinimumSize(request.headers)
    checkLifecycle(Rules)
    return { Rules: Rules.map((rule) => ({ ...rule, ID: rule.ID || newId(services.ambient.uuid()) })), minimumSize }
  },
  announce(transaction, _, { services, request: { bucket } }) {
    stageLifecycle(transaction, { due: services.ambient.now(), bucket: bucket.name })
    stageRules(transaction, bucket.name, bucket.hasLifecycle === true)
  },
  answers: ({ minimumSize = minimumSizes[0] }) => ({ [minimumHeader]: minimumSize }),
  effect: (bucket, value) => ({ ...bucket, hasLifecycle: value === undefined ? undefined : true }),
})

function newId(uuid: string): string {
  return Buffer.from(uuid).toString('base64')
}

/** @throws AwsError InvalidRequest */
function readMinimumSize({ [minimumHeader]: value }: Readonly<Record<string, string>>): Lifecycle['minimumSize'] {
  if (value === undefined) return undefined
  const known = minimumSizes.find((name) => name === value)
  if (known) return known
  throw s3Errors.InvalidRequest(`Invalid TransitionDefaultMinimumObjectSize found: ${value}`)
}
