import { storedLifecycle } from '../lifecycle/lifecycle-record.ts'
import { abortOf, type Due, expiryOf } from '../lifecycle/rules.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { ObjectRecord } from '../records/object-record.ts'
import { httpDate } from './metadata.ts'

/*
 * What answers tell of a lifecycle, whoever asks (evidence: s3-lifecycle-headers):
 *
 *   x-amz-expiration: expiry-date="Fri, 02 Oct 2026 00:00:00 GMT", rule-id="ID"      of the current version, asked for without an id
 *   x-amz-abort-date: Fri, 02 Oct 2026 00:00:00 GMT                                  of an upload
 *   x-amz-abort-rule-id: ID
 */

type Services = Pick<S3Services, 'configurations'>

type Expiring = Pick<ObjectRecord, 'size' | 'attributes' | 'lastModified'>

/** When a current version expires, and by which rule; undefined where no rule expires it, or its bucket has no lifecycle. */
export function expiryIn(
  { configurations }: Services,
  bucket: BucketRecord,
  key: string,
  { size, attributes, lastModified }: Expiring,
): Due | undefined {
  if (!bucket.hasLifecycle) return undefined
  const lifecycle = configurations.find(storedLifecycle, bucket.name)
  return lifecycle && expiryOf(lifecycle, { key, size, attributes }, lastModified)
}

/** `x-amz-expiration` of an object as it stands; none where nothing expires it. */
export function expirationHeader(
  services: Services,
  bucket: BucketRecord,
  key: string,
  object: Expiring,
): Record<string, string> | undefined {
  const due = expiryIn(services, bucket, key, object)
  return due && { 'x-amz-expiration': `expiry-date="${httpDate(due.time)}", rule-id="${ruleId(due)}"` }
}

/** @param initiated ms since the epoch: when the upload began */
export function abortHeaders(
  { configurations }: Services,
  bucket: BucketRecord,
  key: string,
  initiated: number,
): Record<string, string> | undefined {
  if (!bucket.hasLifecycle) return undefined
  const lifecycle = configurations.find(storedLifecycle, bucket.name)
  const due = lifecycle && abortOf(lifecycle, key, initiated)
  return due && { 'x-amz-abort-date': httpDate(due.time), 'x-amz-abort-rule-id': ruleId(due) }
}

/** Quotes, per cent, control and other than ASCII are escaped, the latter in lower case; nothing else. */
function ruleId({ rule: { ID = '' } }: Due): string {
  return ID.replace(/["%]|[^\x20-\x7e]+/g, (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  )
}
