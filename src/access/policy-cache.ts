import { type Policy, type PolicyKind, PolicyMalformed, parsePolicy } from '../aws/policy-parse.ts'

const mostEntries = 1000

/** Policies parsed once: the text is the name, so that a changed policy is another one. */
export class PolicyCache {
  readonly #parsed: Record<PolicyKind, Map<string, Policy>> = {
    identity: new Map(),
    resource: new Map(),
    trust: new Map(),
  }

  /** @returns a policy without statements for a text that is none: then it allows nothing */
  parse(document: string, kind: PolicyKind): Policy {
    const parsed = this.#parsed[kind]
    const known = parsed.get(document)
    if (known) return known
    const [oldest] = parsed.keys()
    if (parsed.size >= mostEntries && oldest !== undefined) parsed.delete(oldest)
    const policy = parseLeniently(document, kind)
    parsed.set(document, policy)
    return policy
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
