import { rootArn } from './arn.ts'
import { type Caller, canonicalUserId } from './caller.ts'
import { type Condition, type ConditionContext, conditionContext, meetsCondition } from './policy-conditions.ts'
import type { Patterns, Policy, PrincipalElement, Statement } from './policy-parse.ts'
import { compilePattern, isAmbiguous, matchesAny, type Variables } from './wildcard.ts'

/*
 * Policy evaluation (IAM User Guide, "Policy evaluation logic"), pure:
 *
 *   a statement matches when principal, action, resource and every condition do
 *   any Deny that matches → deny; else any Allow that matches → allow; else no match (the caller of this says what follows)
 *
 * An Allow may name the caller itself or its whole account. In a key policy or trust policy the latter only delegates: the
 * account's identity policies must allow as well. `isDirect` distinguishes the two.
 */

export interface AccessRequest {
  /** `kms:Decrypt` */
  action: string
  /** The ARN of what is touched. */
  resource: string
  caller: Caller
  context: ConditionContext
}

export interface AttachedPolicy {
  /** Where it is from, for whoever asks why: `key policy`, `identity policy app-policy`. */
  name: string
  policy: Policy
  /** Of `evaluate`: what was said of each statement, by outcome. Whoever keeps the policy keeps this with it. */
  notes?: Partial<Record<WeighedStatement['outcome'], WeighedStatement>>[]
}

/** A statement and how it stood to a request. */
export interface WeighedStatement {
  policy: string
  /** From 0. */
  index: number
  sid?: string
  effect: 'Allow' | 'Deny'
  /** `principal` and `account` match: by whom the caller is named. Identity policies name nobody: `principal`. */
  outcome: 'principal' | 'account' | Mismatch
  /** The first condition that was not met, and what the request had. */
  condition?: { operator: string; key: string; values: string[]; actual: readonly string[] }
}

type Mismatch = 'other principal' | 'other action' | 'other resource' | 'condition not met'

export interface Verdict {
  decision: 'allow' | 'deny' | 'no match'
  /** Of allow: a statement names the caller itself, or everybody, not its account alone. */
  isDirect: boolean
  /** Those that decided. */
  statements: WeighedStatement[]
  /** All that were looked at. */
  weighed: WeighedStatement[]
}

/** Weighs every statement of every policy. */
export function evaluate(policies: readonly AttachedPolicy[], request: AccessRequest): Verdict {
  const weighed: WeighedStatement[] = []
  const matching: WeighedStatement[] = []
  const question = { ...request, lowerAction: request.action.toLowerCase(), variables: variablesOf(request.context) }
  for (const attached of policies) {
    let index = 0
    for (const statement of attached.policy.statements) {
      const one = weigh(attached, statement, index++, question)
      weighed.push(one)
      if (one.outcome === 'principal' || one.outcome === 'account') matching.push(one)
    }
  }
  const denying = matching.filter(({ effect }) => effect === 'Deny')
  if (denying.length > 0) return { decision: 'deny', isDirect: false, statements: denying, weighed }
  const isDirect = matching.some(({ outcome }) => outcome === 'principal')
  return { decision: matching.length > 0 ? 'allow' : 'no match', isDirect, statements: matching, weighed }
}

/** The condition keys every AWS service has (IAM User Guide, "AWS global condition context keys"). */
export function globalContext(request: {
  caller: Caller
  /** ms since the epoch */
  now: number
  sourceIp: string
  secure: boolean
  userAgent?: string
  region: string
}): ReadonlyMap<string, readonly string[]> {
  const { caller, now, sourceIp, secure, userAgent, region } = request
  const isAnonymous = caller.type === 'Anonymous'
  return conditionContext({
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:SecureTransport': String(secure),
    'aws:SourceIp': sourceIp,
    'aws:UserAgent': userAgent,
    'aws:RequestedRegion': region,
    'aws:PrincipalType': caller.type === 'IAMUser' ? 'User' : caller.type === 'Root' ? 'Account' : caller.type,
    'aws:PrincipalArn': isAnonymous ? undefined : (caller.role?.arn ?? caller.arn),
    'aws:PrincipalAccount': isAnonymous ? undefined : caller.accountId,
    'aws:userid': isAnonymous ? undefined : caller.principalId,
    'aws:username': caller.type === 'IAMUser' ? caller.userName : undefined,
    ...Object.fromEntries((caller.tags ?? []).map(({ Key, Value }) => [`aws:PrincipalTag/${Key}`, Value])),
  })
}

/** A request, and what is asked of it for every statement. */
interface Question extends AccessRequest {
  lowerAction: string
  variables: Variables
}

function weigh(attached: AttachedPolicy, statement: Statement, index: number, question: Question): WeighedStatement {
  const variables = attached.policy.version === '2012-10-17' ? question.variables : undefined
  const { effect, conditions } = statement
  const named = namedBy(statement.principal, question.caller)
  if (!named) return noteOf(attached, statement, index, 'other principal')
  if (!fitsAction(statement.action, question.lowerAction)) return noteOf(attached, statement, index, 'other action')
  if (!fitsResource(statement, question.resource, variables)) {
    return noteOf(attached, statement, index, 'other resource')
  }
  const unmet = conditions.find((condition) => !meetsCondition(condition, question.context, effect, variables))
  if (!unmet) return noteOf(attached, statement, index, named)
  const { name: policy } = attached
  const condition = shown(unmet, question.context)
  return { policy, index, sid: statement.sid, effect, outcome: 'condition not met', condition }
}

/** What is said of a statement is the same for many requests: one note for all of them. */
function noteOf(
  attached: AttachedPolicy,
  { sid, effect }: Statement,
  index: number,
  outcome: WeighedStatement['outcome'],
) {
  attached.notes ??= []
  const notes = attached.notes[index] ?? {}
  attached.notes[index] = notes
  const note = notes[outcome] ?? { policy: attached.name, index, sid, effect, outcome }
  notes[outcome] = note
  return note
}

function shown({ operator, key, values }: Condition, context: ConditionContext) {
  return { operator, key, values, actual: context.get(key.toLowerCase()) ?? [] }
}

/** A policy variable has a value when the request has exactly one. */
function variablesOf(context: ConditionContext): Variables {
  return (name) => context.get(name.toLowerCase()) ?? []
}

function fitsAction({ negated, compiled }: Patterns, lowerAction: string): boolean {
  return matchesAny(compiled, lowerAction) !== negated
}

function fitsResource({ resource, effect }: Statement, arn: string, variables: Variables | undefined): boolean {
  if (!resource) return true
  if (!resource.compiled.includes(undefined)) return matchesAny(resource.compiled, arn) !== resource.negated
  // What is uncertain never narrows a Deny.
  if (effect === 'Deny' && variables && resource.patterns.some((text) => isAmbiguous(text, variables))) return true
  const patterns = resource.patterns.map((text, index) => resource.compiled[index] ?? compilePattern(text, variables))
  // A variable without a value: it is not known which resources are meant, so the statement has no effect.
  if (patterns.includes(undefined) && resource.negated) return false
  return matchesAny(patterns, arn) !== resource.negated
}

/**
 * How a principal as written (an ARN, an account, an IAM unique id, `*`) stands to a caller.
 * @returns undefined when it is somebody else
 */
export function principalRelation(value: string, caller: Caller): 'principal' | 'account' | undefined {
  return relationOf({ type: 'AWS', value }, caller)
}

function namedBy(element: PrincipalElement | undefined, caller: Caller): 'principal' | 'account' | undefined {
  if (!element) return 'principal'
  const relations = element.named.map((named) => relationOf(named, caller))
  if (element.negated) return relations.some((relation) => relation !== undefined) ? undefined : 'principal'
  return relations.includes('principal') ? 'principal' : relations.find((relation) => relation !== undefined)
}

function relationOf(
  { type, value }: PrincipalElement['named'][number],
  caller: Caller,
): 'principal' | 'account' | undefined {
  if (type === 'AWS' && value === '*') return 'principal'
  if (caller.type === 'Anonymous') return undefined
  const { accountId, arn, principalId, role } = caller
  if (type === 'CanonicalUser') return value === canonicalUserId(accountId) ? accountRelation(caller) : undefined
  if (type !== 'AWS') return undefined
  if (value === accountId || value === rootArn(accountId)) return accountRelation(caller)
  return [arn, principalId, role?.arn, role?.principalId].includes(value) ? 'principal' : undefined
}

function accountRelation({ type }: Caller): 'principal' | 'account' {
  return type === 'Root' ? 'principal' : 'account'
}
