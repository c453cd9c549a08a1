import {
  anyCharacter,
  anyText,
  characterWithinPart,
  type Pattern,
  type Token,
  textWithinPart,
} from './pattern-tokens.ts'

/** Where patterns stand after some of a text: a bit for each place between two tokens. Signed, which V8 keeps out of the heap. */
type Places = Int32Array

/**
 * Many patterns, or one of many stars, tried at once, 32 tokens at a step (Shift-And, Baeza-Yates and Gonnet 1992). They stand in
 * a row, each with a last place that says it fits:
 *
 *   a * b |a ?|     next = (standing & tokens that the character fits) << 1  |  standing & stars  |  what a star of no character lets in
 *   0 1 2 3 4 5 6   begin: 0 and 4; fit: 3 and 6
 *
 * So a text costs its length × the length of all patterns / 32, whatever they are.
 */
export class PatternBits {
  readonly #begin: Places
  readonly #fit: Places
  readonly #stars: Places
  /** Stars that pass a colon. */
  readonly #freeStars: Places
  /** Where any character fits, and where a colon does. */
  readonly #anyCharacter: Places
  readonly #anyColon: Places
  /** Where a character stands by itself. */
  readonly #places = new Map<string, number[]>()
  readonly #fitting = new Map<string, Places>()
  readonly #standing: Places

  constructor(patterns: readonly Pattern[]) {
    const rows = patterns.map(characterTokens)
    const words = (rows.reduce((sum, row) => sum + row.length + 1, 0) + 31) >> 5
    const none = () => new Int32Array(words)
    this.#begin = none()
    this.#fit = none()
    this.#stars = none()
    this.#freeStars = none()
    this.#anyCharacter = none()
    this.#anyColon = none()
    this.#standing = none()
    let place = 0
    for (const row of rows) {
      set(this.#begin, place)
      if (isStar(row[0])) set(this.#begin, place + 1)
      for (const token of row) this.#lay(token, place++)
      set(this.#fit, place++)
    }
  }

  /** Whether one of the patterns fits the whole text. */
  matches(text: string): boolean {
    const standing = this.#standing
    standing.set(this.#begin)
    for (const character of text) {
      const stays = character === ':' ? this.#freeStars : this.#stars
      if (!advance(standing, this.#fits(character), stays, this.#stars)) return false
    }
    return standing.some((bits, word) => (bits & (this.#fit[word] ?? 0)) !== 0)
  }

  #lay(token: Token, place: number): void {
    if (typeof token === 'string') {
      const places = this.#places.get(token)
      if (places) places.push(place)
      else this.#places.set(token, [place])
    }
    if (isStar(token)) set(this.#stars, place)
    if (token === anyText) set(this.#freeStars, place)
    if (token === anyCharacter || token === characterWithinPart) set(this.#anyCharacter, place)
    if (token === anyCharacter) set(this.#anyColon, place)
  }

  #fits(character: string): Places {
    const places = this.#places.get(character)
    const any = character === ':' ? this.#anyColon : this.#anyCharacter
    if (!places) return any
    const known = this.#fitting.get(character)
    if (known) return known
    const fits = any.slice()
    for (const place of places) set(fits, place)
    this.#fitting.set(character, fits)
    return fits
  }
}

/** @returns whether any pattern still stands */
function advance(standing: Places, fits: Places, stays: Places, stars: Places): boolean {
  let [shifted, passed, alive] = [0, 0, 0]
  for (let word = 0; word < standing.length; word++) {
    const bits = standing[word] ?? 0
    if ((bits | shifted | passed) === 0) continue
    const fit = bits & (fits[word] ?? 0)
    const next = (fit << 1) | shifted | (bits & (stays[word] ?? 0))
    // No two stars follow each other, so one step is enough.
    const passing = next & (stars[word] ?? 0)
    const after = next | (passing << 1) | passed
    standing[word] = after
    alive |= after
    shifted = fit >>> 31
    passed = passing >>> 31
  }
  return alive !== 0
}

/** Every character a token of its own, and of stars that follow each other the first. */
function characterTokens(pattern: Pattern): Pattern {
  const tokens = pattern.flatMap<Token>((token) => (typeof token === 'string' ? [...token] : [token]))
  return tokens.filter((token, at) => !isStar(token) || !isStar(tokens[at - 1]))
}

function isStar(token: Token | undefined): boolean {
  return token === anyText || token === textWithinPart
}

function set(places: Places, place: number): void {
  places[place >> 5] = (places[place >> 5] ?? 0) | (1 << (place & 31))
}
