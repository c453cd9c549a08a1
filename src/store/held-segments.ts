import type { Run, Runs } from './blob-records.ts'
import type { SegmentSet } from './segment-set.ts'

/**
 * Segments that stay though no record of the store names them: snapshots need them. It lives as long as the store does, over all of
 * its generations; the sweep asks it.
 */
export class HeldSegments {
  readonly #sets = new Map<string, SegmentSet>()
  /** How many need all that there are. */
  #needingAll = 0

  /** @param name of the snapshot; what was held under it before is let go */
  hold(name: string, segments: SegmentSet): void {
    this.#sets.set(name, segments)
  }

  release(name: string): void {
    this.#sets.delete(name)
  }

  /**
   * For a state that is being read: until it is known which segments it needs.
   * @returns ends it
   */
  holdAll(): () => void {
    this.#needingAll++
    let isHeld = true
    return () => {
      if (isHeld) this.#needingAll--
      isHeld = false
    }
  }

  get isEmpty(): boolean {
    if (this.#needingAll > 0) return false
    for (const set of this.#sets.values()) if (!set.isEmpty) return false
    return true
  }

  /** Cuts runs into what somebody needs and what may go. */
  divide(runs: Runs): { held: Runs; free: Runs } {
    if (this.#needingAll > 0) return { held: runs, free: [] }
    if (this.#sets.size === 0) return { held: [], free: runs }
    const held: Run[] = []
    let free = runs
    for (const set of this.#sets.values()) {
      if (set.isEmpty || free.length === 0) continue
      const { inside, outside } = set.divide(free)
      held.push(...inside)
      free = outside
    }
    return { held, free }
  }
}
