/** Rest after a step, as a multiple of what it took: requests then have five sixths of the disk and of LevelDB's one thread. */
const restShare = 5
/** The longest rest, in milliseconds: on a slow disk the work must end too. */
const longestRest = 2000

/**
 * Paces work in the background: after each step it rests, so that requests are hardly slower.
 *
 *   step ██ rest ──── step ███ rest ────── step █ rest ──
 */
export class Pace {
  readonly #now: () => number
  #wake: (() => void) | undefined
  #hasEnded = false
  #hurried = 0

  /** @param now ms since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether the work is to end early: what is left is done another time. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Ends the rest, and lets no further step begin. */
  end(): void {
    this.#hasEnded = true
    this.#wake?.()
  }

  /**
   * Somebody waits for the work: it rests no more until that is over.
   * @returns ends the hurry
   */
  hurry(): () => void {
    this.#hurried++
    this.#wake?.()
    return () => {
      this.#hurried--
    }
  }

  /** Does one step, and rests. */
  async step(work: () => Promise<void>): Promise<void> {
    const begun = this.#now()
    await work()
    await this.#rest(Math.min((this.#now() - begun) * restShare, longestRest))
  }

  async #rest(duration: number): Promise<void> {
    if (this.#hasEnded || this.#hurried > 0 || duration <= 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, duration)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
