import type { AttachedPolicy } from '../aws/policy.ts'
import { type Policy, type PolicyKind, PolicyMalformed, parsePolicy } from '../aws/policy-parse.ts'

const mostEntries = 1000
/** The same text may be attached by several names, most often by one. */
const mostNames = 10

/** Policies parsed once: the text is the name, so that a changed policy is another one. */
export class PolicyCache {
  readonly #attached: Record<PolicyKind, Map<string, AttachedPolicy[]>> = {
    identity: new Map(),
    resource: new Map(),
    trust: new Map(),
  }

  /**
   * @param name where the policy is from, for whoever asks why: `key policy`
   * @param arn of a managed policy
   * @returns a policy without statements for a text that is none: then it allows nothing
   */
  attach(name: string, document: string, kind: PolicyKind, arn?: string): AttachedPolicy {
    const known = this.#attached[kind].get(document)
    const found = known?.find((attached) => attached.name === name && attached.arn === arn)
    if (found) return found
    const policy = known?.[0]?.policy ?? parseLeniently(document, kind)
    const made = arn === undefined ? { name, policy } : { name, policy, arn }
    this.#keep(kind, document, [made, ...(known ?? [])].slice(0, mostNames))
    return made
  }

  #keep(kind: PolicyKind, document: string, attached: AttachedPolicy[]): void {
    const kept = this.#attached[kind]
    const [oldest] = kept.keys()
    if (kept.size >= mostEntries && oldest !== undefined && !kept.has(document)) kept.delete(oldest)
    kept.set(document, attached)
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
