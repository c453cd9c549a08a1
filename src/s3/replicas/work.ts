import { StoreClosed } from '../../store/database.ts'
import { locksOfObject } from '../records/objects.ts'
import {
  type DueKey,
  type DueReplication,
  dueKeyOf,
  dueReplications,
  placeOf,
  type ReplicationPlace,
} from '../replication/due-replications.ts'
import type { ReplicationWork } from '../replication/replications.ts'
import { failReplication } from './ending.ts'
import { ReplicationFailure } from './failure.ts'
import { type ReplicaServices, replicate } from './replicate.ts'
import { tellLateness, threshold } from './telling.ts'

/*
 * All that is due, some at once, the oldest version of a key first. What S3 would give up is given up at once; what failed
 * otherwise (a damaged body, a full disk) is tried again, by the emulator's clock, with twice the time in between.
 */

const batchLength = 64
/** Versions that are copied at the same time: their commits become one. */
const atOnce = 4
const firstPause = 1000
const longestPause = 300_000
/** ms */
const longestTry = 86_400_000
/** ms of the machine between two looks at a clock that may be turned. */
const shortestLook = 20
const longestLook = 60_000

export class ReplicaWork implements ReplicationWork {
  readonly #services: ReplicaServices
  #running: Promise<void> | undefined
  #isAsked = false
  readonly #end = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(services: Omit<ReplicaServices, 'signal'>) {
    this.#services = { ...services, signal: this.#end.signal }
  }

  get #hasEnded(): boolean {
    return this.#end.signal.aborted
  }

  begin(): void {
    void this.#begin()
  }

  settled(): Promise<void> {
    return this.#begin()
  }

  async close(): Promise<void> {
    this.#end.abort()
    clearTimeout(this.#timer)
    await this.#running
  }

  #begin(): Promise<void> {
    this.#isAsked = true
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#isAsked && !this.#hasEnded) {
        this.#isAsked = false
        clearTimeout(this.#timer)
        const again = await this.#pass()
        if (again !== undefined) this.#lookAgain(again)
      }
    } catch (error) {
      if (!(error instanceof StoreClosed)) this.#services.log.error('replication failed', error)
    } finally {
      this.#running = undefined
    }
  }

  /** Tries each that is due once. @returns when something is due again, in ms since the epoch */
  async #pass(): Promise<number | undefined> {
    const due = this.#due()
    let again: number | undefined
    const takeAll = async () => {
      for (let entry = await due.next(); !entry.done && !this.#hasEnded; entry = await due.next()) {
        const next = await this.#attemptInTime(...entry.value)
        if (next !== undefined) again = Math.min(again ?? next, next)
      }
    }
    const length = this.#services.ambient.isRepeatable ? 1 : atOnce
    await Promise.all(Array.from({ length }, takeAll))
    return again
  }

  async #attemptInTime(key: DueKey, due: DueReplication): Promise<number | undefined> {
    return due.notBefore > this.#services.ambient.now() ? due.notBefore : this.#attempt(placeOf(key), due)
  }

  /** In batches, so that no snapshot of the store is held while a large body is copied. */
  async *#due(): AsyncGenerator<[DueKey, DueReplication]> {
    let after: DueKey | undefined
    for (;;) {
      const batch: [DueKey, DueReplication][] = []
      const range = { after, limit: batchLength }
      for await (const { key, value } of this.#services.database.entries(dueReplications, range)) {
        batch.push([key, value])
        after = key
      }
      yield* batch
      if (batch.length < batchLength) return
    }
  }

  /** @returns when it is due again; undefined when it is not */
  async #attempt(place: ReplicationPlace, due: DueReplication): Promise<number | undefined> {
    const { log } = this.#services
    try {
      await replicate(this.#services, place, due)
      return undefined
    } catch (error) {
      if (error instanceof StoreClosed) throw error
      // It stays due.
      if (this.#hasEnded) return undefined
      if (!(error instanceof ReplicationFailure)) return this.#postpone(place, due, error)
      log.warn(
        `${place.bucket}/${place.key} was not replicated to ${place.destination}: ${error.reason}, ${error.message}`,
      )
      await failReplication(this.#services, place, due, error)
      return undefined
    }
  }

  async #postpone(place: ReplicationPlace, due: DueReplication, error: unknown): Promise<number | undefined> {
    const { ambient, database, log } = this.#services
    const why = error instanceof Error ? error.message : String(error)
    const now = ambient.now()
    log.warn(`${place.bucket}/${place.key} could not be replicated to ${place.destination}: ${why}`)
    if (now - due.since > longestTry) {
      await failReplication(this.#services, place, due, new ReplicationFailure('SrcObjectNotEligible', why))
      return undefined
    }
    const attempts = due.attempts + 1
    const notBefore = now + Math.min(firstPause * 2 ** Math.min(attempts - 1, 20), longestPause)
    const isLate = now - due.since > threshold && due.rule.Destination.ReplicationTime?.Status === 'Enabled'
    const amended: DueReplication = { ...due, attempts, notBefore, lastFailure: why }
    if (isLate) amended.hasMissedThreshold = true
    await database.locks.with(locksOfObject(place.bucket, place.key), () =>
      database.transact((transaction) => {
        transaction.put(dueReplications, dueKeyOf(place), amended)
        if (isLate && !due.hasMissedThreshold) {
          tellLateness(this.#services, transaction, place, due, 'MissedThreshold')
        }
      }),
    )
    return notBefore
  }

  /** The emulator's clock may stand still, or be turned: the machine's timer only says when to look at it, where a sweep does not. */
  #lookAgain(time: number): void {
    if (this.#hasEnded || this.#services.ambient.isRepeatable) return
    const left = time - this.#services.ambient.now()
    this.#timer = setTimeout(() => this.begin(), Math.min(Math.max(left, shortestLook), longestLook)).unref()
  }
}
