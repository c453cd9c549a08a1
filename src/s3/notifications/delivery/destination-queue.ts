import type { Ambient } from '../../../ambient.ts'
import type { Log } from '../../../log.ts'
import { type Database, StoreClosed } from '../../../store/database.ts'
import {
  type DueNotification,
  dueNotifications,
  type NotificationTarget,
  notifications,
} from '../notification-record.ts'
import type { Outcome, Poster } from './post.ts'
import { postingOf } from './posting.ts'

/*
 * The notifications for one destination, delivered one at a time, in the order of their events:
 *
 *   due     a1  b1  a2  c1          a's receiver refuses a1: a2 waits for it, b1 and c1 do not
 *            ✗   ✓   ·   ✓
 *
 * Who does not answer, or refuses many in a row, is left alone for a while. The time between attempts doubles, by the emulator's clock.
 */

export interface QueueOptions {
  database: Database
  ambient: Ambient
  log: Log
  poster: Poster
  targetOf(destination: string): NotificationTarget | undefined
  /** Aborts what is under way. */
  signal: AbortSignal
}

const batchLength = 64
const firstPause = 1000
const longestPause = 300_000
/** Refusals in a row after which not even other keys are tried. */
const patienceForRefusals = 10
/** ms: SQS, SNS, Lambda and EventBridge give up after hours or a day, too ("Retry policy", EventBridge User Guide). */
const longestTry = 86_400_000
/** ms of the machine between two looks at a clock that may be turned. */
const shortestLook = 20
const longestLook = 60_000

export class DestinationQueue {
  readonly #destination: string
  readonly #options: QueueOptions
  #running: Promise<void> | undefined
  #isAsked = false
  #pausedUntil = 0
  #failuresInRow = 0
  #timer: NodeJS.Timeout | undefined

  constructor(destination: string, options: QueueOptions) {
    this.#destination = destination
    this.#options = options
  }

  /** Delivers what is due. @returns once all of it was tried */
  begin(): Promise<void> {
    this.#isAsked = true
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#isAsked && !this.#options.signal.aborted) {
        this.#isAsked = false
        clearTimeout(this.#timer)
        const again = await this.#pass()
        if (again !== undefined) this.#lookAgain(again)
      }
    } catch (error) {
      if (!(error instanceof StoreClosed)) this.#options.log.error(`${this.#destination}: delivery failed`, error)
    } finally {
      this.#running = undefined
    }
  }

  /** Tries each that is due once. @returns when something is due again, in ms since the epoch */
  async #pass(): Promise<number | undefined> {
    const { ambient, signal, targetOf } = this.#options
    if (ambient.now() < this.#pausedUntil) return this.#pausedUntil
    const target = targetOf(this.#destination)
    if (!target) return undefined
    const waiting = new Set<string>()
    let again: number | undefined
    for await (const [number, due] of this.#due()) {
      if (signal.aborted) return undefined
      const subject = JSON.stringify([due.bucket, due.key])
      if (waiting.has(subject)) continue
      const next = due.notBefore > ambient.now() ? due.notBefore : await this.#attempt(target, number, due)
      if (next === undefined) continue
      waiting.add(subject)
      again = Math.min(again ?? next, next)
      if (ambient.now() < this.#pausedUntil) return this.#pausedUntil
    }
    return again
  }

  /** In batches, so that no snapshot of the store is held while a slow receiver takes its time. */
  async *#due(): AsyncGenerator<[number: number, due: DueNotification]> {
    const within = [this.#destination]
    let after: [string, number] | undefined
    for (;;) {
      const batch: [number, DueNotification][] = []
      for await (const { key, value } of this.#options.database.entries(dueNotifications, {
        within,
        after,
        limit: batchLength,
      })) {
        batch.push([key[1], value])
        after = key
      }
      yield* batch
      if (batch.length < batchLength) return
    }
  }

  /** @returns when it is due again; undefined when it is not */
  async #attempt(target: NotificationTarget, number: number, due: DueNotification): Promise<number | undefined> {
    const { database, poster, signal, log } = this.#options
    const outcome = await poster.post(target.url, postingOf(due, target), signal)
    if (signal.aborted) return undefined
    if (outcome.kind === 'acknowledged') {
      if (this.#failuresInRow > 0) log.info(`notifications for ${this.#destination} are delivered again`)
      this.#failuresInRow = 0
      await database.transact((transaction) => transaction.delete(dueNotifications, [this.#destination, number]))
      return undefined
    }
    return this.#failed(number, due, outcome)
  }

  async #failed(
    number: number,
    due: DueNotification,
    { kind, why }: Exclude<Outcome, { kind: 'acknowledged' }>,
  ): Promise<number | undefined> {
    const { database, ambient, log } = this.#options
    const now = ambient.now()
    if (this.#failuresInRow === 0) log.warn(`a notification for ${this.#destination} was not delivered: ${why}`)
    this.#failuresInRow++
    if (kind === 'unanswered') this.#pausedUntil = now + pauseAfter(this.#failuresInRow)
    else if (this.#failuresInRow >= patienceForRefusals) this.#pausedUntil = now + longestPause
    if (now - due.time > longestTry) return this.#giveUp(number, why)
    const attempts = due.attempts + 1
    const notBefore = now + pauseAfter(attempts)
    const amended: DueNotification = { ...due, attempts, notBefore, lastFailure: why }
    await database.transact((transaction) => {
      transaction.put(dueNotifications, [this.#destination, number], amended)
    })
    return notBefore
  }

  async #giveUp(number: number, why: string): Promise<undefined> {
    const { database, log } = this.#options
    log.warn(`a notification for ${this.#destination} is given up after a day: ${why}`)
    await database.transact((transaction) => {
      transaction.delete(dueNotifications, [this.#destination, number])
      const kept = transaction.get(notifications, [number])
      if (kept) transaction.put(notifications, [number], { ...kept, delivery: 'given up' })
    })
    return undefined
  }

  /** The emulator's clock may stand still, or be turned: the machine's timer only says when to look at it. */
  #lookAgain(time: number): void {
    const left = time - this.#options.ambient.now()
    this.#timer = setTimeout(() => this.begin(), Math.min(Math.max(left, shortestLook), longestLook)).unref()
  }

  /** Looks no more. */
  end(): void {
    clearTimeout(this.#timer)
  }
}

function pauseAfter(failures: number): number {
  return Math.min(firstPause * 2 ** Math.min(failures - 1, 20), longestPause)
}
