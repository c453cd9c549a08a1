import { type BucketRecord, bucketRecords } from '../../s3/records/buckets.ts'
import { bodiesOf } from '../../s3/records/object-bodies.ts'
import { isMarker, type ObjectRecord, objectRecords, objectVersions } from '../../s3/records/object-record.ts'
import { versionOf } from '../../s3/records/versions.ts'
import type { SealTarget } from '../../s3/sse/envelope.ts'
import type { Services } from '../../services.ts'
import type { Report } from './report.ts'
import { verifySealed } from './sealed.ts'

/** Reads every version of every object as a client with all keys would. */
export async function verifyObjects(services: Services, report: Report): Promise<void> {
  const { database } = services.inProcess
  const bytes = { done: 0, total: 0 }
  for await (const { size } of versionsIn(services)) bytes.total += size
  const progress = (count: number) => report.proceed('objects', bytes.done + count, bytes.total)
  for await (const { target, region, size } of versionsIn(services)) {
    progress(0)
    const { bucket, key, versionId } = target
    const record = versionOf(database, [bucket, key], versionId)
    // One that was erased meanwhile is no fault.
    if (record && !isMarker(record)) {
      const isRead = await verifySealed(services, report, {
        where: versionUri(bucket, key, versionId),
        target,
        region,
        envelope: record.envelope,
        manifest: { mac: record.manifest, of: 'object' },
        kept: record,
        bodies: bodiesOf(database, target, record),
        progress,
      })
      if (isRead) report.counts.versions++
    }
    bytes.done += size
  }
  progress(0)
}

/** `s3://bucket/key?versionId=…` */
export function versionUri(bucket: string, key: string, versionId: string): string {
  return `s3://${bucket}/${key}?versionId=${versionId}`
}

interface Version {
  target: SealTarget
  region: string
  /** of its plaintext, bytes */
  size: number
}

async function* versionsIn({ inProcess: { database } }: Services): AsyncGenerator<Version> {
  for await (const { value: bucket } of database.entries(bucketRecords)) {
    const within = [bucket.name]
    for await (const { key, value } of database.entries(objectRecords, { within })) {
      yield versionIn(bucket, key[1], value)
    }
    for await (const { key, value } of database.entries(objectVersions, { within })) {
      if (!isMarker(value)) yield versionIn(bucket, key[1], value)
    }
  }
}

function versionIn({ name, region }: BucketRecord, key: string, { versionId, size }: ObjectRecord): Version {
  return { target: { bucket: name, key, versionId }, region, size }
}
