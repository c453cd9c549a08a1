import { AwsError } from '../../aws/errors.ts'
import { nextTurn } from '../../event-loop.ts'
import type { Cursor } from '../../store/cursor.ts'
import type { PartType } from '../../store/keyspace.ts'
import type { Pace } from '../../store/pace.ts'
import type { S3Services } from '../operation.ts'
import { startOfDay } from '../records/inventory-schedule.ts'
import { dueLifecycles, stageLifecycle, unstageLifecycle } from '../records/lifecycle-schedule.ts'
import { currentMarkers, objectRecords, objectVersions } from '../records/object-record.ts'
import { currentOf } from '../records/versions.ts'
import { actOnCurrent, actOnMarker, actOnNoncurrent } from './act.ts'
import { actionOnCurrent, actionOnNoncurrent, isMarkerExpired } from './decisions.ts'
import { type Lifecycle, storedLifecycle } from './lifecycle-record.ts'
import { abortOf } from './rules.ts'

/*
 * Everything falls due at midnight of UTC, so a bucket that has a lifecycle is gone through once a day, and when the lifecycle was put:
 *
 *   objects ─▶ versions behind current ones ─▶ delete markers ─▶ uploads       in steps, between which others have their turn
 *
 * What seems due is decided again under the object's lock (`act.ts`). A walk that was broken off begins anew: what it did is done.
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
    const lifecycle = configurations.find(storedLifecycle, entry.bucket)
    if (lifecycle) await new BucketWalk(services, entry.bucket, lifecycle, now, pace).run()
    if (pace.hasEnded) return
    await database.transact((transaction) => {
      unstageLifecycle(transaction, entry)
      if (lifecycle) stageLifecycle(transaction, { due: startOfDay(now) + day, bucket: entry.bucket })
    })
  }
}

const entriesOfStep = 256
const entriesOfTurn = 8

/** One way through a bucket. */
class BucketWalk {
  readonly #services: LifecycleServices
  readonly #bucket: string
  readonly #lifecycle: Lifecycle
  readonly #now: number
  readonly #pace: Pace

  constructor(services: LifecycleServices, bucket: string, lifecycle: Lifecycle, now: number, pace: Pace) {
    this.#services = services
    this.#bucket = bucket
    this.#lifecycle = lifecycle
    this.#now = now
    this.#pace = pace
  }

  async run(): Promise<void> {
    await this.#current()
    await this.#noncurrent()
    await this.#markers()
    await this.#uploads()
  }

  async #noncurrent(): Promise<void> {
    const { database } = this.#services
    const bucket = this.#bucket
    const place = { key: '', since: 0, newer: 0, isActedOn: false }
    await this.#each(database.cursor(objectVersions, { within: [bucket] }), async ([, key], version) => {
      if (key !== place.key) {
        const current = currentOf(database, [bucket, key])
        Object.assign(place, { key, since: current?.lastModified ?? version.lastModified, newer: 0, isActedOn: false })
      }
      if (!place.isActedOn && actionOnNoncurrent(this.#lifecycle, key, version, place, this.#now)) {
        place.isActedOn = true
        await this.#spare(() => actOnNoncurrent(this.#services, bucket, key, this.#now))
      }
      place.since = version.lastModified
      place.newer++
    })
  }

  async #current(): Promise<void> {
    const { database, buckets } = this.#services
    const { versioning } = buckets.find(this.#bucket) ?? {}
    await this.#each(database.cursor(objectRecords, { within: [this.#bucket] }), async ([, key], record) => {
      if (!actionOnCurrent(this.#lifecycle, { versioning }, key, record, this.#now)) return
      await this.#spare(() => actOnCurrent(this.#services, this.#bucket, key, this.#now))
    })
  }

  async #markers(): Promise<void> {
    const { database } = this.#services
    await this.#each(database.cursor(currentMarkers, { within: [this.#bucket] }), async ([, key], marker) => {
      if (!isMarkerExpired(this.#lifecycle, key, marker, this.#now)) return
      await this.#spare(() => actOnMarker(this.#services, this.#bucket, key, this.#now))
    })
  }

  async #uploads(): Promise<void> {
    const { uploads, configurations } = this.#services
    const bucket = this.#bucket
    await this.#each(uploads.cursor(bucket, ''), async ([, key, uploadId], record) => {
      const lifecycle = configurations.find(storedLifecycle, bucket)
      const due = lifecycle && abortOf(lifecycle, key, record.initiated)
      if (due && due.time <= this.#now) await this.#spare(() => uploads.abort({ bucket, key, uploadId, record }))
    })
  }

  async #each<Value, Parts extends readonly PartType[]>(
    cursor: Cursor<Value, Parts>,
    visit: (key: NonNullable<Awaited<ReturnType<Cursor<Value, Parts>['next']>>>['key'], value: Value) => Promise<void>,
  ): Promise<void> {
    let isOver = false
    try {
      while (!isOver && !this.#pace.hasEnded) {
        await this.#pace.step(async () => {
          for (let count = 1; count <= entriesOfStep && !isOver && !this.#pace.hasEnded; count++) {
            if (count % entriesOfTurn === 0) await nextTurn()
            const entry = await cursor.next()
            if (entry) await visit(entry.key, entry.value)
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
