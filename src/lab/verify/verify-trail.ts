import { bucketArn } from '../../aws/arn.ts'
import { arnOf } from '../../kms/keys/key.ts'
import { storedKeys } from '../../kms/keys/key-store.ts'
import { bucketRecords } from '../../s3/records/buckets.ts'
import { everyRecord } from '../../trail/every-record.ts'
import type { Report } from './report.ts'
import type { View } from './view.ts'

/** A key or bucket and the event that made it have times of one call, which may differ by this, in ms. */
const margin = 60_000
const makers: ReadonlySet<string> = new Set(['CreateKey', 'CreateBucket'])

/** Each key and bucket that the trail is old enough for has the event that made it. That events are found is asked of their records. */
export async function verifyTrail({ records, context }: View, report: Report): Promise<void> {
  const unexplained = new Map<string, number>()
  for await (const key of storedKeys(records)) {
    // S3 makes AWS's own keys in the course of a call.
    if (key.keyManager !== 'AWS') unexplained.set(arnOf(key), key.creationDate)
  }
  for await (const { value } of records.entries(bucketRecords))
    unexplained.set(bucketArn(value.name), value.creationDate)
  report.proceed('trail', 0)
  for await (const { eventName, resources = [], errorCode } of everyRecord(records)) {
    report.proceed('trail', report.counts.events++)
    if (makers.has(eventName) && errorCode === undefined) for (const { ARN } of resources) unexplained.delete(ARN)
  }
  for (const [arn, creationDate] of unexplained) {
    if (creationDate >= context.oldestEvent + margin) report.add('trail', arn, 'no event says that it was made')
  }
}
