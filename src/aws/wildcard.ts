/*
 * Patterns of policies: `*` is any text, `?` one character. A pattern is compiled to tokens first, because `${*}` and the
 * value of a policy variable stand for themselves, whatever characters they hold.
 */

const anyText = 0
const anyCharacter = 1
type Token = string | typeof anyText | typeof anyCharacter
export type Pattern = readonly Token[]

/** Looks up a policy variable. @returns undefined where the request has no such value */
export type Variables = (name: string) => string | undefined

/**
 * Compiles a pattern.
 * @param variables undefined: `${…}` is plain text (policies of version 2008-10-17)
 * @param wildcards false: `*` and `?` stand for themselves
 * @returns undefined when a variable has no value and no default: the pattern then matches nothing
 */
export function compilePattern(text: string, variables?: Variables, wildcards = true): Pattern | undefined {
  const tokens: Token[] = []
  for (let rest = text; rest !== ''; ) {
    const variable = variables && /^\$\{([^}]*)\}/.exec(rest)
    if (variable && variables) {
      const value = variableValue(variable[1] ?? '', variables)
      if (value === undefined) return undefined
      tokens.push(...value)
      rest = rest.slice(variable[0].length)
      continue
    }
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
    tokens.push(wildcards ? tokenOf(character) : character)
    rest = rest.slice(character.length)
  }
  return tokens
}

/** `${*}`, `${?}` and `${$}` are the characters themselves; `${name, 'default'}` has a value in any case. */
function variableValue(content: string, variables: Variables): string | undefined {
  if (content === '*' || content === '?' || content === '$') return content
  const [, name = '', fallback] = /^\s*([^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/s.exec(content) ?? []
  return variables(name) ?? fallback
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
