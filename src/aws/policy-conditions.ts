import { type Fits, fitsOf, hasWildcards, isNegated, isOperatorName, type OperatorName } from './condition-operators.ts'
import { compilePattern, isAmbiguous, isConstant, type Variables } from './wildcard.ts'

/*
 * The condition operators of policies (IAM User Guide, "IAM JSON policy elements: Condition operators"):
 *
 *   one value of the request × one of the policy → does it fit?        a row of the table below
 *   positive operators want one policy value that fits, negated ones none
 *   several values of the request: ForAllValues wants all of them to pass, ForAnyValue one
 *   a key of one value that the request names twice, `tenant` and `Tenant`: the names of condition keys ignore case, and which
 *   of the two values IAM takes is not documented. So an Allow wants both to pass, and for a Deny one of them is enough: the
 *   double name never gets a caller further (evidence: policy-double-names). A policy variable that the request names twice is weighed alike: a
 *   condition it stands in is not met by an Allow, and met by a Deny
 *   a key the request has not: positive false, negated true, …IfExists true, ForAllValues true, ForAnyValue false
 */

export interface Condition {
  /** As written: `ForAnyValue:StringLikeIfExists`. */
  operator: string
  name: OperatorName
  set?: 'ForAnyValue' | 'ForAllValues'
  ifExists: boolean
  key: string
  values: string[]
  /** The values compiled once; undefined where one has policy variables. */
  fits: Fits | undefined
}

/** What a request says of itself, by lower-case key: the names of condition keys ignore case. */
export interface ConditionContext {
  get(key: string): readonly string[] | undefined
  /** Whether a key has one value by its nature: several are then homonyms, of which only one counts, and nobody knows which. */
  hasOneValue?(key: string): boolean
}

/** Makes a context; undefined values are left out. */
export function conditionContext(
  values: Readonly<Record<string, string | readonly string[] | undefined>>,
): ReadonlyMap<string, readonly string[]> {
  const context = new Map<string, readonly string[]>()
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value)
  }
  return context
}

/** Cuts an operator as written into its parts. @returns undefined when there is no such operator */
export function conditionOperator(text: string): Pick<Condition, 'name' | 'set' | 'ifExists'> | undefined {
  const [, set, base = '', ifExists] = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(text) ?? []
  if (!isOperatorName(base) || (base === 'Null' && (ifExists || set))) return undefined
  return {
    name: base,
    set: set === 'ForAnyValue' || set === 'ForAllValues' ? set : undefined,
    ifExists: ifExists !== undefined,
  }
}

/** Characters. AWS takes no longer headers, parameters or encryption contexts: what is longer decides against the caller. */
const longestValue = 8192

/**
 * Whether a request meets a condition.
 * @param effect of the condition's statement: what is uncertain decides against the caller
 * @param variables undefined: the policy's version knows none
 */
export function meetsCondition(
  condition: Condition,
  context: ConditionContext,
  effect: 'Allow' | 'Deny',
  variables?: Variables,
): boolean {
  const actual = context.get(condition.key.toLowerCase()) ?? []
  if (actual.some((value) => value.length > longestValue)) return effect === 'Deny'
  if (actual.length < 2 || !context.hasOneValue?.(condition.key)) return meets(condition, actual, effect, variables)
  const meetsAlone = (value: string) => meets(condition, [value], effect, variables)
  return effect === 'Deny' ? actual.some(meetsAlone) : actual.every(meetsAlone)
}

function meets(
  { name, set, ifExists, values, fits }: Condition,
  actual: readonly string[],
  effect: 'Allow' | 'Deny',
  variables?: Variables,
): boolean {
  if (name === 'Null') return values.some((value) => (value.toLowerCase() === 'true') === (actual.length === 0))
  const negated = isNegated(name)
  if (actual.length === 0) {
    if (ifExists || set === 'ForAllValues') return true
    return negated && set === undefined
  }
  if (!fits && effect === 'Deny' && variables && values.some((text) => isAmbiguous(text, variables))) return true
  const wanted = fits ?? compiled(name, values, variables)
  if (!wanted) return false
  const passes = (value: string) => wanted(value) !== negated
  const wantsAll = set === 'ForAllValues' || (set === undefined && negated)
  return wantsAll ? actual.every(passes) : actual.some(passes)
}

/** @returns undefined where a value has policy variables: it is another one for every request */
export function compileConstants(name: OperatorName, values: readonly string[]): Fits | undefined {
  return values.every(isConstant) ? compiled(name, values) : undefined
}

/** A condition whose variable has no value is not met, be its operator negated (evidence: policy-absent-variables). */
function compiled(name: OperatorName, values: readonly string[], variables?: Variables): Fits | undefined {
  const patterns = values.map((value) => compilePattern(value, variables, hasWildcards(name)))
  const known = patterns.filter((pattern) => pattern !== undefined)
  return known.length < patterns.length ? undefined : fitsOf(name, known)
}
