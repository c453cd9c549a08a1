/**
 * Percent-encoding, byte for byte. Nothing here normalises: S3 keys hold `//`, `.`, `..` and `%2F`, and signatures cover
 * what was sent.
 */

/** ASCII without an escape. */
const plain = /^[\x00-\x24\x26-\x7f]*$/

/**
 * Percent-decodes text; `+` stays. Bytes that were sent unescaped (Node hands them on as Latin-1)
 * count as they are.
 * @returns undefined where an escape is cut short or the bytes are not UTF-8 (S3: 400 InvalidURI)
 */
export function decodePercent(text: string): string | undefined {
  if (plain.test(text)) return text
  try {
    return decodeURIComponent(text.replace(/[\x80-\xff]/g, escapeCharacter))
  } catch {
    return undefined
  }
}

/** As {@link decodePercent}, of a query or a path, where `+` is a space to S3 (evidence: s3-plus). */
export function decodeForm(text: string): string | undefined {
  return decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

const unreservedPath = /^[A-Za-z0-9\-._~/]*$/
const unreserved = /^[A-Za-z0-9\-._~]*$/

/** AWS's URI encoding: everything but `A-Z a-z 0-9 - . _ ~`, upper-case hex (SigV4, "Task 1: Create a canonical request"). */
export function encodeUri(text: string): string {
  if (unreserved.test(text)) return text
  return encodeURIComponent(text).replace(/[!'()*]/g, escapeCharacter)
}

/** {@link encodeUri}, but `/` stays. */
export function encodeUriPath(path: string): string {
  return unreservedPath.test(path) ? path : encodeUri(path).replaceAll('%2F', '/')
}

/** Encodes as a browser's form does, in Java's way: a space is `+`, and of the marks only `-`, `.`, `_` and `*` stay. */
export function encodeForm(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, escapeCharacter)
    .replaceAll('%20', '+')
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** A query parameter, decoded; a name without `=` has the value ''. */
export type QueryPair = readonly [name: string, value: string]

/**
 * Cuts a raw query into its pairs, in the order they were sent.
 * @returns undefined where one of them cannot be decoded
 */
export function parseQuery(query: string): QueryPair[] | undefined {
  const pairs: QueryPair[] = []
  for (const text of query.split('&')) {
    if (text === '') continue
    const mark = text.indexOf('=')
    const name = decodeForm(mark < 0 ? text : text.slice(0, mark))
    const value = mark < 0 ? '' : decodeForm(text.slice(mark + 1))
    if (name === undefined || value === undefined) return undefined
    pairs.push([name, value])
  }
  return pairs
}
