import type { Cursor, Database, Moment } from '../../store/database.ts'
import type { PartType } from '../../store/keyspace.ts'
import { commonPrefixOf, isBehindAll, type ListingQuery, type Start } from './listing.ts'
import { currentMarkers, type ObjectVersion, objectRecords, objectVersions } from './object-record.ts'
import { orderNamedBy, orderOf } from './versions.ts'

/*
 * One page of a bucket's versions: keys in the order of their UTF-8 bytes, of each the newest first. Three walks over one state
 * of the store, merged; each seeks past a common prefix, so the cost follows what is returned:
 *
 *   object          a v3         c v1
 *   currentMarker         b v2             ─▶  a v3  a v2  a v1  b v2  b v1  c v1
 *   objectVersion   a v2 v1  b v1
 */

export interface VersionListingQuery extends Omit<ListingQuery, 'start'> {
  start: VersionStart
}

/** Where a page begins: behind all versions of a key, behind one of them, or behind everything under a common prefix. */
export interface VersionStart extends Start {
  /** Of `behindKey`: the versions behind this one are still to come. */
  behindVersionId?: string
}

export type VersionListingEntry = { key: string; version: ObjectVersion; isLatest: boolean } | { commonPrefix: string }

export interface VersionListingPage {
  entries: VersionListingEntry[]
  isTruncated: boolean
}

/** @returns at most `limit` entries; a limit of 0 is an empty, complete page, as on AWS */
export async function listVersionPage(database: Database, query: VersionListingQuery): Promise<VersionListingPage> {
  const { prefix, start, limit } = query
  if (limit === 0 || isBehindAll(prefix, start.behindPrefix)) return { entries: [], isTruncated: false }
  const snapshot = database.snapshot()
  const walk = new VersionWalk(database, query, snapshot)
  try {
    if (start.behindPrefix?.startsWith(prefix)) walk.seekPast(start.behindPrefix)
    const entries: VersionListingEntry[] = []
    for (let found = await walk.next(); found; found = await walk.next()) {
      if (entries.length === limit) return { entries, isTruncated: true }
      const commonPrefix = commonPrefixOf(found.key, query)
      if (commonPrefix === undefined) {
        entries.push(found)
        continue
      }
      entries.push({ commonPrefix })
      walk.seekPast(commonPrefix)
    }
    return { entries, isTruncated: false }
  } finally {
    await walk.close()
    await snapshot.close()
  }
}

interface ListedVersion {
  key: string
  version: ObjectVersion
  isLatest: boolean
}

/** One of the walks that are merged, and what it has come to: null before it began, undefined at its end. */
interface Lane {
  head: ListedVersion | undefined | null
  read(): Promise<ListedVersion | undefined>
  seekPast(text: string): void
  close(): Promise<void>
}

class VersionWalk {
  readonly #lanes: readonly Lane[]
  readonly #behind: { key: string; order: number } | undefined

  constructor(database: Database, { bucket, prefix, start }: VersionListingQuery, snapshot: Moment) {
    const { behindKey: key, behindVersionId } = start
    const isWithinKey = key !== undefined && behindVersionId !== undefined
    // Behind a null version that is gone all versions of the key are to come, rather than none of those behind it.
    const order = isWithinKey ? orderNamedBy(database, [bucket, key], behindVersionId) : undefined
    if (isWithinKey && order !== undefined) this.#behind = { key, order }
    const range = {
      within: [bucket],
      beginningWith: prefix,
      ...(key !== undefined && beginAt(bucket, key, isWithinKey)),
    }
    const rangeBehind = order === undefined ? range : { ...range, from: [bucket, key ?? '', order + 1] }
    const lane = <Parts extends readonly PartType[]>(
      cursor: Cursor<ObjectVersion, Parts>,
      keyOf: (entry: Entry<Parts>) => string,
      isLatest: boolean,
    ): Lane => ({
      head: null,
      async read() {
        const entry = await cursor.next()
        return entry && { key: keyOf(entry), version: entry.value, isLatest }
      },
      seekPast: (text) => cursor.seekPast([bucket], text),
      close: () => cursor.close(),
    })
    this.#lanes = [
      lane(database.cursor(objectRecords, range, snapshot), ({ key }) => key[1], true),
      lane(database.cursor(currentMarkers, range, snapshot), ({ key }) => key[1], true),
      lane(database.cursor(objectVersions, rangeBehind, snapshot), ({ key }) => key[1], false),
    ]
  }

  /** The first of what the walks have come to; of one key the current version, which is the newest. */
  async next(): Promise<ListedVersion | undefined> {
    let first: { lane: Lane; head: ListedVersion } | undefined
    for (const lane of this.#lanes) {
      if (lane.head === null) lane.head = await this.#readOf(lane)
      const { head } = lane
      if (head && (!first || isBefore(head.key, first.head.key))) first = { lane, head }
    }
    if (first) first.lane.head = null
    return first?.head
  }

  async #readOf(lane: Lane): Promise<ListedVersion | undefined> {
    const found = await lane.read()
    const isPassed = found && found.key === this.#behind?.key && orderOf(found.version) <= this.#behind.order
    return isPassed ? lane.read() : found
  }

  /** Goes on behind all keys that begin with `text`. */
  seekPast(text: string): void {
    for (const lane of this.#lanes) {
      if (lane.head === undefined || lane.head?.key.startsWith(text) === false) continue
      lane.head = null
      lane.seekPast(text)
    }
  }

  async close(): Promise<void> {
    for (const lane of this.#lanes) await lane.close()
  }
}

type Entry<Parts extends readonly PartType[]> = NonNullable<Awaited<ReturnType<Cursor<ObjectVersion, Parts>['next']>>>

function beginAt(bucket: string, key: string, isWithinKey: boolean) {
  return isWithinKey ? { from: [bucket, key] } : { after: [bucket, key] }
}

function isBefore(one: string, other: string): boolean {
  return one !== other && Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0
}
