/*
 * Patterns with one `*` at most, held against many texts. A rule may have 2000 patterns and a request as many names, so what a text
 * costs must not grow with the number of patterns: a part is looked up by each length that parts have.
 *
 *   x-amz-*  *-date  etag      exact: etag      before `x-amz-`: behind ``      before ``: behind `-date`
 */

export interface WildcardPatterns {
  /** Whether one of them fits all of the text; the star may stand for nothing. */
  fit(text: string): boolean
}

export function wildcardPatterns(patterns: readonly string[]): WildcardPatterns {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const behindOf = new Map<string, string[]>()
  for (const pattern of patterns) {
    const star = pattern.indexOf('*')
    if (star < 0) continue
    const before = pattern.slice(0, star)
    const behind = behindOf.get(before)
    if (behind) behind.push(pattern.slice(star + 1))
    else behindOf.set(before, [pattern.slice(star + 1)])
  }
  const starred = new Map([...behindOf].map(([before, behind]) => [before, withLengths(behind)]))
  const { lengths } = withLengths([...starred.keys()])
  const fitsStarred = (text: string) =>
    lengths.some((begin) => {
      const behind = begin <= text.length ? starred.get(text.slice(0, begin)) : undefined
      return behind?.lengths.some(
        (end) => begin + end <= text.length && behind.texts.has(text.slice(text.length - end)),
      )
    })
  return { fit: (text) => exact.has(text) || fitsStarred(text) }
}

function withLengths(texts: readonly string[]): { texts: ReadonlySet<string>; lengths: readonly number[] } {
  return { texts: new Set(texts), lengths: [...new Set(texts.map(({ length }) => length))] }
}
