import { withLock, withTags } from '../objects/attributes.ts'
import { sealTarget } from '../objects/session.ts'
import { sealObject } from '../objects/write.ts'
import type { BucketRecord } from '../records/buckets.ts'
import {
  attributesOf,
  type ObjectAttributes,
  type Retention,
  type StorageClass,
  storageClasses,
} from '../records/object-attributes.ts'
import type { ObjectDraft, ObjectRecord } from '../records/object-record.ts'
import type { ReplicationDestination } from '../replication/replication-rules.ts'
import type { ObjectCopy } from './copy.ts'

/*
 * What a replica has of its source, and what of its rule and its bucket ("What does Amazon S3 replicate?" in the Amazon S3 User Guide;
 * evidence: s3-replication-what):
 *
 *   the source's          metadata, redirect, ETag, checksums, tags, retention, legal hold; owner and ACL, unless the rule gives it away
 *   the rule's            storage class, where it names one
 *   the bucket's          its default retention, where the source has none
 */

/** What makes a replica another than its source. */
export interface ReplicaForm {
  destination: ReplicationDestination
  /** Where the replica is to be. */
  bucket: BucketRecord
  key: string
  /** Whether the role may read and write tags. */
  hasTags: boolean
  /** The bucket's default, from now on. */
  retention: Retention | undefined
}

/** A replica that is not there yet. */
export function replicaDraft(source: ObjectRecord, copy: ObjectCopy, form: ReplicaForm): ObjectDraft {
  const { envelope, bodies, checksum } = copy
  const { size, etag, systemMetadata, userMetadata, uploadId } = source
  const { bucket, key, destination } = form
  const isGiven = destination.AccessControlTranslation !== undefined
  return {
    bodies,
    record: {
      size,
      etag,
      systemMetadata,
      userMetadata,
      checksum,
      uploadId,
      attributes: attributesOfReplica(source.attributes, form),
      ownerAccountId: isGiven ? bucket.ownerAccountId : source.ownerAccountId,
      acl: isGiven ? undefined : source.acl,
      replication: { isReplica: true },
    },
    seal: (versionId) => sealObject(envelope, bodies, sealTarget(bucket, key, versionId)),
  }
}

/** A replica that is there, with what was changed of its source since. */
export function amendedReplica(
  replica: ObjectRecord,
  { attributes, acl }: ObjectRecord,
  { AccessControlTranslation }: ReplicationDestination,
  hasTags: boolean,
): ObjectRecord {
  const { retention = replica.attributes?.retention, legalHold } = attributes ?? {}
  const isLocked = retention !== undefined || legalHold !== undefined
  const tagged = hasTags ? withTags(replica.attributes, attributes?.tags) : replica.attributes
  return {
    ...replica,
    attributes: isLocked ? withLock(tagged, { retention, legalHold }) : tagged,
    acl: AccessControlTranslation ? replica.acl : acl,
  }
}

function attributesOfReplica(
  attributes: ObjectAttributes | undefined,
  { destination: { StorageClass }, hasTags, retention }: ReplicaForm,
): ObjectAttributes | undefined {
  return attributesOf({
    storageClass: StorageClass === undefined ? attributes?.storageClass : classOf(StorageClass),
    websiteRedirectLocation: attributes?.websiteRedirectLocation,
    tags: hasTags ? attributes?.tags : undefined,
    retention: attributes?.retention ?? retention,
    legalHold: attributes?.legalHold,
  })
}

function classOf(name: string): ObjectAttributes['storageClass'] {
  return storageClasses.find(
    (known): known is Exclude<StorageClass, 'STANDARD'> => known === name && known !== 'STANDARD',
  )
}
