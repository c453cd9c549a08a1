import { enumeration, flattened, integer, required, string, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { storageClasses } from '../records/object-attributes.ts'
import { bucketConfiguration } from './bucket-configuration.ts'
import { ConfigurationFilter } from './configuration-filter.ts'
import { checkReplication } from './replication-validation.ts'

/*
 * To which buckets new versions are copied. What it does is in `replication/`, and how replicas are made in `replicas/`. Source:
 * PutBucketReplication and "Replication configuration file elements" in the Amazon S3 documentation (evidence: s3-replication-document).
 */

const Status = enumeration(['Enabled', 'Disabled'])
const Switched = structure({ Status: required(Status) })
const Minutes = structure({ Minutes: integer() })

const Destination = structure({
  Bucket: required(string()),
  Account: string(),
  StorageClass: enumeration(storageClasses),
  AccessControlTranslation: structure({ Owner: required(enumeration(['Destination'])) }),
  EncryptionConfiguration: structure({ ReplicaKmsKeyID: string() }),
  ReplicationTime: structure({ Status: required(Status), Time: required(Minutes) }),
  Metrics: structure({ Status: required(Status), EventThreshold: Minutes }),
})

/** In the order in which S3 shows a rule's members. */
const Rule = structure({
  ID: string(),
  Priority: integer(),
  Prefix: string(),
  Filter: ConfigurationFilter,
  Status: required(Status),
  SourceSelectionCriteria: structure({ SseKmsEncryptedObjects: Switched, ReplicaModifications: Switched }),
  ExistingObjectReplication: Switched,
  Destination: required(Destination),
  DeleteMarkerReplication: structure({ Status }),
})

export const ReplicationConfiguration = structure({
  Role: required(string()),
  Rules: required(flattened('Rule', Rule)),
})

export type Replication = ValueOf<typeof ReplicationConfiguration>

export const BucketReplication = bucketConfiguration({
  name: 'replication',
  subresource: 'replication',
  root: 'ReplicationConfiguration',
  shape: ReplicationConfiguration,
  get: { name: 'GetBucketReplication', action: 's3:GetReplicationConfiguration' },
  put: {
    name: 'PutBucketReplication',
    action: 's3:PutReplicationConfiguration',
    digest: 'required',
    differs:
      'destinations are buckets of this emulator; what can be copied is copied at once; a role that nobody declared may do everything, unless `--auth strict`',
  },
  delete: { name: 'DeleteBucketReplication', action: 's3:PutReplicationConfiguration' },
  absent({ name }) {
    throw s3Errors.ReplicationConfigurationNotFoundError(name)
  },
  check({ Role, Rules }, { services, request }) {
    const { bucket } = request
    const completed = { Role, Rules: Rules.map((rule) => ({ ...rule, ID: rule.ID || newId(services.ambient.uuid()) })) }
    checkReplication(completed, bucket, (name) => services.buckets.find(name))
    // Who has S3 act as a role must be allowed to hand it the role (IAM User Guide, "Granting a user permissions to pass a role").
    const passing = { ...request, document: { values: { 'iam:passedtoservice': 's3.amazonaws.com' } } }
    services.access.permit(passing, [{ action: 'iam:PassRole', resource: Role }])
    return completed
  },
  effect: (bucket, value) => ({ ...bucket, replicates: value === undefined ? undefined : true }),
})

function newId(uuid: string): string {
  return Buffer.from(uuid).toString('base64')
}
