import { type Ambient, machineNow } from './ambient.ts'
import type { Log } from './log.ts'
import { StoreClosed } from './store/database.ts'
import { Pace } from './store/pace.ts'

const interval = 60_000
const firstAfter = 1_000

/*
 * Work in the background as time passes. No chore changes what a client sees: state is a function of record and moment. A chore
 * removes what is no longer needed and writes the events of what fell due.
 *
 *   start ──1 s──▶ all chores ──60 s──▶ all chores ──clock turned──▶ all chores …     one round at a time
 */

/** Something that falls due as time goes by. */
export interface Chore {
  /** As the log calls it. */
  name: string
  /**
   * Does what is due.
   * @param now ms since the epoch, of the emulator's clock
   * @param pace spares those who wait for answers
   */
  run(now: number, pace: Pace): Promise<unknown>
  /**
   * Of a chore whose moment can be seen from without: when something falls due next, for who turns the clock by more than that.
   * @param now ms since the epoch: what was due by then is done
   * @returns ms since the epoch, later than `now`; undefined: nothing does
   */
  next?(now: number): Promise<number | undefined>
}

/** The chores of an emulator, done in the background. */
export class Chores {
  readonly #chores: readonly Chore[]
  readonly #ambient: Ambient
  readonly #log: Log
  readonly #pace: Pace
  readonly #stopListening: () => void
  readonly #first: NodeJS.Timeout
  readonly #rest: NodeJS.Timeout
  #running: Promise<void> | undefined

  /** Begins: a second after the start (not with a seed), then every minute, and whenever the clock is turned. Keeps no process alive. */
  constructor(chores: readonly Chore[], { ambient, log }: { ambient: Ambient; log: Log }) {
    this.#chores = chores
    this.#ambient = ambient
    this.#log = log
    this.#pace = new Pace(() => machineNow(ambient))
    // Where chance is to be the same in every run, a short one is over before anything is done beside its calls.
    this.#first = setTimeout(() => this.#begin(), ambient.isRepeatable ? interval : firstAfter).unref()
    this.#rest = setInterval(() => this.#begin(), interval).unref()
    this.#stopListening = ambient.onTurn(() => this.#begin())
  }

  /** Resolves once everything that is due at this moment is done. */
  async settle(): Promise<void> {
    const relax = this.#pace.hurry()
    try {
      // A round that is under way may have looked before the clock was turned.
      await this.#running
      await this.#begin()
    } finally {
      relax()
    }
  }

  /** The next moment after the present one at which something falls due that can be seen, in ms since the epoch. */
  async next(): Promise<number | undefined> {
    const now = this.#ambient.now()
    const moments = await Promise.all(this.#chores.map((chore) => chore.next?.(now)))
    const coming = moments.filter((moment): moment is number => moment !== undefined && moment > now)
    return coming.length === 0 ? undefined : Math.min(...coming)
  }

  /** Begins no more, lets the step under way end, and leaves the rest to another time. */
  async stop(): Promise<void> {
    clearTimeout(this.#first)
    clearInterval(this.#rest)
    this.#stopListening()
    this.#pace.end()
    await this.#running
  }

  #begin(): Promise<void> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /**
   * One after another. One that fails is logged, and the others are done all the same: a damaged body must not keep the trail
   * from being pruned. When the store is closed meanwhile nothing is left to be done.
   */
  async #runAll(): Promise<void> {
    for (const { name, run } of this.#chores) {
      if (this.#pace.hasEnded) return
      try {
        await run(this.#ambient.now(), this.#pace)
      } catch (error) {
        if (error instanceof StoreClosed) return
        this.#log.error(`the chore ${name} failed`, error)
      }
    }
  }
}
