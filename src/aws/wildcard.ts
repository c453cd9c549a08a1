/*
 * Patterns of policies: `*` is any text, `?` one character. A pattern is compiled to tokens first, because `${*}` and the
 * value of a policy variable stand for themselves, whatever characters they hold. Text that stands for itself is one token up to
 * the next wildcard: of hundreds of statements most are told from a request by one comparison.
 */

const anyText = 0
const anyCharacter = 1
type Token = string | typeof anyText | typeof anyCharacter
export type Pattern = readonly Token[]

/** That many are taken at a time, however short pattern and text are. */
const fewestSteps = 64

/** Looks up a policy variable. @returns the values the request has: one, or the variable stands for nothing that is known */
export type Variables = (name: string) => readonly string[]

/**
 * Compiles a pattern.
 * @param variables undefined: `${…}` is plain text (policies of version 2008-10-17)
 * @param wildcards false: `*` and `?` stand for themselves
 * @returns undefined when a variable has no value and no default: the pattern then matches nothing
 */
export function compilePattern(text: string, variables?: Variables, wildcards = true): Pattern | undefined {
  const tokens: Token[] = []
  let begin = 0
  for (let at = variables ? text.indexOf('$' + '{') : -1; at >= 0; at = text.indexOf('$' + '{', begin)) {
    const end = text.indexOf('}', at)
    if (end < 0) break
    appendText(tokens, text.slice(begin, at), wildcards)
    const value = variables && variableValue(text.slice(at + 2, end), variables)
    if (value === undefined) return undefined
    appendText(tokens, value, false)
    begin = end + 1
  }
  appendText(tokens, text.slice(begin), wildcards)
  return tokens
}

/** Text up to a wildcard is cut out, never put together letter by letter: V8 compares pieces in half the time. */
function appendText(tokens: Token[], text: string, wildcards: boolean): void {
  for (const piece of wildcards ? text.split(/([*?])/) : [text]) {
    if (piece === '') continue
    const token = wildcards ? tokenOf(piece) : piece
    const last = tokens.at(-1)
    if (typeof token === 'string' && typeof last === 'string') tokens[tokens.length - 1] = last + token
    else tokens.push(token)
  }
}

/** `${*}`, `${?}` and `${$}` are the characters themselves; `${name, 'default'}` has a value where the request has none. */
function variableValue(content: string, variables: Variables): string | undefined {
  if (content === '*' || content === '?' || content === '$') return content
  const comma = content.indexOf(',')
  const values = variables(nameIn(content))
  if (comma < 0) return values.length === 1 ? values[0] : undefined
  const fallback = /^'([^']*)'$/.exec(content.slice(comma + 1).trim())?.[1]
  return fallback === undefined || values.length > 1 ? undefined : (values[0] ?? fallback)
}

/** The name of a variable, which a default may follow. */
function nameIn(content: string): string {
  const comma = content.indexOf(',')
  return (comma < 0 ? content : content.slice(0, comma)).trim()
}

/** Whether a pattern names a variable of which the request has several values: it is not known for which one it stands. */
export function isAmbiguous(text: string, variables: Variables): boolean {
  for (let at = text.indexOf('$' + '{'); at >= 0; ) {
    const end = text.indexOf('}', at)
    if (end < 0) return false
    if (variables(nameIn(text.slice(at + 2, end))).length > 1) return true
    at = text.indexOf('$' + '{', end)
  }
  return false
}

/** The pattern with every character a token of its own. */
export function characterTokens(pattern: Pattern): Pattern {
  return pattern.flatMap<Token>((token) => (typeof token === 'string' ? [...token] : [token]))
}

function tokenOf(piece: string): Token {
  if (piece === '*') return anyText
  return piece === '?' ? anyCharacter : piece
}

/**
 * Whether the whole text fits. Steps back to the last `*` alone, which is quick for what policies hold. `*aa…ab` over `aa…a` would
 * take length × length steps: who steps back so often is decided by bits.
 */
export function matches(pattern: Pattern, text: string): boolean {
  let [at, position] = [0, 0]
  let star = -1
  let taken = 0
  let left = 2 * (pattern.length + text.length) + fewestSteps
  while (position < text.length) {
    if (left-- <= 0) return matchesByBits(pattern, text)
    const token = pattern[at]
    if (token === anyText) {
      if (at === pattern.length - 1) return true
      star = at++
      taken = position
    } else if (token === anyCharacter) {
      at++
      position += characterLength(text, position)
    } else if (token !== undefined && text.startsWith(token, position)) {
      at++
      position += token.length
    } else {
      if (star < 0) return false
      // A long piece that does not fit has cost more than one step.
      if (typeof token === 'string') left -= token.length >> 6
      at = star + 1
      taken += characterLength(text, taken)
      position = taken
    }
  }
  while (pattern[at] === anyText) at++
  return at === pattern.length
}

/** Where a pattern stands after some of a text: a bit for each number of tokens that may be behind it. */
type Standing = Uint32Array

/**
 * The same, 32 tokens at a step (Shift-And, Baeza-Yates and Gonnet 1992):
 *
 *   next = (standing & tokens that the character fits) << 1  |  standing & stars  |  what a star of no character lets in
 */
function matchesByBits(given: Pattern, text: string): boolean {
  const pattern = characterTokens(given).filter((token, at, all) => token !== anyText || all[at - 1] !== anyText)
  const length = (pattern.length >> 5) + 1
  const stars = bitsOf(pattern, length, (token) => token === anyText)
  const fitting = new Map<string, Standing>()
  const standing = new Uint32Array(length)
  standing[0] = 1
  passStars(standing, stars)
  for (const character of text) {
    let fits = fitting.get(character)
    if (!fits) {
      fits = bitsOf(pattern, length, (token) => token === character || token === anyCharacter)
      fitting.set(character, fits)
    }
    let carry = 0
    for (let word = 0; word < length; word++) {
      const bits = standing[word] ?? 0
      const fit = bits & (fits[word] ?? 0)
      standing[word] = (fit << 1) | carry | (bits & (stars[word] ?? 0))
      carry = fit >>> 31
    }
    passStars(standing, stars)
  }
  return (((standing[pattern.length >> 5] ?? 0) >>> (pattern.length & 31)) & 1) === 1
}

/** No two stars follow each other, so one step is enough. */
function passStars(standing: Standing, stars: Standing): void {
  let carry = 0
  for (let word = 0; word < standing.length; word++) {
    const bits = (standing[word] ?? 0) & (stars[word] ?? 0)
    standing[word] = (standing[word] ?? 0) | (bits << 1) | carry
    carry = bits >>> 31
  }
}

function bitsOf(pattern: Pattern, length: number, has: (token: Token) => boolean): Standing {
  const bits = new Uint32Array(length)
  for (const [at, token] of pattern.entries()) if (has(token)) bits[at >> 5] = (bits[at >> 5] ?? 0) | (1 << (at & 31))
  return bits
}

/** Whether one of several fits; undefined ones do not. */
export function matchesAny(patterns: readonly (Pattern | undefined)[], text: string): boolean {
  for (const pattern of patterns) {
    if (!pattern) continue
    const [first] = pattern
    // ARNs begin alike and end otherwise: one character most often says that they differ.
    if (typeof first === 'string' && text.charCodeAt(first.length - 1) !== first.charCodeAt(first.length - 1)) continue
    if (matches(pattern, text)) return true
  }
  return false
}

/** A character is a code point, of one or two of JavaScript's units. */
function characterLength(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1
}

/** Whether a pattern is the same for every request. */
export function isConstant(text: string): boolean {
  return !text.includes('$' + '{')
}
