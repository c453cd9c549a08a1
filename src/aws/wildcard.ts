import { PatternBits } from './pattern-bits.ts'
import {
  anyCharacter,
  anyText,
  characterWithinPart,
  type Pattern,
  type Token,
  textWithinPart,
} from './pattern-tokens.ts'

/*
 * Patterns of policies: `*` is any text, `?` one character. A pattern is compiled to tokens first, because `${*}` and the
 * value of a policy variable stand for themselves, whatever characters they hold. Text that stands for itself is one token up to
 * the next wildcard: of hundreds of statements most are told from a request by one comparison.
 */

/** That many are taken at a time, however short pattern and text are. */
const fewestSteps = 64
/** No text of a request is longer, so a longer pattern fits none, however it goes on. */
const longestText = 1 << 18

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
  let length = 0
  for (let at = variables ? text.indexOf('$' + '{') : -1; at >= 0; at = text.indexOf('$' + '{', begin)) {
    const end = text.indexOf('}', at)
    if (end < 0) break
    appendText(tokens, text.slice(begin, at), wildcards)
    const value = variables && variableValue(text.slice(at + 2, end), variables)
    if (value === undefined) return undefined
    // Two thousand variables of 60 KB each need not be written out.
    if (length <= longestText) appendText(tokens, value, false)
    length += value.length
    begin = end + 1
  }
  appendText(tokens, text.slice(begin), wildcards)
  return tokens
}

/** Compiles a pattern in which `${…}` is plain text. */
export function compileText(text: string): Pattern {
  const tokens: Token[] = []
  appendText(tokens, text, true)
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

/**
 * The pattern of an ARN: each of its six parts is compared alone, so the wildcards before the resource cross no colon.
 * @returns undefined where it has fewer parts and is not `*`: it fits nothing
 */
export function arnPattern(pattern: Pattern): Pattern | undefined {
  if (pattern.length === 1 && pattern[0] === anyText) return pattern
  let colons = 0
  const tokens = pattern.map((token) => {
    if (typeof token === 'string') colons += token.split(':').length - 1
    else if (colons < 5) return token === anyText ? textWithinPart : characterWithinPart
    return token
  })
  return colons < 5 ? undefined : tokens
}

function tokenOf(piece: string): Token {
  if (piece === '*') return anyText
  return piece === '?' ? anyCharacter : piece
}

/**
 * Whether the whole text fits. Steps back to the last `*` alone, which is quick for what policies hold. `*aa…ab` over `aa…a` would
 * take length × length steps: who steps back so often is decided by bits (`pattern-bits.ts`).
 */
export function matches(pattern: Pattern, text: string): boolean {
  let [at, position] = [0, 0]
  let star = -1
  let taken = 0
  let left = 2 * (pattern.length + text.length) + fewestSteps
  while (position < text.length) {
    if (left-- <= 0) return new PatternBits([pattern]).matches(text)
    const token = pattern[at]
    if (token === anyText && at === pattern.length - 1) return true
    if (token === anyText || token === textWithinPart) {
      star = at++
      taken = position
    } else if (typeof token === 'string' && text.startsWith(token, position)) {
      at++
      position += token.length
    } else if (fitsCharacter(token, text, position)) {
      at++
      position += characterLength(text, position)
    } else {
      if (star < 0 || (pattern[star] === textWithinPart && text[taken] === ':')) return false
      // A long piece that does not fit has cost more than one step.
      if (typeof token === 'string') left -= token.length >> 6
      at = star + 1
      taken += characterLength(text, taken)
      position = taken
    }
  }
  while (pattern[at] === anyText || pattern[at] === textWithinPart) at++
  return at === pattern.length
}

function fitsCharacter(token: Token | undefined, text: string, position: number): boolean {
  return token === anyCharacter || (token === characterWithinPart && text[position] !== ':')
}

/** Whether one of a few fits. */
export function matchesAny(patterns: readonly Pattern[], text: string): boolean {
  for (const pattern of patterns) {
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
