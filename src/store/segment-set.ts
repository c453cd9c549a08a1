import { bytesOf, type Run, type Runs } from './blob-records.ts'

/*
 * Many segments by their numbers, as ranges that ascend and do not touch. Runs are cut at their edges:
 *
 *   set       ├───────┤        ├──────────────┤
 *   run           ├────────────────┤
 *   divided       ├───┤ inside, outside ├─────┤ … in the order of the numbers
 */

/** Runs cut in two. */
export interface Divided {
  inside: Runs
  outside: Runs
}

export class SegmentSet {
  static readonly empty = new SegmentSet([])
  /** All that there can be. */
  static readonly everything = new SegmentSet([[0, Number.MAX_SAFE_INTEGER]])
  readonly #starts: Float64Array
  readonly #ends: Float64Array

  /** @param runs in any order */
  constructor(runs: readonly Run[]) {
    const [starts, ends] = rangesOf(runs)
    this.#starts = Float64Array.from(starts)
    this.#ends = Float64Array.from(ends)
  }

  get isEmpty(): boolean {
    return this.#starts.length === 0
  }

  divide(runs: readonly Run[]): Divided {
    const divided: Divided = { inside: [], outside: [] }
    for (const run of runs) this.#divideRun(run, divided)
    return divided
  }

  #divideRun(run: Run, { inside, outside }: Divided): void {
    const [first, count] = run
    const end = first + count
    let from = first
    for (let index = this.#firstEndingBehind(first); from < end; index++) {
      const start = Math.min(this.#starts[index] ?? end, end)
      if (start > from) outside.push(partOf(run, from, start))
      const stop = Math.min(this.#ends[index] ?? end, end)
      if (start < end) inside.push(partOf(run, Math.max(start, from), stop))
      from = stop
    }
  }

  /** The index of the first range that ends behind a number. */
  #firstEndingBehind(number: number): number {
    let low = 0
    let high = this.#ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ends[middle] ?? 0) > number) high = middle
      else low = middle + 1
    }
    return low
  }
}

function rangesOf(runs: readonly Run[]): [starts: number[], ends: number[]] {
  const starts: number[] = []
  const ends: number[] = []
  for (const [first, count] of [...runs].sort(([a], [b]) => a - b)) {
    const last = ends.length - 1
    if (last >= 0 && first <= (ends[last] ?? 0)) ends[last] = Math.max(ends[last] ?? 0, first + count)
    else {
      starts.push(first)
      ends.push(first + count)
    }
  }
  return [starts, ends]
}

/** @returns the run itself where the part is all of it */
function partOf(run: Run, from: number, before: number): Run {
  const [first, count] = run
  if (from === first && before === first + count) return run
  return [from, before - from, Math.round(((before - from) * bytesOf(run)) / count)]
}
