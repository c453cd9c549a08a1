/** So many at a time, in the order they came. */
export class Turns {
  #free: number
  readonly #width: number
  readonly #waiting: (() => void)[] = []

  constructor(width: number) {
    this.#free = width
    this.#width = width
  }

  /**
   * Waits until fewer than `width` of those before are left.
   * @returns what ends the turn
   */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return () => this.#pass()
  }

  /** Does the work when its turn has come. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    const end = await this.take()
    try {
      return await work()
    } finally {
      end()
    }
  }

  /** Waits until all that came before have ended. */
  async ended(): Promise<void> {
    const ends = await Promise.all(Array.from({ length: this.#width }, () => this.take()))
    for (const end of ends) end()
  }

  #pass(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
