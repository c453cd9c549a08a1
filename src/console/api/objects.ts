import { listPage } from '../../s3/records/listing.ts'
import { isRetained } from '../../s3/records/object-attributes.ts'
import { isMarker, type ObjectVersion } from '../../s3/records/object-record.ts'
import { listVersionPage, type VersionStart } from '../../s3/records/version-listing.ts'
import type { ObjectPage, VersionRow } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'
import { requireBucket } from './buckets.ts'

const pageLength = 200

export interface ObjectQuery {
  bucket: string
  prefix: string
  /** `/`: folders; empty: a list of all keys. */
  delimiter: string
  /** Whether all versions and delete markers are asked for. */
  versions: boolean
  /** `next` of the page before. */
  after?: string
}

/**
 * A page of a bucket's keys, as their records have them: nothing is asked of S3, so nothing is left in the trail.
 * @throws ConsoleRefusal
 */
export async function listObjects({ services, ambient }: ApiContext, query: ObjectQuery): Promise<ObjectPage> {
  const { database } = services.inProcess
  requireBucket(database, query.bucket)
  const { bucket, prefix, delimiter } = query
  const common = { bucket, prefix, delimiter, limit: pageLength, start: startOf(query.after) }
  const now = ambient.now()
  if (!query.versions) {
    const { entries, next } = await listPage(database, common)
    const rows = entries.map((entry) =>
      'key' in entry ? rowOf(entry.key, entry.object, true, now) : { prefix: entry.commonPrefix },
    )
    return { rows, next: next && JSON.stringify(next) }
  }
  const { entries, isTruncated } = await listVersionPage(database, common)
  const rows = entries.map((entry) =>
    'key' in entry ? rowOf(entry.key, entry.version, entry.isLatest, now) : { prefix: entry.commonPrefix },
  )
  const last = entries.at(-1)
  if (!isTruncated || !last) return { rows }
  const next: VersionStart =
    'key' in last
      ? { behindKey: last.key, behindVersionId: last.version.versionId }
      : { behindPrefix: last.commonPrefix }
  return { rows, next: JSON.stringify(next) }
}

export function rowOf(key: string, version: ObjectVersion, isLatest: boolean, now: number): VersionRow {
  const { versionId, lastModified } = version
  if (isMarker(version)) {
    return { key, versionId, isLatest, isMarker: true, lastModified, size: 0, scheme: 'none', isLocked: false }
  }
  const { size, envelope, attributes } = version
  return {
    key,
    versionId,
    isLatest,
    isMarker: false,
    lastModified,
    size,
    scheme: envelope.scheme,
    keyArn: envelope.keyArn,
    storageClass: attributes?.storageClass,
    isLocked: attributes?.legalHold === 'ON' || isRetained(attributes?.retention, now),
  }
}

/** @throws ConsoleRefusal */
function startOf(after: string | undefined): VersionStart {
  if (after === undefined) return {}
  const parsed = readJson(after)
  if (typeof parsed !== 'object' || parsed === null) throw wrongToken()
  const members = Object.entries(parsed)
  const names = ['behindKey', 'behindVersionId', 'behindPrefix']
  if (!members.every(([name, value]) => names.includes(name) && typeof value === 'string')) throw wrongToken()
  return Object.fromEntries(members)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw wrongToken()
  }
}

function wrongToken(): ConsoleRefusal {
  return new ConsoleRefusal(400, 'after must be what a page before gave as next')
}
