type Clean = () => Promise<unknown>

/** Takes away what was made, the last first. What cannot be taken away keeps nothing else from it. */
export class Cleaner {
  readonly #steps: Clean[] = []
  readonly #last: Clean[] = []

  add(step: Clean): void {
    this.#steps.push(step)
  }

  /** Is done when everything else is gone. */
  addLast(step: Clean): void {
    this.#last.push(step)
  }

  /** @returns what stayed, and why */
  async clean(): Promise<string[]> {
    const left: string[] = []
    for (const step of [...this.#steps.splice(0).reverse(), ...this.#last.splice(0)]) {
      await step().catch((error: unknown) => left.push(String(error)))
    }
    return left
  }
}
