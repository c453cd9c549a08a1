import type { Inventory } from '../configurations/bucket-inventory.ts'
import type { S3Services } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'
import { listPage } from '../records/listing.ts'
import { listVersionPage } from '../records/version-listing.ts'
import { type Column, columnsOf, type Listed } from './columns.ts'

/*
 * The rows of a report, a page of keys at a time: current objects, or all versions and delete markers. What is changed meanwhile
 * may be in it or not, as on AWS ("Amazon S3 Inventory consistency").
 */

type Services = Pick<S3Services, 'database' | 'configurations'>

const pageSize = 1000

/** @returns lines of CSV with their end, without a heading */
export async function* reportRows(
  services: Services,
  bucket: BucketRecord,
  inventory: Inventory,
): AsyncGenerator<string> {
  const columns = columnsOf(inventory)
  const prefix = inventory.Filter?.Prefix ?? ''
  const listed =
    inventory.IncludedObjectVersions === 'All'
      ? allVersions(services, bucket, prefix)
      : current(services, bucket, prefix)
  for await (const entry of listed) yield rowOf(columns, services, entry)
}

function rowOf(columns: readonly Column[], services: Services, entry: Listed): string {
  const cells = columns.map(({ read }) => `"${read(entry, services).replaceAll('"', '""')}"`)
  return `${cells.join(',')}\n`
}

async function* current({ database }: Services, bucket: BucketRecord, prefix: string): AsyncGenerator<Listed> {
  let behindKey: string | undefined
  do {
    const query = { bucket: bucket.name, prefix, delimiter: '', start: { behindKey }, limit: pageSize }
    const page = await listPage(database, query)
    for (const entry of page.entries) {
      if ('key' in entry) yield { bucket, key: entry.key, version: entry.object, isLatest: true }
    }
    behindKey = page.next?.behindKey
  } while (behindKey !== undefined)
}

async function* allVersions({ database }: Services, bucket: BucketRecord, prefix: string): AsyncGenerator<Listed> {
  let start: { behindKey?: string; behindVersionId?: string } = {}
  let isTruncated = true
  while (isTruncated) {
    const page = await listVersionPage(database, { bucket: bucket.name, prefix, delimiter: '', start, limit: pageSize })
    isTruncated = page.isTruncated
    for (const entry of page.entries) {
      if (!('key' in entry)) continue
      const { key, version, isLatest } = entry
      yield { bucket, key, version, isLatest }
      start = { behindKey: key, behindVersionId: version.versionId }
    }
  }
}
