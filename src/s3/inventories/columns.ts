import { canonicalUserId } from '../../aws/caller.ts'
import { objectAclInForce } from '../access/acl-in-force.ts'
import type { Inventory } from '../configurations/bucket-inventory.ts'
import { expiryIn } from '../objects/lifecycle-headers.ts'
import { ownerIn } from '../objects/ownership.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { storageClassOf } from '../records/object-attributes.ts'
import { isMarker, nullVersion, type ObjectRecord, type ObjectVersion } from '../records/object-record.ts'
import { replicationStatusOf } from '../records/replication.ts'

/*
 * The columns of a report, in AWS's order, whatever the order in which they were asked for ("Amazon S3 Inventory list" in the
 * Amazon S3 User Guide; evidence: s3-inventory).
 */

/** A version of a key, or a delete marker. */
export interface Listed {
  bucket: BucketRecord
  key: string
  version: ObjectVersion
  isLatest: boolean
}

type Services = Pick<S3Services, 'configurations'>

export interface Column {
  name: string
  read(listed: Listed, services: Services): string
}

const ofAll = (name: string, read: (listed: Listed) => string): Column => ({ name, read })

/** Delete markers have nothing of it. */
const ofObjects = (
  name: string,
  read: (record: ObjectRecord, listed: Listed, services: Services) => string,
): Column => ({
  name,
  read: (listed, services) => (isMarker(listed.version) ? '' : read(listed.version, listed, services)),
})

const identity = [
  ofAll('Bucket', ({ bucket }) => bucket.name),
  // All of it is encoded, slashes too.
  ofAll('Key', ({ key }) => encodeURIComponent(key)),
]

/** Where all versions are listed. */
const ofVersions = [
  ofAll('VersionId', ({ version: { versionId } }) => (versionId === nullVersion ? '' : versionId)),
  ofAll('IsLatest', ({ isLatest }) => String(isLatest)),
  ofAll('IsDeleteMarker', ({ version }) => String(isMarker(version))),
]

const encryptionStatuses: Readonly<Record<ObjectRecord['envelope']['scheme'], string>> = {
  none: 'NOT-SSE',
  'SSE-S3': 'SSE-S3',
  'SSE-KMS': 'SSE-KMS',
  'DSSE-KMS': 'DSSE-KMS',
  'SSE-C': 'SSE-C',
}

const optional = [
  ofObjects('Size', ({ size }) => String(size)),
  ofAll('LastModifiedDate', ({ version }) => new Date(version.lastModified).toISOString()),
  ofObjects('ETag', ({ etag }) => etag),
  ofObjects('StorageClass', (record) => storageClassOf(record)),
  ofObjects('IsMultipartUploaded', ({ uploadId }) => String(uploadId !== undefined)),
  ofObjects('ReplicationStatus', ({ replication }) => (replication ? replicationStatusOf(replication) : '')),
  ofObjects('EncryptionStatus', ({ envelope }) => encryptionStatuses[envelope.scheme]),
  ofObjects('ObjectLockRetainUntilDate', ({ attributes }) => dateOf(attributes?.retention?.retainUntil)),
  ofObjects('ObjectLockMode', ({ attributes }) => attributes?.retention?.mode ?? ''),
  ofObjects('ObjectLockLegalHoldStatus', ({ attributes }) => attributes?.legalHold ?? ''),
  ofObjects('IntelligentTieringAccessTier', (record) =>
    storageClassOf(record) === 'INTELLIGENT_TIERING' ? 'FREQUENT' : '',
  ),
  ofObjects('BucketKeyStatus', ({ envelope: { scheme, bucketKeyEnabled } }) => {
    if (scheme !== 'SSE-KMS' && scheme !== 'DSSE-KMS') return ''
    return bucketKeyEnabled ? 'ENABLED' : 'DISABLED'
  }),
  ofObjects('ChecksumAlgorithm', ({ checksum }) => checksum?.algorithm ?? ''),
  ofObjects('ObjectAccessControlList', aclOf),
  ofAll('ObjectOwner', ({ bucket, version }) => canonicalUserId(ownerIn(bucket, version.ownerAccountId))),
  // Of noncurrent versions nothing is told: assumed, as no header tells of theirs.
  ofObjects('LifecycleExpirationDate', (record, { bucket, key, isLatest }, services) =>
    isLatest ? dateOf(expiryIn(services, bucket, key, record)?.time) : '',
  ),
]

export function columnsOf({ IncludedObjectVersions, OptionalFields = [] }: Inventory): Column[] {
  const asked = new Set<string>(OptionalFields)
  const versions = IncludedObjectVersions === 'All' ? ofVersions : []
  return [...identity, ...versions, ...optional.filter(({ name }) => asked.has(name))]
}

function dateOf(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '' : new Date(milliseconds).toISOString()
}

function aclOf(record: ObjectRecord, { bucket }: Listed, services: Services): string {
  const grants = objectAclInForce(services, bucket, record).grants.map(({ grantee, permission }) =>
    'id' in grantee
      ? { canonicalId: grantee.id, type: 'Canonical', permission }
      : { uri: grantee.group, type: 'Group', permission },
  )
  return Buffer.from(JSON.stringify({ version: '2022-11-10', status: 'AVAILABLE', grants })).toString('base64')
}
