import type { Caller } from './caller.ts'
import { PatternList } from './pattern-list.ts'
import { type Condition, type ConditionContext, conditionContext, meetsCondition } from './policy-conditions.ts'
import type { Policy, Statement } from './policy-parse.ts'
import { nameOf } from './policy-principals.ts'
import { StatementIndex } from './statement-index.ts'
import { compilePattern, isAmbiguous, type Variables } from './wildcard.ts'

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
  /** Whether a permissions boundary narrows the caller: a Deny with NotPrincipal does not spare it then. */
  hasBoundary?: boolean
  context: ConditionContext
}

export interface AttachedPolicy {
  /** Where it is from, for whoever asks why: `key policy`, `identity policy app-policy`. */
  name: string
  policy: Policy
  /** Of a managed policy. */
  arn?: string
  /** Of `evaluate`: where it finds statements. Whoever keeps the policy keeps this with it. */
  index?: StatementIndex
}

/** A statement and how it stood to a request. */
export interface WeighedStatement {
  policy: string
  /** Of a managed policy. */
  arn?: string
  /** From 0. */
  index: number
  sid?: string
  effect: 'Allow' | 'Deny'
  /** `principal` and `account` match: by whom the caller is named. Identity policies name nobody: `principal`. */
  outcome: 'principal' | 'account' | Mismatch
  /** Of another principal, action or resource: the element that does not fit, as it is written. */
  element?: WrittenElement
  /** The first condition that was not met, and what the request had. */
  condition?: { operator: string; key: string; values: string[]; actual: readonly string[] }
}

/** An element of a statement: `NotAction`, and what it names. */
export interface WrittenElement {
  name: `${'' | 'Not'}${'Principal' | 'Action' | 'Resource'}`
  /** The first few. */
  values: readonly string[]
  /** How many there are. */
  count: number
}

type Mismatch = 'other principal' | 'other action' | 'other resource' | 'condition not met'

/** What policies say to a request. */
export class Verdict {
  readonly decision: 'allow' | 'deny' | 'no match'
  /** Of allow: a statement names the caller itself, or everybody, not its account alone. */
  readonly isDirect: boolean
  /** Those that decided. */
  readonly statements: readonly WeighedStatement[]
  readonly #policies: readonly AttachedPolicy[]
  readonly #asked: Asked
  /** Those that fit caller, action and resource. */
  readonly #fitting: readonly WeighedStatement[]

  constructor(policies: readonly AttachedPolicy[], asked: Asked, fitting: readonly WeighedStatement[]) {
    const matching = fitting.filter(isMatch)
    const denying = matching.filter(({ effect }) => effect === 'Deny')
    const isDenied = denying.length > 0
    this.decision = isDenied ? 'deny' : matching.length > 0 ? 'allow' : 'no match'
    this.isDirect = !isDenied && matching.some(({ outcome }) => outcome === 'principal')
    this.statements = isDenied ? denying : matching
    this.#policies = policies
    const { action, resource, caller, hasBoundary } = asked
    this.#asked = { action, resource, caller, hasBoundary }
    this.#fitting = fitting
  }

  /** All statements of all policies. Few ask, so what does not fit is told apart only then. */
  get weighed(): WeighedStatement[] {
    const fitting = new Map(this.#fitting.map((one) => [`${one.index} ${one.policy}`, one]))
    return this.#policies.flatMap(({ name, policy: { statements } }) =>
      statements.map((statement, index) => {
        const { sid, effect } = statement
        return (
          fitting.get(`${index} ${name}`) ?? { policy: name, index, sid, effect, ...mismatchOf(statement, this.#asked) }
        )
      }),
    )
  }
}

/** A request without its context, which holds on to more than an answer should. */
type Asked = Omit<AccessRequest, 'context'>

function isMatch({ outcome }: WeighedStatement): boolean {
  return outcome === 'principal' || outcome === 'account'
}

/** Of a statement that does not fit. */
function mismatchOf(statement: Statement, asked: Asked): Pick<WeighedStatement, 'outcome' | 'element'> {
  const { principal, action, resource } = statement
  if (!nameOf(statement, asked)) {
    const named = principal?.named.map(({ value }) => value)
    return { outcome: 'other principal', element: written('Principal', principal?.negated, named) }
  }
  if (action.fixed.matches(asked.action.toLowerCase()) === action.negated) {
    return { outcome: 'other action', element: written('Action', action.negated, action.patterns) }
  }
  return { outcome: 'other resource', element: written('Resource', resource?.negated, resource?.patterns) }
}

/** A refusal is stored with what was weighed, and a policy may name thousands. */
const valuesTold = 5

function written(
  name: 'Principal' | 'Action' | 'Resource',
  negated = false,
  values: readonly string[] = [],
): WrittenElement {
  return { name: negated ? `Not${name}` : name, values: values.slice(0, valuesTold), count: values.length }
}

/** Weighs the statements of every policy that may fit: the others are not looked at (`statement-index.ts`). */
export function evaluate(policies: readonly AttachedPolicy[], request: AccessRequest): Verdict {
  const fitting: WeighedStatement[] = []
  const lowerAction = request.action.toLowerCase()
  const { action, resource, caller, hasBoundary, context } = request
  const question = { action, resource, caller, hasBoundary, context, variables: variablesOf(context) }
  for (const attached of policies) {
    attached.index ??= new StatementIndex(attached.policy)
    for (const index of attached.index.find(lowerAction, request.resource)) {
      const statement = attached.policy.statements[index]
      const weighed = statement && weigh(attached, statement, index, question)
      if (weighed) fitting.push(weighed)
    }
  }
  return new Verdict(policies, request, fitting)
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
  const isNobody = caller.type === 'Anonymous' || caller.type === 'AWSService'
  const issuedAt = caller.role?.issuedAt ?? caller.issuedAt
  const { mfaAt } = caller
  return conditionContext({
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:SecureTransport': String(secure),
    'aws:SourceIp': sourceIp,
    'aws:UserAgent': userAgent,
    'aws:RequestedRegion': region,
    'aws:PrincipalType': caller.type === 'IAMUser' ? 'User' : caller.type === 'Root' ? 'Account' : caller.type,
    'aws:PrincipalArn': isNobody ? undefined : (caller.role?.arn ?? caller.arn),
    'aws:PrincipalAccount': isNobody ? undefined : caller.accountId,
    'aws:userid': caller.type === 'Anonymous' ? 'anonymous' : isNobody ? undefined : caller.principalId,
    'aws:username': caller.type === 'IAMUser' ? caller.userName : undefined,
    'aws:PrincipalIsAWSService': String(caller.type === 'AWSService'),
    'aws:PrincipalServiceName': caller.type === 'AWSService' ? caller.principalId : undefined,
    'aws:SourceArn': caller.source?.arn,
    'aws:SourceAccount': caller.source?.accountId,
    // Temporary credentials alone know of them.
    'aws:TokenIssueTime': issuedAt === undefined ? undefined : new Date(issuedAt).toISOString(),
    'aws:MultiFactorAuthPresent': issuedAt === undefined ? undefined : String(mfaAt !== undefined),
    'aws:MultiFactorAuthAge': mfaAt === undefined ? undefined : String(Math.floor((now - mfaAt) / 1000)),
    'aws:ViaAWSService': 'false',
    ...Object.fromEntries((caller.tags ?? []).map(({ Key, Value }) => [`aws:PrincipalTag/${Key}`, Value])),
  })
}

/** A request, and what is asked of it for every statement. */
interface Question extends AccessRequest {
  variables: Variables
}

/**
 * Weighs a statement whose action fits.
 * @returns undefined where it is about others, or other resources
 */
function weigh(
  { name, policy: { version }, arn }: AttachedPolicy,
  statement: Statement,
  index: number,
  question: Question,
): WeighedStatement | undefined {
  const variables = version === '2012-10-17' ? question.variables : undefined
  const { effect, conditions, sid } = statement
  const named = nameOf(statement, question)
  if (!named || !fitsResource(statement, question.resource, variables)) return undefined
  const unmet = conditions.find((condition) => !meetsCondition(condition, question.context, effect, variables))
  if (!unmet) return { policy: name, arn, index, sid, effect, outcome: named }
  const condition = shown(unmet, question.context)
  return { policy: name, arn, index, sid, effect, outcome: 'condition not met', condition }
}

function shown({ operator, key, values }: Condition, context: ConditionContext) {
  return { operator, key, values, actual: context.get(key.toLowerCase()) ?? [] }
}

/** A policy variable has a value when the request has exactly one. */
function variablesOf(context: ConditionContext): Variables {
  return (name) => context.get(name.toLowerCase()) ?? []
}

function fitsResource({ resource, effect }: Statement, arn: string, variables: Variables | undefined): boolean {
  if (!resource) return true
  const { fixed, variable, negated } = resource
  if (fixed.matches(arn)) return !negated
  if (variable.length === 0) return negated
  // What is uncertain never narrows a Deny.
  if (effect === 'Deny' && variables && variable.some((text) => isAmbiguous(text, variables))) return true
  const patterns = variable.map((text) => compilePattern(text, variables))
  const known = patterns.filter((pattern) => pattern !== undefined)
  // A variable without a value: it is not known which resources are meant, so the statement has no effect.
  if (known.length < patterns.length && negated) return false
  return new PatternList(known).matches(arn) !== negated
}
