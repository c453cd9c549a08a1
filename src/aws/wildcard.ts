/*
 * Patterns of policies: `*` is any text, `?` one character. A pattern is compiled to tokens first, because `${*}` and the
 * value of a policy variable stand for themselves, whatever characters they hold.
 */

const anyText = 0
const anyCharacter = 1
type Token = string | typeof anyText | typeof anyCharacter
export type Pattern = readonly Token[]

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
  const lastEnd = variables ? text.lastIndexOf('}') : -1
  for (let at = 0; at < text.length; ) {
    if (variables && at < lastEnd && text.startsWith('$' + '{', at)) {
      const end = text.indexOf('}', at)
      const value = variableValue(text.slice(at + 2, end), variables)
      if (value === undefined) return undefined
      for (const character of value) tokens.push(character)
      at = end + 1
      continue
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    tokens.push(wildcards ? tokenOf(character) : character)
    at += character.length
  }
  return tokens
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

function tokenOf(character: string): Token {
  if (character === '*') return anyText
  return character === '?' ? anyCharacter : character
}

/** Whether the whole text fits. Steps back to the last `*` alone, so that no pattern takes more than length × length steps. */
export function matches(pattern: Pattern, text: string): boolean {
  let [at, position] = [0, 0]
  let star = -1
  let taken = 0
  while (position < text.length) {
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
      at = star + 1
      taken += characterLength(text, taken)
      position = taken
    }
  }
  while (pattern[at] === anyText) at++
  return at === pattern.length
}

/** A character is a code point, of one or two of JavaScript's units. */
function characterLength(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1
}

/** Whether a pattern is the same for every request. */
export function isConstant(text: string): boolean {
  return !text.includes('$' + '{')
}
