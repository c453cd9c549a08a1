import { rememberingLast } from './remembered.ts'
import { parseQuery, type QueryPair } from './uri.ts'

/**
 * A query as everybody reads it: gateway, router, authentication and handlers. There is no other reader, for where one takes
 * a parameter as signed and another does not see it, a signature covers less than it says.
 */
export interface Query {
  /** Decoded, in the order they were sent. */
  readonly pairs: readonly QueryPair[]
  /** The first of each name; a name without `=` has the value ''. */
  readonly parameters: ReadonlyMap<string, string>
}

const nothing: Query = { pairs: [], parameters: new Map() }

/**
 * Reads a raw query.
 * @param raw without its `?`
 * @returns undefined where one of its parameters cannot be decoded
 */
export function readQuery(raw: string): Query | undefined {
  return raw === '' ? nothing : (lastQuery(raw, parse) ?? undefined)
}

/** Of one request several ask, one after another in the same turn. */
const lastQuery = rememberingLast<Query | null>()

function parse(raw: string): Query | null {
  const pairs = parseQuery(raw)
  return pairs ? { pairs, parameters: firstOfEach(pairs) } : null
}

/** Parameters by name; the first of a name wins. */
export function firstOfEach(pairs: readonly QueryPair[]): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const [name, value] of pairs) if (!parameters.has(name)) parameters.set(name, value)
  return parameters
}
