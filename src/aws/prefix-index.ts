/**
 * Values under texts, found by what begins with one of them: patterns by what stands before their first wildcard.
 *
 *   '' ◂─ arn:aws:s3::: ◂─ arn:aws:s3:::a/     sorted, each with the longest other one that begins it
 *                       ◂─ arn:aws:s3:::b/     of a text: the last that is not behind it, and those to the left of that
 *
 * All that begin a text lie on the way from there, because what begins with the same text lies together.
 */
export class PrefixIndex<Value> {
  readonly #prefixes: readonly string[]
  readonly #values: readonly (readonly Value[])[]
  /** Positions; -1: none begins it. */
  readonly #shorter: readonly number[]

  constructor(entries: Iterable<readonly [prefix: string, value: Value]>) {
    const values = new Map<string, Value[]>()
    for (const [prefix, value] of entries) {
      const known = values.get(prefix)
      if (known) known.push(value)
      else values.set(prefix, [value])
    }
    this.#prefixes = [...values.keys()].sort()
    this.#values = this.#prefixes.map((prefix) => values.get(prefix) ?? [])
    this.#shorter = shorterOnes(this.#prefixes)
  }

  /** The values of all prefixes that begin a text. */
  under(text: string): Value[] {
    const found: Value[] = []
    for (let at = this.#lastUpTo(text); at >= 0; at = this.#shorter[at] ?? -1) {
      if (text.startsWith(this.#prefixes[at] ?? '')) found.push(...(this.#values[at] ?? []))
    }
    return found
  }

  #lastUpTo(text: string): number {
    let [low, high] = [0, this.#prefixes.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#prefixes[middle] ?? '') <= text) low = middle + 1
      else high = middle
    }
    return low - 1
  }
}

function shorterOnes(sorted: readonly string[]): number[] {
  const beginning: number[] = []
  return sorted.map((text, at) => {
    while (beginning.length > 0 && !text.startsWith(sorted[beginning.at(-1) ?? 0] ?? '')) beginning.pop()
    const shorter = beginning.at(-1) ?? -1
    beginning.push(at)
    return shorter
  })
}
