import type { Pin } from '../../store/blobs.ts'
import { lockOfWrite } from '../objects/object-lock.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { DeleteMarker, ObjectRecord } from '../records/object-record.ts'
import { locksOfReading, type PinnedObject } from '../records/objects.ts'
import type { DueReplication, ReplicationPlace } from '../replication/due-replications.ts'
import type { ReplicationDestination } from '../replication/replication-rules.ts'
import { copyObject, type ObjectCopy } from './copy.ts'
import { endReplication, type ReplicationEnd } from './ending.ts'
import { ReplicationFailure } from './failure.ts'
import { amendedReplica, replicaDraft } from './replica-record.ts'
import type { RoleSessions } from './role.ts'
import { RoleRequests } from './role-requests.ts'

/*
 * One version, replicated to one bucket in the name of the role:
 *
 *   destination fit? ─▶ role assumed ─▶ permissions ─▶ bodies copied ─▶ under the locks of both objects, in one commit:
 *                                                                       replica · status of the source · no longer due · events
 *
 * What replica and source share (tags, ACL, lock) is the source's as it is at the commit; what is changed later is due anew.
 */

export type ReplicaServices = Pick<
  S3Services,
  'access' | 'ambient' | 'blobs' | 'buckets' | 'database' | 'envelopes' | 'log' | 'notifications' | 'objects'
> & {
  roles: RoleSessions
  newRequestId(): { requestId: string; hostId: string }
  /** Ends what is under way. */
  signal: AbortSignal
}

/** All that an attempt is about. */
export interface Attempt {
  place: ReplicationPlace
  due: DueReplication
  source: BucketRecord
  target: BucketRecord
  requests: RoleRequests
  hostId: string
}

/**
 * Makes the replica, and ends what was due. Of a version that is gone nothing is left to do.
 * @throws ReplicationFailure where S3 would give up; others where it may succeed another time
 */
export async function replicate(
  services: ReplicaServices,
  place: ReplicationPlace,
  due: DueReplication,
): Promise<void> {
  const seen = await look(services, place)
  try {
    await replicateSeen(services, place, due, seen)
  } finally {
    seen.release()
  }
}

/** What there is at both ends. */
interface Seen extends Pin {
  version: PinnedObject | DeleteMarker | undefined
  /** Whether the destination has it already. */
  isThere: boolean
}

/** Looks under the locks of both objects: no version is missed that is just being moved. */
function look({ database, objects }: ReplicaServices, place: ReplicationPlace): Promise<Seen> {
  const { bucket, key, versionId, destination } = place
  const locks = [...locksOfReading(bucket, key), ...locksOfReading(destination, key)]
  return database.locks.with(locks, async () => {
    const isThere = objects.version(destination, key, versionId) !== undefined
    const found = objects.version(bucket, key, versionId)
    if (!found || 'isDeleteMarker' in found) return { version: found, isThere, release: () => undefined }
    const version = objects.pin(found)
    return { version, isThere, release: version.release }
  })
}

async function replicateSeen(
  services: ReplicaServices,
  place: ReplicationPlace,
  due: DueReplication,
  { version, isThere }: Seen,
): Promise<void> {
  const source = services.buckets.find(place.bucket)
  if (!version || !source) return endReplication(services, place, due, 'gone')
  if (!source.replicates) {
    throw new ReplicationFailure('SrcBucketReplicationConfigMissing', `${source.name} is no longer replicated`)
  }
  const target = requireTarget(services, source, place, due.rule.Destination)
  const caller = services.roles.begin(due.role, source)
  if (!caller) throw new ReplicationFailure('AssumeRoleNotPermitted', `S3 may not assume the role ${due.role}`)
  const { requestId, hostId } = services.newRequestId()
  const operation = 'isDeleteMarker' in version ? 'ReplicateDelete' : 'ReplicateObject'
  const requests = new RoleRequests(services.access, { caller, requestId, operation, versionId: place.versionId })
  const attempt: Attempt = { place, due, source, target, requests, hostId }
  await requests.require('s3:GetReplicationConfiguration', source, undefined, 'SrcGetObjectNotPermitted')
  if ('isDeleteMarker' in version) return replicateMarker(services, attempt)
  return replicateObject(services, attempt, version, isThere)
}

function requireTarget(
  { buckets }: ReplicaServices,
  source: BucketRecord,
  { destination }: ReplicationPlace,
  { Account }: ReplicationDestination,
): BucketRecord {
  const target = buckets.find(destination)
  if (!target) throw new ReplicationFailure('DstBucketNotFound', `there is no bucket ${destination}`)
  if (Account !== undefined && Account !== target.ownerAccountId) {
    throw new ReplicationFailure('DstPutObjectNotPermitted', `${destination} is not of the account ${Account}`)
  }
  if (target.versioning !== 'Enabled') {
    throw new ReplicationFailure('DstBucketUnversioned', `the versioning of ${destination} is not enabled`)
  }
  if (source.objectLock && !target.objectLock) {
    throw new ReplicationFailure('DstBucketObjectLockConfigMissing', `${destination} has no Object Lock`)
  }
  return target
}

async function replicateMarker(services: ReplicaServices, attempt: Attempt): Promise<void> {
  const { place, due, source, target, requests } = attempt
  // "The current permissions model requires s3:ListBucket for accessing delete markers."
  await requests.require('s3:ListBucket', source, undefined, 'SrcGetObjectNotPermitted')
  await requests.require('s3:ReplicateDelete', target, place.key, 'DstDelObjNotPermitted')
  const { objects } = services
  await endReplication(services, place, due, async (transaction, inTarget) => {
    const marker = objects.version(source.name, place.key, place.versionId, transaction)
    if (!marker || 'record' in marker || objects.version(target.name, place.key, place.versionId, transaction)) {
      return undefined
    }
    const version = await objects.putReplicaMarker(transaction, inTarget, place.key, marker)
    return { name: 'ObjectRemoved:DeleteMarkerCreated', version, cause: causeOf(attempt) }
  })
}

async function replicateObject(
  services: ReplicaServices,
  attempt: Attempt,
  object: PinnedObject,
  isThere: boolean,
): Promise<void> {
  const { place, due, source, target, requests } = attempt
  if (!isThere && due.change === 'amendment') {
    throw new ReplicationFailure('DstVersionNotFound', `${target.name} has no such version any more`)
  }
  const hasTags = await requirePermissions(attempt, object.record)
  if (isThere) return endReplication(services, place, due, amendment(services, attempt, hasTags))
  const replicaKey = due.rule.Destination.EncryptionConfiguration?.ReplicaKmsKeyID
  const copier = { authentication: requests.authenticationIn(source), requestId: requests.requestId }
  const spot = { bucket: target, key: place.key }
  const copy = await copyObject(services, copier, { bucket: source, key: place.key, object }, spot, replicaKey)
  await commitCopy(services, attempt, copy, hasTags)
}

/** @returns whether tags are replicated: without the permission for them all else is */
async function requirePermissions(attempt: Attempt, { attributes, envelope }: ObjectRecord): Promise<boolean> {
  const { place, due, source, target, requests } = attempt
  const { key } = place
  await requests.require('s3:GetObjectVersionForReplication', source, key, 'SrcGetObjectNotPermitted')
  await requests.require('s3:GetObjectVersionAcl', source, key, 'SrcGetAclNotPermitted')
  if (attributes?.retention || attributes?.legalHold) {
    await requests.require('s3:GetObjectRetention', source, key, 'SrcGetObjectNotPermitted')
    await requests.require('s3:GetObjectLegalHold', source, key, 'SrcGetObjectNotPermitted')
  }
  const headers = encryptionHeaders(envelope.scheme, due.rule.Destination)
  await requests.require('s3:ReplicateObject', target, key, 'DstPutObjectNotPermitted', headers)
  if (due.rule.Destination.AccessControlTranslation) {
    await requests.require('s3:ObjectOwnerOverrideToBucketOwner', target, key, 'DstPutObjectNotPermitted')
  }
  return requests.may('s3:GetObjectVersionTagging', source, key) && requests.may('s3:ReplicateTags', target, key)
}

const algorithms: Partial<Record<ObjectRecord['envelope']['scheme'], string>> = {
  'SSE-S3': 'AES256',
  'SSE-KMS': 'aws:kms',
  'DSSE-KMS': 'aws:kms:dsse',
}

/** What the replica's encryption says to policies. */
function encryptionHeaders(
  scheme: ObjectRecord['envelope']['scheme'],
  { EncryptionConfiguration }: ReplicationDestination,
): Record<string, string> {
  const sse = 'x-amz-server-side-encryption'
  const headers: Record<string, string> = {}
  if (scheme === 'SSE-C') headers[`${sse}-customer-algorithm`] = 'AES256'
  const algorithm = algorithms[scheme]
  if (algorithm !== undefined) headers[sse] = algorithm
  const key = EncryptionConfiguration?.ReplicaKmsKeyID
  if (key !== undefined && (scheme === 'SSE-KMS' || scheme === 'DSSE-KMS')) headers[`${sse}-aws-kms-key-id`] = key
  return headers
}

async function commitCopy(
  services: ReplicaServices,
  attempt: Attempt,
  copy: ObjectCopy,
  hasTags: boolean,
): Promise<void> {
  const { objects, blobs } = services
  const { place, due, source, requests } = attempt
  let isKept = false
  const abandon = () => {
    for (const blob of copy.blobs) blobs.abandon(blob)
  }
  try {
    await endReplication(services, place, due, async (transaction, inTarget) => {
      const version = objects.version(source.name, place.key, place.versionId, transaction)
      const isThere = objects.version(inTarget.name, place.key, place.versionId, transaction) !== undefined
      if (!version || 'isDeleteMarker' in version || isThere) return undefined
      for (const blob of copy.blobs) blobs.keep(transaction, blob)
      const writing = { bucket: inTarget, headers: {}, authentication: requests.authenticationIn(inTarget) }
      const retention = lockOfWrite(writing, services.ambient.now())?.retention
      const form = { destination: due.rule.Destination, bucket: inTarget, key: place.key, hasTags, retention }
      const draft = replicaDraft(version.record, copy, form)
      const replica = await objects.putReplica(transaction, inTarget, place.key, draft, version.record)
      isKept = true
      return { name: 'ObjectCreated:Put', version: replica, cause: causeOf(attempt) }
    })
  } catch (error) {
    abandon()
    throw error
  }
  // The version went while it was copied.
  if (!isKept) abandon()
}

/** Tags, ACL and lock of a version that is there already. */
function amendment({ objects }: ReplicaServices, attempt: Attempt, hasTags: boolean): ReplicationEnd {
  const { place, due, source, target } = attempt
  return async (transaction) => {
    const version = objects.version(source.name, place.key, place.versionId, transaction)
    const replica = objects.version(target.name, place.key, place.versionId, transaction)
    if (!version || !replica || 'isDeleteMarker' in version || 'isDeleteMarker' in replica) return undefined
    const record = amendedReplica(replica.record, version.record, due.rule.Destination, hasTags)
    objects.amend(transaction, target.name, place.key, { record, bodies: replica.bodies })
    return undefined
  }
}

/** The request that an event of the destination comes of: S3's own, in the role's name. */
function causeOf({ requests, target, hostId }: Attempt) {
  return {
    call: { clientAddress: 's3.amazonaws.com' },
    authentication: requests.authenticationIn(target),
    requestId: requests.requestId,
    hostId,
  }
}
