import { type Policy, type PolicyKind, PolicyMalformed, parsePolicy } from '../../aws/policy-parse.ts'

/** A policy as it is evaluated. */
export interface ParsedPolicy {
  policy: Policy
  /** A condition asks for the key's aliases, which must be read beforehand. */
  asksForAliases: boolean
}

const mostEntries = 1000

/** Policies parsed once: the text is the name, so that a changed policy is another one. */
export class PolicyCache {
  readonly #parsed: Record<PolicyKind, Map<string, ParsedPolicy>> = {
    identity: new Map(),
    resource: new Map(),
    trust: new Map(),
  }

  /** @returns a policy without statements for a text that is none: then it allows nothing */
  parse(document: string, kind: PolicyKind): ParsedPolicy {
    const parsed = this.#parsed[kind]
    const known = parsed.get(document)
    if (known) return known
    const [oldest] = parsed.keys()
    if (parsed.size >= mostEntries && oldest !== undefined) parsed.delete(oldest)
    const policy = parseLeniently(document, kind)
    const made = { policy, asksForAliases: asksForAliases(policy) }
    parsed.set(document, made)
    return made
  }
}

function parseLeniently(document: string, kind: PolicyKind): Policy {
  try {
    return parsePolicy(document, kind)
  } catch (error) {
    if (error instanceof PolicyMalformed) return { version: '2012-10-17', statements: [] }
    throw error
  }
}

function asksForAliases({ statements }: Policy): boolean {
  return statements.some(({ conditions }) => conditions.some(({ key }) => /^kms:ResourceAliases$/i.test(key)))
}
