/** One at a time, in the order they came. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `body` when all before it have ended, well or not. */
  take<Result>(body: () => Promise<Result>): Promise<Result> {
    const own = this.#last.then(body)
    this.#last = own.catch(() => undefined)
    return own
  }
}
