import { PatternBits } from './pattern-bits.ts'
import type { Pattern } from './pattern-tokens.ts'
import { PrefixIndex } from './prefix-index.ts'
import { matchesAny } from './wildcard.ts'

/** Up to so many are tried one after another. */
const few = 8

/**
 * Patterns of which one is enough. A few are tried one after another; of many, those without wildcards are looked up, the others
 * are found by what stands before their first wildcard, and where that leaves many, they are tried at once.
 */
export class PatternList {
  readonly #patterns: readonly Pattern[]
  #many: ManyPatterns | undefined

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns
  }

  /** Whether one of them fits the whole text. */
  matches(text: string): boolean {
    if (this.#patterns.length <= few) return matchesAny(this.#patterns, text)
    this.#many ??= new ManyPatterns(this.#patterns)
    return this.#many.matches(text)
  }
}

class ManyPatterns {
  readonly #texts: ReadonlySet<string>
  readonly #wild: readonly Pattern[]
  readonly #byPrefix: PrefixIndex<Pattern>
  #bits: PatternBits | undefined

  constructor(patterns: readonly Pattern[]) {
    const texts = patterns.filter(isText)
    this.#texts = new Set(texts.map(([text]) => text ?? ''))
    this.#wild = patterns.filter((pattern) => !isText(pattern))
    this.#byPrefix = new PrefixIndex(this.#wild.map((pattern) => [prefixOf(pattern), pattern]))
  }

  matches(text: string): boolean {
    if (this.#texts.has(text)) return true
    const possible = this.#byPrefix.under(text)
    if (possible.length <= few) return matchesAny(possible, text)
    this.#bits ??= new PatternBits(this.#wild)
    return this.#bits.matches(text)
  }
}

/** A pattern without wildcards is one token, or none. */
function isText(pattern: Pattern): pattern is readonly string[] {
  return pattern.length === 0 || (pattern.length === 1 && typeof pattern[0] === 'string')
}

function prefixOf([first]: Pattern): string {
  return typeof first === 'string' ? first : ''
}
