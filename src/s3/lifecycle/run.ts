import { AwsError } from '../../aws/errors.ts'
import { nextTurn } from '../../event-loop.ts'
import type { Cursor, Reader } from '../../store/database.ts'
import type { PartType } from '../../store/keyspace.ts'
import type { Pace } from '../../store/pace.ts'
import type { S3Services } from '../operation.ts'
import { bucketLock } from '../records/buckets.ts'
import { startOfDay } from '../records/inventory-schedule.ts'
import {
  ageDay,
  dayOf,
  indexedUploads,
  indexedVersions,
  indexState,
  lifecycleLooks,
  putIndexState,
  stageLook,
} from '../records/lifecycle-index.ts'
import { type DueLifecycle, dueLifecycles, stageLifecycle, unstageLifecycle } from '../records/lifecycle-schedule.ts'
import { isRetained } from '../records/object-attributes.ts'
import { isMarker, type ObjectVersion } from '../records/object-record.ts'
import { type ActingServices, actOnCurrent, actOnMarker, actOnNoncurrent } from './act.ts'
import { buildIndex } from './build-index.ts'
import { clearIndex, forgetLooks } from './clear-index.ts'
import { actionOnCurrent, actionOnNoncurrent, isMarkerExpired, type NoncurrentPlace } from './decisions.ts'
import { type DayRange, uploadDays, versionDays } from './due-days.ts'
import { type Lifecycle, storedLifecycle } from './lifecycle-record.ts'
import { abortOf } from './rules.ts'

/*
 * Everything falls due at midnight of UTC, so a bucket that has a lifecycle is looked after once a day, and when the lifecycle was put:
 *
 *   index whole? ─▶ keys on days that rules lead back to ─▶ keys to look at again ─▶ uploads     in steps, between which others have
 *     └no─▶ build                                                                               their turn
 *
 * What seems due is decided again under the object's lock (`act.ts`). A run that was broken off begins anew: what it did is done.
 */

export type LifecycleServices = Pick<
  S3Services,
  'database' | 'buckets' | 'configurations' | 'objects' | 'uploads' | 'notifications'
>

const day = 86_400_000

/** Does what is due. @param now ms since the epoch */
export async function runLifecycles(services: LifecycleServices, now: number, pace: Pace): Promise<void> {
  const { database, configurations } = services
  for (const entry of await dueLifecycles(database, now)) {
    const { bucket } = entry
    const { puts } = indexState(database, bucket) ?? {}
    const lifecycle = configurations.find(storedLifecycle, bucket)
    if (!lifecycle) await clearIndex(database, bucket, pace)
    else if (await buildIndex(database, bucket, pace)) {
      await new BucketRun(services, bucket, { lifecycle, puts }, now, pace).run()
    }
    if (pace.hasEnded) return
    if (lifecycle) await noteRun(services, entry, puts, now)
    else await noteClearing(services, entry)
  }
}

/** Notes that all is done; but nothing where there are other rules by now, or none: then that is to be done. */
function noteRun(
  { database, buckets }: LifecycleServices,
  entry: DueLifecycle,
  puts: number | undefined,
  now: number,
): Promise<void> {
  const { bucket } = entry
  return database.locks.with([bucketLock(bucket, 'shared')], () =>
    database.transact((transaction) => {
      const state = indexState(transaction, bucket)
      if (!buckets.find(bucket, transaction)?.hasLifecycle || state?.puts !== puts) return
      unstageLifecycle(transaction, entry)
      putIndexState(transaction, bucket, { ...state, ranAt: now })
      stageLifecycle(transaction, { due: startOfDay(now) + day, bucket })
    }),
  )
}

function noteClearing({ database, buckets }: LifecycleServices, entry: DueLifecycle): Promise<void> {
  const { bucket } = entry
  return database.locks.with([bucketLock(bucket, 'shared')], () =>
    database.transact((transaction) => {
      if (!buckets.find(bucket, transaction)?.hasLifecycle) unstageLifecycle(transaction, entry)
    }),
  )
}

const entriesOfStep = 256
const entriesOfTurn = 8

/** Rules, and how often some had been put by then. */
interface Rules {
  lifecycle: Lifecycle
  puts: number | undefined
}

/** One run through what may be due of a bucket. */
class BucketRun {
  readonly #services: ActingServices
  readonly #bucket: string
  readonly #lifecycle: Lifecycle
  readonly #puts: number | undefined
  readonly #now: number
  readonly #pace: Pace

  constructor(services: LifecycleServices, bucket: string, { lifecycle, puts }: Rules, now: number, pace: Pace) {
    this.#services = { ...services, rulesIn: (reader) => this.#rulesIn(reader) }
    this.#bucket = bucket
    this.#lifecycle = lifecycle
    this.#puts = puts
    this.#now = now
    this.#pace = pace
  }

  async run(): Promise<void> {
    const { ranAt } = indexState(this.#services.database, this.#bucket) ?? {}
    // A clock that was turned back leads back to other days.
    const since = ranAt !== undefined && ranAt > this.#now ? undefined : ranAt
    for (const range of versionDays(this.#lifecycle, this.#now, since)) await this.#versions(range)
    await this.#looks()
    for (const range of uploadDays(this.#lifecycle, this.#now, since)) await this.#uploads(range)
  }

  /** Long rules are not kept in memory: only where others were put meanwhile are they read. */
  #rulesIn(reader: Reader): Lifecycle | undefined {
    const { buckets, configurations } = this.#services
    if (!buckets.find(this.#bucket, reader)?.hasLifecycle) return undefined
    const areSame = indexState(reader, this.#bucket)?.puts === this.#puts
    return areSame ? this.#lifecycle : configurations.find(storedLifecycle, this.#bucket, reader)
  }

  async #versions({ from, to }: DayRange): Promise<void> {
    const { database } = this.#services
    const bucket = this.#bucket
    const range = { within: [bucket], from: [bucket, from], before: [bucket, to + 1] }
    let last: string | undefined
    await this.#each(database.cursor(indexedVersions, range), async ([, , key]) => {
      if (key !== last) await this.#look(key)
      last = key
    })
  }

  /** What is noted while it is looked is for tomorrow, so all that is for today may go. */
  async #looks(): Promise<void> {
    const { database } = this.#services
    const bucket = this.#bucket
    const today = dayOf(this.#now)
    const range = { within: [bucket], before: [bucket, today + 1] }
    await this.#each(database.cursor(lifecycleLooks, range), ([, , key]) => this.#look(key))
    await forgetLooks(database, bucket, today, this.#pace)
  }

  async #look(key: string): Promise<void> {
    const { objects, buckets } = this.#services
    const bucket = this.#bucket
    const { versioning } = buckets.find(bucket) ?? {}
    const [lifecycle, now] = [this.#lifecycle, this.#now]
    const current = objects.current(bucket, key)
    if (!current) return
    if (!isMarker(current) && actionOnCurrent(lifecycle, { versioning }, key, current, now)) {
      await this.#spare(() => actOnCurrent(this.#services, bucket, key, now))
    }
    if (versioning === undefined) return
    if (await this.#isNoncurrentDue(key)) await this.#spare(() => actOnNoncurrent(this.#services, bucket, key, now))
    const marker = objects.current(bucket, key)
    if (marker && isMarker(marker) && isMarkerExpired(lifecycle, key, marker, now)) {
      await this.#spare(() => actOnMarker(this.#services, bucket, key, now))
    }
  }

  async #isNoncurrentDue(key: string): Promise<boolean> {
    const { objects } = this.#services
    let place: NoncurrentPlace | undefined
    let isDue = false
    for await (const version of objects.versions(this.#bucket, key)) {
      if (place) {
        isDue ||= actionOnNoncurrent(this.#lifecycle, key, version, place, this.#now) !== undefined
        await this.#lookWhenUnlocked(key, version)
      }
      place = { since: version.lastModified, newer: place ? place.newer + 1 : 0 }
    }
    return isDue
  }

  /** What is due and locked falls due when the lock ends. */
  async #lookWhenUnlocked(key: string, version: ObjectVersion): Promise<void> {
    if (isMarker(version)) return
    const { retention } = version.attributes ?? {}
    if (!retention || !isRetained(retention, this.#now)) return
    const { database } = this.#services
    const until = ageDay(retention.retainUntil)
    if (database.get(lifecycleLooks, [this.#bucket, until, key])) return
    await database.transact((transaction) => stageLook(transaction, [this.#bucket, key], until))
  }

  async #uploads({ from, to }: DayRange): Promise<void> {
    const { database, uploads } = this.#services
    const bucket = this.#bucket
    const range = { within: [bucket], from: [bucket, from], before: [bucket, to + 1] }
    await this.#each(database.cursor(indexedUploads, range), async ([, , key, uploadId]) => {
      const upload = uploads.find(bucket, key, uploadId)
      const lifecycle = this.#rulesIn(database)
      const due = upload && lifecycle && abortOf(lifecycle, key, upload.record.initiated)
      if (due && due.time <= this.#now) await this.#spare(() => uploads.abort(upload))
    })
  }

  async #each<Value, Parts extends readonly PartType[]>(
    cursor: Cursor<Value, Parts>,
    visit: (key: NonNullable<Awaited<ReturnType<Cursor<Value, Parts>['next']>>>['key']) => Promise<void>,
  ): Promise<void> {
    let isOver = false
    try {
      while (!isOver && !this.#pace.hasEnded) {
        await this.#pace.step(async () => {
          for (let count = 1; count <= entriesOfStep && !isOver && !this.#pace.hasEnded; count++) {
            if (count % entriesOfTurn === 0) await nextTurn()
            const entry = await cursor.next()
            if (entry) await visit(entry.key)
            else isOver = true
          }
        })
      }
    } finally {
      await cursor.close()
    }
  }

  /** Of a bucket, or an upload, that is gone meanwhile nothing is left to do. */
  async #spare(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
    }
  }
}
