import { isPublicBucket } from '../../s3/access/public-bucket.ts'
import { type BucketRecord, bucketRecords } from '../../s3/records/buckets.ts'
import { ConfigurationStore } from '../../s3/records/configurations.ts'
import { objectRecords } from '../../s3/records/object-record.ts'
import type { Database } from '../../store/database.ts'
import type { BucketName, BucketPage, BucketRow, BucketSize } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'

const pageLength = 200
/** Objects that are counted at most: counting walks over all of them. */
const countedAtMost = 20_000

/** A page of the buckets of all accounts, by name. @param after `next` of the page before */
export async function listBuckets({ services }: ApiContext, after: string | undefined): Promise<BucketPage> {
  const { database } = services.inProcess
  const configurations = new ConfigurationStore(database)
  const buckets: BucketRow[] = []
  for await (const { value } of database.entries(bucketRecords, { after: after === undefined ? undefined : [after] })) {
    if (buckets.length === pageLength) return { buckets, next: buckets.at(-1)?.name }
    buckets.push({ ...rowOf(value), isPublic: isPublicBucket({ configurations }, value) })
  }
  return { buckets }
}

/** The buckets of all accounts, by name, to choose one of. */
export async function listBucketNames({ services }: ApiContext): Promise<BucketName[]> {
  const names: BucketName[] = []
  for await (const { value } of services.inProcess.database.entries(bucketRecords)) {
    names.push({ name: value.name, hasPolicy: value.hasPolicy === true })
  }
  return names
}

function rowOf(bucket: BucketRecord): Omit<BucketRow, 'isPublic'> {
  const { name, region, creationDate, encryption, versioning } = bucket
  return {
    name,
    region,
    creationDate,
    encryption: encryption?.algorithm,
    keyId: encryption?.keyId,
    versioning,
    hasPolicy: bucket.hasPolicy === true,
    isLockable: bucket.objectLock !== undefined,
  }
}

/**
 * How much a bucket holds, its current versions counted.
 * @throws ConsoleRefusal
 */
export async function measureBucket({ services }: ApiContext, name: string): Promise<BucketSize> {
  const { database } = services.inProcess
  requireBucket(database, name)
  const size: BucketSize = { objects: 0, bytes: 0, isMore: false }
  for await (const { value } of database.entries(objectRecords, { within: [name], limit: countedAtMost + 1 })) {
    if (size.objects === countedAtMost) return { ...size, isMore: true }
    size.objects++
    size.bytes += value.size
  }
  return size
}

/** @throws ConsoleRefusal */
export function requireBucket(database: Database, name: string): BucketRecord {
  const bucket = database.get(bucketRecords, [name])
  if (!bucket) throw new ConsoleRefusal(404, `There is no bucket ${name}`)
  return bucket
}
