import type { Database, Transaction } from '../../store/database.ts'
import type { KeyOf, KeyPart, PartType, RecordKind } from '../../store/keyspace.ts'
import type { Pace } from '../../store/pace.ts'
import { bucketLock, bucketRecords } from '../records/buckets.ts'
import {
  ageDay,
  firstBuild,
  type IndexBuild,
  indexedUploads,
  indexedVersions,
  indexState,
  indexUpload,
  indexVersion,
  putIndexState,
} from '../records/lifecycle-index.ts'
import { currentMarkers, type ObjectVersion, objectRecords, objectVersions } from '../records/object-record.ts'
import { uploadRecords } from '../records/uploads.ts'
import { currentOf, orderOf } from '../records/versions.ts'

/*
 * The index of a bucket that had objects before it had a lifecycle. Since the lifecycle was put each write keeps the index; what was
 * there before is gone through once, so many records a step, under the bucket's lock, each step one commit with the place it came to:
 *
 *   entries whose version is gone ─▶ uploads likewise ─▶ objects ─▶ delete markers ─▶ noncurrent versions ─▶ uploads ─▶ whole
 *
 * The first two are of an earlier lifecycle, behind which nobody kept the index. A killed process goes on where it was.
 */

const entriesOfStep = 128

interface Step {
  database: Database
  transaction: Transaction
  bucket: string
  after: readonly KeyPart[] | undefined
}

/** @returns the key that it came to; undefined at the end */
type Pass = (step: Step) => Promise<readonly KeyPart[] | undefined>

const passes: readonly Pass[] = [
  passOver(indexedVersions, ({ transaction, bucket }, [, day, key, order]) => {
    const current = currentOf(transaction, [bucket, key])
    const isCurrent = current && orderOf(current) === order
    const version = isCurrent ? current : transaction.get(objectVersions, [bucket, key, order])
    if (!version || ageDay(version.lastModified) !== day) transaction.delete(indexedVersions, [bucket, day, key, order])
  }),
  passOver(indexedUploads, ({ transaction, bucket }, [, day, key, uploadId]) => {
    const upload = transaction.get(uploadRecords, [bucket, key, uploadId])
    if (!upload) transaction.delete(indexedUploads, [bucket, day, key, uploadId])
  }),
  passOver(objectRecords, indexOne),
  passOver(currentMarkers, indexOne),
  passOver(objectVersions, indexOne),
  passOver(uploadRecords, ({ transaction, bucket }, [, key, uploadId], record) =>
    indexUpload(transaction, { bucket, key, uploadId, record }),
  ),
]

function indexOne(
  { transaction, bucket }: Step,
  { 1: key }: readonly [string, string, ...unknown[]],
  version: ObjectVersion,
) {
  indexVersion(transaction, [bucket, key], version)
}

function passOver<Value, Parts extends readonly PartType[]>(
  kind: RecordKind<Value, Parts>,
  stage: (step: Step, key: KeyOf<Parts>, value: Value) => void,
): Pass {
  return async (step) => {
    const { database, bucket, after } = step
    let [last, count]: [readonly KeyPart[] | undefined, number] = [undefined, 0]
    for await (const { key, value } of database.entries(kind, { within: [bucket], after, limit: entriesOfStep })) {
      stage(step, key, value)
      last = key
      count++
    }
    return count === entriesOfStep ? last : undefined
  }
}

/**
 * Builds what is missing of a bucket's index.
 * @returns false where the pace ended before the index was whole
 */
export async function buildIndex(database: Database, bucket: string, pace: Pace): Promise<boolean> {
  let build = stateOf(database, bucket).build
  while (build && !pace.hasEnded) {
    await pace.step(async () => {
      build = await buildStep(database, bucket)
    })
  }
  return build === undefined
}

function stateOf(reader: Pick<Transaction, 'get' | 'entries'>, bucket: string) {
  return indexState(reader, bucket) ?? firstBuild
}

/** @returns what is left */
function buildStep(database: Database, bucket: string): Promise<IndexBuild | undefined> {
  return database.locks.with([bucketLock(bucket, 'exclusive')], () =>
    database.transact(async (transaction) => {
      const state = stateOf(transaction, bucket)
      if (!state.build || !transaction.get(bucketRecords, [bucket])?.hasLifecycle) return undefined
      const { pass, after } = state.build
      const last = await passes[pass]?.({ database, transaction, bucket, after })
      const next = last ? { pass, after: last } : { pass: pass + 1 }
      const build = next.pass < passes.length ? next : undefined
      putIndexState(transaction, bucket, { ...state, build })
      return build
    }),
  )
}
