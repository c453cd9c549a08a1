import { createHash } from 'node:crypto'
import { bucketArn } from '../../aws/arn.ts'
import { type Caller, identifierLetters } from '../../aws/caller.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { isMarker, nullVersion, type ObjectVersion } from '../records/object-record.ts'
import type { EventCause, ObjectEvent } from './event.ts'
import type { EventName } from './event-names.ts'

/*
 * What is sent, in AWS's JSON:
 *
 *   queue, topic, function   { Records: [ { eventVersion, …, s3: { bucket, object } } ] }      one record a message
 *   event bus                { source: aws.s3, detail-type: Object Created, detail: { … } }
 *   the test event           { Service, Event: s3:TestEvent, … }
 *
 * Source: "Event message structure" and "EventBridge event message structure", S3 User Guide (evidence: s3-event-record, s3-event-bridge).
 */

/** An event that was given its place in the order of its key. */
export interface PlacedEvent extends ObjectEvent {
  /** ms since the epoch */
  time: number
  /** Hex digits; of one key the later event has the greater one. */
  sequencer: string
}

export type Message = Record<string, unknown>

/** The message of a queue, a topic, a function. */
export function recordMessage(
  bucket: BucketRecord,
  event: PlacedEvent,
  cause: EventCause,
  configurationId: string,
): Message {
  const { name, key, version, data } = event
  const record = {
    eventVersion: '2.5',
    eventSource: 'aws:s3',
    awsRegion: bucket.region,
    eventTime: new Date(event.time).toISOString(),
    eventName: name,
    userIdentity: { principalId: principalOf(bucket, name, cause) },
    requestParameters: { sourceIPAddress: 'service' in cause ? cause.service : cause.call.clientAddress },
    responseElements: responseElementsOf(cause),
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: {
        name: bucket.name,
        ownerIdentity: { principalId: ownerOf(bucket, name) },
        arn: bucketArn(bucket.name),
      },
      object: {
        key: formEncoded(key),
        size: sizeOf(name, version),
        eTag: etagOf(name, version),
        versionId: versionIdOf(version),
        sequencer: isOrdered(name) ? event.sequencer : undefined,
      },
    },
    ...data,
  }
  return { Records: [record] }
}

/** Which events EventBridge hears of: all but those of replication, and the loss of an object. */
const detailTypes: Partial<Record<EventName, string>> = {
  'ObjectCreated:Put': 'Object Created',
  'ObjectCreated:Post': 'Object Created',
  'ObjectCreated:Copy': 'Object Created',
  'ObjectCreated:CompleteMultipartUpload': 'Object Created',
  'ObjectRemoved:Delete': 'Object Deleted',
  'ObjectRemoved:DeleteMarkerCreated': 'Object Deleted',
  'LifecycleExpiration:Delete': 'Object Deleted',
  'LifecycleExpiration:DeleteMarkerCreated': 'Object Deleted',
  'ObjectRestore:Post': 'Object Restore Initiated',
  'ObjectRestore:Completed': 'Object Restore Completed',
  'ObjectRestore:Delete': 'Object Restore Expired',
  LifecycleTransition: 'Object Storage Class Changed',
  IntelligentTiering: 'Object Access Tier Changed',
  'ObjectAcl:Put': 'Object ACL Updated',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
}

const reasons: Partial<Record<EventName, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Post': 'POST Object',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
  'ObjectRemoved:Delete': 'DeleteObject',
  'ObjectRemoved:DeleteMarkerCreated': 'DeleteObject',
  'LifecycleExpiration:Delete': 'Lifecycle Expiration',
  'LifecycleExpiration:DeleteMarkerCreated': 'Lifecycle Expiration',
}

/** The ARN of the event bus that S3 sends to: the default one of the bucket's account. */
export function eventBusArn({ region, ownerAccountId }: BucketRecord): string {
  return `arn:aws:events:${region}:${ownerAccountId}:event-bus/default`
}

/**
 * The message of the event bus.
 * @param id a UUID
 * @returns undefined for what EventBridge does not hear of
 */
export function bridgeMessage(
  bucket: BucketRecord,
  event: PlacedEvent,
  cause: EventCause,
  id: string,
): Message | undefined {
  const { name, key, version } = event
  const type = detailTypes[name]
  if (type === undefined) return undefined
  return {
    version: '0',
    id,
    'detail-type': type,
    source: 'aws.s3',
    account: bucket.ownerAccountId,
    time: `${new Date(event.time).toISOString().slice(0, 19)}Z`,
    region: bucket.region,
    resources: [bucketArn(bucket.name)],
    detail: {
      version: '0',
      'event-version': '1.1',
      bucket: { name: bucket.name },
      object: {
        key,
        size: sizeOf(name, version),
        etag: etagOf(name, version),
        'version-id': versionIdOf(version),
        sequencer: isOrdered(name) ? event.sequencer : undefined,
      },
      ...('service' in cause
        ? { requester: cause.service }
        : {
            'request-id': cause.requestId,
            requester: requesterOf(cause.authentication.caller),
            'source-ip-address': cause.call.clientAddress,
          }),
      reason: reasons[name],
      'deletion-type': deletionTypeOf(type, name),
      ...bridgeDataOf(event),
    },
  }
}

function deletionTypeOf(type: string, name: EventName): string | undefined {
  if (type !== 'Object Deleted') return undefined
  return name.endsWith(':DeleteMarkerCreated') ? 'Delete Marker Created' : 'Permanently Deleted'
}

function bridgeDataOf({ data = {} }: ObjectEvent): Message {
  const { glacierEventData, lifecycleEventData, intelligentTieringEventData } = data
  const restored = glacierEventData?.restoreEventData
  return {
    'restore-expiry-time': restored?.lifecycleRestorationExpiryTime,
    'source-storage-class': restored?.lifecycleRestoreStorageClass,
    'destination-storage-class': lifecycleEventData?.transitionEventData.destinationStorageClass,
    'destination-access-tier': intelligentTieringEventData?.destinationAccessTier,
  }
}

/** What a queue and a topic get when they are configured. */
export function testMessage(
  bucket: string,
  time: number,
  { requestId, hostId }: { requestId: string; hostId: string },
) {
  return {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(time).toISOString(),
    Bucket: bucket,
    RequestId: requestId,
    HostId: hostId,
  }
}

/** As consumers decode it: a space is `+`, slashes stand (evidence: s3-event-key). */
export function formEncoded(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
}

/** MD5 of nothing: S3 shows it as the ETag of a delete marker. */
const emptyEtag = 'd41d8cd98f00b204e9800998ecf8427e'

function etagOf(name: EventName, version: ObjectVersion): string | undefined {
  if (name.endsWith(':DeleteMarkerCreated')) return emptyEtag
  if (isRemoval(name)) return undefined
  return isMarker(version) ? emptyEtag : version.etag
}

function sizeOf(name: EventName, version: ObjectVersion): number | undefined {
  if (isRemoval(name) || isMarker(version) || /^Object(Tagging|Acl):/.test(name)) return undefined
  return version.size
}

function isRemoval(name: EventName): boolean {
  return name.startsWith('ObjectRemoved:') || name.startsWith('LifecycleExpiration:')
}

/** Only where the bucket gives ids. */
function versionIdOf({ versionId }: ObjectVersion): string | undefined {
  return versionId === nullVersion ? undefined : versionId
}

function isOrdered(name: EventName): boolean {
  return isRemoval(name) || name.startsWith('ObjectCreated:') || name.startsWith('ObjectRestore:')
}

/** Events of replication name the account itself (evidence: s3-replication-events). */
function ownerOf({ ownerAccountId }: BucketRecord, name: EventName): string {
  return name.startsWith('Replication:') ? ownerAccountId : customerId(ownerAccountId)
}

/** A copy that is ready is told in the name of whoever owns the bucket. */
function principalOf({ ownerAccountId }: BucketRecord, name: EventName, cause: EventCause): string {
  if (name === 'ObjectRestore:Completed') return `AmazonCustomer:${customerId(ownerAccountId)}`
  return 'service' in cause ? cause.service : principalIdOf(cause.authentication.caller)
}

function principalIdOf({ type, principalId }: Caller): string {
  if (type === 'AWSService') return principalId
  return type === 'Anonymous' ? 'Anonymous' : `AWS:${principalId}`
}

/** The account; a service has none. */
function requesterOf({ type, accountId, principalId }: Caller): string {
  return type === 'AWSService' ? principalId : accountId || 'anonymous'
}

function responseElementsOf(cause: EventCause): Record<string, string> | undefined {
  if ('service' in cause) return undefined
  return { 'x-amz-request-id': cause.requestId, 'x-amz-id-2': cause.hostId }
}

/** The id by which Amazon knows a customer: `A` and 13 letters; AWS's are opaque, ours follow from the account. */
function customerId(accountId: string): string {
  return `A${identifierLetters(createHash('sha256').update(`customer:${accountId}`).digest().subarray(0, 13))}`
}
