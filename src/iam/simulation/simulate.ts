import type { Caller } from '../../aws/caller.ts'
import { type AccessRequest, evaluate, type Verdict } from '../../aws/policy.ts'
import type { ConditionContext } from '../../aws/policy-conditions.ts'
import { type Policy, parsePolicy } from '../../aws/policy-parse.ts'
import type { QueryOutput } from '../../protocol/query-output.ts'
import { statementPositions } from './statement-positions.ts'

/*
 * The policy simulator (IAM API Reference, SimulateCustomPolicy): the evaluator that weighs real requests weighs made up ones.
 *
 *   action × resource ─▶ Deny anywhere: explicitDeny · identity policies (∩ boundary) or resource policy allow: allowed · else implicitDeny
 *
 * Since 2026 there is one result for each action, whatever the number of resources: the most restrictive decision of all.
 */

/** A policy and where it is from. */
export interface SourcePolicy {
  /** `PolicyInputList.1`, `user_NAME_POLICY`, a managed policy's name */
  id: string
  document: string
}

export interface Simulation {
  identity: readonly SourcePolicy[]
  /** Undefined: there is no boundary. */
  boundary?: readonly SourcePolicy[]
  resourcePolicy?: SourcePolicy
  caller: Caller
  /** What the request would say of itself, by lower-case key. */
  context: ReadonlyMap<string, readonly string[]>
  resources: readonly string[]
}

type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny'

interface Outcome {
  decision: Decision
  matched: QueryOutput[]
  missing: readonly string[]
  isWithinBoundary: boolean | undefined
}

/** A simulation whose policies are read, once for all actions. */
export function prepare(simulation: Simulation) {
  const read = (kind: 'identity' | 'resource') => (source: SourcePolicy) => ({
    name: source.id,
    policy: parsePolicy(source.document, kind),
    source,
  })
  const { identity, boundary, resourcePolicy } = simulation
  const sides = {
    identity: identity.map(read('identity')),
    boundary: boundary?.map(read('identity')),
    resource: resourcePolicy && [read('resource')(resourcePolicy)],
  }
  const all = [...sides.identity, ...(sides.boundary ?? []), ...(sides.resource ?? [])]
  const names = namesOfKeys(all.map(({ policy }) => policy))
  const members = membersOf(all.map(({ source }) => source))

  const decide = (action: string, resource: string): Outcome => {
    const missing = new Set<string>()
    const context = noticing(simulation.context, (key) => missing.add(names.get(key) ?? key))
    const request: AccessRequest = { action, resource, caller: simulation.caller, context }
    const own = evaluate(sides.identity, request)
    const limit = sides.boundary && evaluate(sides.boundary, request)
    const other = sides.resource && evaluate(sides.resource, request)
    const isWithinBoundary = limit && limit.decision === 'allow'
    const told = { missing: [...missing].sort(), isWithinBoundary }
    const verdicts = [own, limit, other].filter((verdict) => verdict !== undefined)
    const denying = verdicts.filter(({ decision }) => decision === 'deny')
    if (denying.length > 0) return { decision: 'explicitDeny', matched: members(denying), ...told }
    const allowing = [...(own.decision === 'allow' && isWithinBoundary !== false ? [own] : []), ...allowed(other)]
    if (allowing.length > 0) return { decision: 'allowed', matched: members(allowing), ...told }
    return { decision: 'implicitDeny', matched: [], ...told }
  }
  return { decide, resources: simulation.resources }
}

export type Prepared = ReturnType<typeof prepare>

function allowed(verdict: Verdict | undefined): Verdict[] {
  return verdict?.decision === 'allow' ? [verdict] : []
}

/** Keys are shown as the policies write them; policies compare them without case. */
function namesOfKeys(policies: readonly Policy[]): ReadonlyMap<string, string> {
  const keys = policies.flatMap(({ statements }) => statements.flatMap(({ conditions }) => conditions))
  return new Map(keys.map(({ key }) => [key.toLowerCase(), key]))
}

/** A context that tells of what it is asked for and has not. */
function noticing(context: ReadonlyMap<string, readonly string[]>, miss: (key: string) => void): ConditionContext {
  return {
    get(key) {
      const values = context.get(key)
      if (!values) miss(key)
      return values
    },
  }
}

function membersOf(sources: readonly SourcePolicy[]) {
  const positions = new Map(sources.map(({ id, document }) => [id, statementPositions(document)]))
  return (verdicts: readonly Verdict[]): QueryOutput[] =>
    verdicts.flatMap(({ statements }) =>
      statements.map(({ policy, index }) => ({
        SourcePolicyId: policy,
        // What AWS answers, though its model has other words (evidence: iam-simulator).
        SourcePolicyType: 'IAM Policy',
        ...positionOf(positions.get(policy)?.[index]),
      })),
    )
}

function positionOf(position: ReturnType<typeof statementPositions>[number] | undefined): QueryOutput {
  if (!position) return {}
  const { StartPosition, EndPosition } = position
  return { StartPosition: { ...StartPosition }, EndPosition: { ...EndPosition } }
}

const strictness: readonly Decision[] = ['allowed', 'implicitDeny', 'explicitDeny']

/** One action's result, of the outcomes at each of its resources. */
export function resultOf(action: string, outcomes: readonly { resource: string; outcome: Outcome }[]): QueryOutput {
  const strictest = Math.max(...outcomes.map(({ outcome }) => strictness.indexOf(outcome.decision)))
  const decision = strictness[strictest] ?? 'implicitDeny'
  const deciding = outcomes.filter(({ outcome }) => outcome.decision === decision)
  const isAnywhere = outcomes.every(({ resource }) => resource === '*')
  const boundaryOf = (list: typeof outcomes) => {
    const [first] = list
    if (first?.outcome.isWithinBoundary === undefined) return undefined
    return { AllowedByPermissionsBoundary: list.every(({ outcome }) => outcome.isWithinBoundary === true) }
  }
  return {
    EvalActionName: action,
    EvalResourceName: outcomes[0]?.resource ?? '*',
    EvalDecision: decision,
    MatchedStatements: distinct(deciding.flatMap(({ outcome }) => outcome.matched)),
    MissingContextValues: isAnywhere ? [...new Set(outcomes.flatMap(({ outcome }) => outcome.missing))] : [],
    OrganizationsDecisionDetail: { AllowedByOrganizations: true },
    PermissionsBoundaryDecisionDetail: boundaryOf(outcomes),
    EvalDecisionDetails: isAnywhere ? undefined : new Map(),
    ResourceSpecificResults: isAnywhere
      ? undefined
      : outcomes.map(({ resource, outcome }) => ({
          EvalResourceName: resource,
          EvalResourceDecision: outcome.decision,
          MatchedStatements: outcome.matched,
          MissingContextValues: outcome.missing,
          EvalDecisionDetails: new Map(),
          PermissionsBoundaryDecisionDetail: boundaryOf([{ resource, outcome }]),
        })),
  }
}

function distinct(members: readonly QueryOutput[]): QueryOutput[] {
  return [...new Map(members.map((member) => [JSON.stringify(member), member])).values()]
}
