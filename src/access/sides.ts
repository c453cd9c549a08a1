import type { Caller } from '../aws/caller.ts'
import {
  type AccessRequest,
  type AttachedPolicy,
  evaluate,
  type Verdict,
  type WeighedStatement,
} from '../aws/policy.ts'
import type { PolicyCache } from './policy-cache.ts'

/*
 * Who has a say in whether a caller may do something (IAM User Guide, "Policy evaluation logic"):
 *
 *   resource   the policy of what is touched: a bucket's, a key's, a role's trust policy
 *   identity   the policies of the user, or of the role whose session it is; none: an administrator of its account
 *   boundary   what the identity policies can allow at most
 *   session    what a session was narrowed to when it was given out
 *
 * A Deny of any side refuses. How the Allows of the sides come together is the service's to say.
 */

export type Side = 'resource' | 'identity' | 'boundary' | 'session'

/** The policies of each side; undefined: there are none, and the side limits nothing. */
export type SidePolicies = { readonly [Name in Side]?: readonly AttachedPolicy[] }

/** What each side says; undefined: there is no such policy. */
export type Sides = { readonly [Name in Side]?: Verdict }

/** A policy as it was given: a JSON document. */
interface NamedPolicy {
  readonly name: string
  /** Of a managed policy. */
  readonly arn?: string
  readonly document: string
}

/** A caller's own policies, as `identity/` tells them. */
export interface Permissions {
  /** Undefined: an administrator. */
  readonly identity?: readonly NamedPolicy[]
  readonly boundary?: NamedPolicy
  readonly session?: readonly NamedPolicy[]
}

/** What must be known of principals. */
export interface Identities {
  permissionsOf(caller: Caller): Permissions
}

/** Every caller is an administrator of its account. */
export const noIdentities: Identities = { permissionsOf: () => ({}) }

/** Whether no policy of its own limits a caller. */
export function isUnlimited({ identity, boundary, session }: Permissions): boolean {
  return identity === undefined && boundary === undefined && session === undefined
}

/** The policies that a caller brings. */
export function policiesOfCaller(identities: Identities, cache: PolicyCache, caller: Caller): SidePolicies {
  const permissions = identities.permissionsOf(caller)
  if (isUnlimited(permissions)) return {}
  const { identity, boundary, session } = permissions
  const attached = (name: string, { document, arn }: NamedPolicy) => cache.attach(name, document, 'identity', arn)
  return {
    identity: identity?.map((policy) => attached(`identity policy ${policy.name}`, policy)),
    boundary: boundary && [attached(`permissions boundary ${boundary.name}`, boundary)],
    session: session?.map((policy) => attached(policy.name, policy)),
  }
}

/** Has each side weigh its policies. */
export function weighSides({ resource, identity, boundary, session }: SidePolicies, request: AccessRequest): Sides {
  return {
    resource: resource && evaluate(resource, boundary ? { ...request, hasBoundary: true } : request),
    identity: identity && evaluate(identity, request),
    boundary: boundary && evaluate(boundary, request),
    session: session && evaluate(session, request),
  }
}

/** All statements of all sides. */
export function weighedBy({ resource, identity, boundary, session }: Sides): WeighedStatement[] {
  const weighed = [...(resource?.weighed ?? []), ...(identity?.weighed ?? [])]
  if (boundary) weighed.push(...boundary.weighed)
  if (session) weighed.push(...session.weighed)
  return weighed
}

/** In the order in which one is named. */
const denials: readonly (readonly [Side, string])[] = [
  ['resource', 'with an explicit deny in a resource-based policy'],
  ['identity', 'with an explicit deny in an identity-based policy'],
  ['boundary', 'with an explicit deny in a permissions boundary'],
  ['session', 'with an explicit deny in a session policy'],
]

/**
 * @returns AWS's words for an explicit deny, which name a managed policy by its ARN (evidence: policy-arn-in-denials); undefined
 *   where nothing denies
 */
export function denialOf(sides: Sides): string | undefined {
  const [side, words] = denials.find(([name]) => sides[name]?.decision === 'deny') ?? []
  if (side === undefined) return undefined
  const arn = sides[side]?.statements[0]?.arn
  return arn === undefined ? words : `${words}: ${arn}`
}

/** What is not there does not limit: administrators have no identity policies, most callers no boundary. */
export function allows(verdict: Verdict | undefined): boolean {
  return verdict === undefined || verdict.decision === 'allow'
}

const kinds: Record<Side, string> = {
  resource: 'resource-based policy',
  identity: 'identity-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
}

/** @returns AWS's words for an Allow that is missing on a side */
export function missingOn(side: Side, action: string): string {
  return `because no ${kinds[side]} allows the ${action} action`
}

/**
 * Whether an Allow names the caller's own ARN: a user's, or a session's, not that of its role, nor everybody. Such an Allow
 * needs neither boundary nor session policy beside it (IAM User Guide, "Evaluating effective permissions with boundaries").
 * `*` names nobody in this sense (evidence: policy-direct-names).
 */
export function isNamedItself(policies: readonly AttachedPolicy[], verdict: Verdict, caller: Caller): boolean {
  return verdict.statements.some(({ policy: name, index, effect }) => {
    const principal = policies.find((policy) => policy.name === name)?.policy.statements[index]?.principal
    if (effect !== 'Allow' || !principal || principal.negated) return false
    return principal.named.some(({ value }) => value === caller.arn || value === caller.principalId)
  })
}
