import type { Runs } from './blob-records.ts'

/** The puts of a body's segments: two are in LevelDB's hands while the next is made, and a failure of one ends the write. */
export class PutProgress {
  readonly runs: Runs = []
  #before: Promise<void> | undefined
  #last: Promise<void> | undefined

  /**
   * Waits until at most two puts are under way: that is the back-pressure.
   * @param put the end of a put that has begun
   * @throws what an earlier put failed with
   */
  async began(put: Promise<void>): Promise<void> {
    // It is awaited later; until then its failure is nobody's.
    put.catch(() => undefined)
    const oldest = this.#before
    this.#before = this.#last
    this.#last = put
    await oldest
  }

  /** @throws what a put failed with */
  async ended(): Promise<void> {
    if (!this.#last) return
    await this.#before
    await this.#last
  }

  /** Resolves once no put is under way, failed or not. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#before, this.#last])
  }
}
