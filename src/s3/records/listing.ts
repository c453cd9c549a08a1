import type { Database } from '../../store/database.ts'
import { type ObjectRecord, objectRecords } from './object-record.ts'

/*
 * One page of a bucket's keys in the order of their UTF-8 bytes:
 *
 *   a/1  a/2  a/3  b  c/1        prefix '', delimiter '/'   →   a/  b  c/
 *   └──┬───────┘
 *      one entry: the walk seeks past it, so the cost follows what is returned, not what is stored
 */

export interface ListingQuery {
  bucket: string
  prefix: string
  /** Empty: nothing is rolled up. */
  delimiter: string
  start: Start
  /** Entries a page may have: keys and common prefixes together. */
  limit: number
}

/** Where a page begins: behind a key, or behind everything that begins with a common prefix. */
export interface Start {
  behindKey?: string
  behindPrefix?: string
}

export type ListingEntry = { key: string; object: ObjectRecord } | { commonPrefix: string }

export interface ListingPage {
  entries: ListingEntry[]
  /** Present when there is more. */
  next?: Start
}

/**
 * Walks a snapshot of the bucket.
 * @returns at most `limit` entries; a limit of 0 is an empty, complete page, as on AWS
 */
export async function listPage(database: Database, query: ListingQuery): Promise<ListingPage> {
  const { bucket, prefix, start, limit } = query
  if (limit === 0 || isBehindAll(prefix, start.behindPrefix)) return { entries: [] }
  const range = {
    within: [bucket],
    beginningWith: prefix,
    after: start.behindKey === undefined ? undefined : [bucket, start.behindKey],
  }
  const cursor = database.cursor(objectRecords, range)
  try {
    if (start.behindPrefix?.startsWith(prefix)) cursor.seekPast([bucket], start.behindPrefix)
    const entries: ListingEntry[] = []
    for (let found = await cursor.next(); found; found = await cursor.next()) {
      if (entries.length === limit) return { entries, next: startBehind(entries.at(-1)) }
      const {
        key: [, key],
        value: object,
      } = found
      const commonPrefix = commonPrefixOf(key, query)
      if (commonPrefix === undefined) {
        entries.push({ key, object })
        continue
      }
      entries.push({ commonPrefix })
      cursor.seekPast([bucket], commonPrefix)
    }
    return { entries }
  } finally {
    await cursor.close()
  }
}

/** A page may be continued under another prefix: is everything that begins with it already passed? */
export function isBehindAll(prefix: string, behindPrefix: string | undefined): boolean {
  if (behindPrefix === undefined || behindPrefix.startsWith(prefix)) return false
  return prefix.startsWith(behindPrefix) || Buffer.compare(Buffer.from(behindPrefix), Buffer.from(prefix)) > 0
}

/** The key up to and with the first delimiter behind the prefix. */
export function commonPrefixOf(
  key: string,
  { prefix, delimiter }: Pick<ListingQuery, 'prefix' | 'delimiter'>,
): string | undefined {
  if (delimiter === '') return undefined
  const place = key.indexOf(delimiter, prefix.length)
  return place < 0 ? undefined : key.slice(0, place + delimiter.length)
}

/**
 * Where a marker begins. A marker that lies inside a common prefix passes over the whole of it: it is listed before the
 * keys it stands for (ListObjects and ListObjectVersions, whose NextMarker may be a common prefix).
 */
export function startBehindMarker(marker: string, query: Pick<ListingQuery, 'prefix' | 'delimiter'>): Start {
  if (marker === '') return {}
  if (!marker.startsWith(query.prefix)) return { behindKey: marker }
  const commonPrefix = commonPrefixOf(marker, query)
  return commonPrefix === undefined ? { behindKey: marker } : { behindPrefix: commonPrefix }
}

/** The entry's name as NextMarker shows it. */
export function nameOf(entry: ListingEntry | undefined): string {
  if (!entry) return ''
  return 'key' in entry ? entry.key : entry.commonPrefix
}

function startBehind(entry: ListingEntry | undefined): Start {
  if (!entry) return {}
  return 'key' in entry ? { behindKey: entry.key } : { behindPrefix: entry.commonPrefix }
}
