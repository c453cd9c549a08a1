import { BlockList, isIPv4, isIPv6 } from 'node:net'
import {
  characterTokens,
  compilePattern,
  isAmbiguous,
  isConstant,
  matches,
  type Pattern,
  type Variables,
} from './wildcard.ts'

/*
 * The condition operators of policies (IAM User Guide, "IAM JSON policy elements: Condition operators"):
 *
 *   one value of the request × one of the policy → does it fit?        a row of the table below
 *   positive operators want one policy value that fits, negated ones none
 *   several values of the request: ForAllValues wants all of them to pass, ForAnyValue one
 *   a key of one value that the request names twice, `tenant` and `Tenant`: the names of condition keys ignore case, and which
 *   of the two values IAM takes is not documented. So an Allow wants both to pass, and for a Deny one of them is enough: the
 *   double name never gets a caller further (assumption). A policy variable that the request names twice is weighed alike: a
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
  constants: Wanted[] | undefined
}

/** A value of a policy, as a pattern and as it stands. */
interface Wanted {
  pattern: Pattern
  text: string
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

type Fits = (actual: string, pattern: Pattern, wanted: string) => boolean

const wholly: Fits = (actual, _pattern, wanted) => actual === wanted
const ignoringCase: Fits = (actual, _pattern, wanted) => actual.toLowerCase() === wanted.toLowerCase()
const like: Fits = (actual, pattern) => matches(pattern, actual)

/** The part before `Not`: what fits, whether wildcards count, and the operator that negates it. */
const positiveOperators = {
  StringEquals: wholly,
  StringEqualsIgnoreCase: ignoringCase,
  StringLike: like,
  NumericEquals: compared(numberOf, (a, b) => a === b),
  NumericLessThan: compared(numberOf, (a, b) => a < b),
  NumericLessThanEquals: compared(numberOf, (a, b) => a <= b),
  NumericGreaterThan: compared(numberOf, (a, b) => a > b),
  NumericGreaterThanEquals: compared(numberOf, (a, b) => a >= b),
  DateEquals: compared(dateOf, (a, b) => a === b),
  DateLessThan: compared(dateOf, (a, b) => a < b),
  DateLessThanEquals: compared(dateOf, (a, b) => a <= b),
  DateGreaterThan: compared(dateOf, (a, b) => a > b),
  DateGreaterThanEquals: compared(dateOf, (a, b) => a >= b),
  Bool: ignoringCase,
  BinaryEquals: (actual: string, _pattern: Pattern, wanted: string) => isSameBinary(actual, wanted),
  IpAddress: (actual: string, _pattern: Pattern, wanted: string) => isWithin(actual, wanted),
  ArnEquals: isArnLike,
  ArnLike: isArnLike,
} as const satisfies Record<string, Fits>

const negatedOperators = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
} as const

type PositiveName = keyof typeof positiveOperators
type NegatedName = keyof typeof negatedOperators
export type OperatorName = PositiveName | NegatedName | 'Null'

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

function isOperatorName(name: string): name is OperatorName {
  return name === 'Null' || Object.hasOwn(positiveOperators, name) || Object.hasOwn(negatedOperators, name)
}

function isNegated(name: PositiveName | NegatedName): name is NegatedName {
  return Object.hasOwn(negatedOperators, name)
}

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
  if (actual.length < 2 || !context.hasOneValue?.(condition.key)) return meets(condition, actual, effect, variables)
  const meetsAlone = (value: string) => meets(condition, [value], effect, variables)
  return effect === 'Deny' ? actual.some(meetsAlone) : actual.every(meetsAlone)
}

function meets(
  condition: Condition,
  actual: readonly string[],
  effect: 'Allow' | 'Deny',
  variables?: Variables,
): boolean {
  const { name, set, ifExists, values, constants } = condition
  if (name === 'Null') return values.some((value) => (value.toLowerCase() === 'true') === (actual.length === 0))
  const negated = isNegated(name)
  if (actual.length === 0) {
    if (ifExists || set === 'ForAllValues') return true
    return negated && set === undefined
  }
  const fits = positiveOperators[negated ? negatedOperators[name] : name]
  if (!constants && effect === 'Deny' && variables && values.some((text) => isAmbiguous(text, variables))) return true
  const wanted = constants ?? compiled(values, variables)
  if (!wanted) return false
  const passes = (value: string) => wanted.some(({ pattern, text }) => fits(value, pattern, text)) !== negated
  const wantsAll = set === 'ForAllValues' || (set === undefined && negated)
  return wantsAll ? actual.every(passes) : actual.some(passes)
}

/** @returns undefined where a value has policy variables: it is another one for every request */
export function compileConstants(values: readonly string[]): Wanted[] | undefined {
  return values.every(isConstant) ? compiled(values) : undefined
}

/** A condition whose variable has no value is not met (assumption, for negated operators). */
function compiled(values: readonly string[], variables?: Variables): Wanted[] | undefined {
  const wanted: Wanted[] = []
  for (const value of values) {
    const pattern = compilePattern(value, variables)
    const literal = compilePattern(value, variables, false)
    if (!pattern || !literal) return undefined
    wanted.push({ pattern, text: literal.join('') })
  }
  return wanted
}

function compared(read: (text: string) => number, holds: (actual: number, wanted: number) => boolean): Fits {
  return (actual, _pattern, wanted) => {
    const [left, right] = [read(actual), read(wanted)]
    return !Number.isNaN(left) && !Number.isNaN(right) && holds(left, right)
  }
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** An ISO 8601 date, or seconds since the epoch. */
function dateOf(text: string): number {
  return /^\d{5,}(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text)
}

function isSameBinary(actual: string, wanted: string): boolean {
  return Buffer.from(actual, 'base64').equals(Buffer.from(wanted, 'base64'))
}

/** @param range an address, or an address and its prefix's length */
function isWithin(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/', 2)
  const family = familyOf(network)
  const ownFamily = familyOf(address)
  if (!family || !ownFamily) return false
  const longest = family === 'ipv4' ? 32 : 128
  const length = prefix === undefined ? longest : /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN
  if (!(length <= longest)) return false
  const block = new BlockList()
  block.addSubnet(network, length, family)
  return block.check(address, ownFamily)
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (isIPv4(address)) return 'ipv4'
  return isIPv6(address) ? 'ipv6' : undefined
}

/** Each of an ARN's six parts is compared alone: `*` does not cross a colon before the resource. */
function isArnLike(actual: string, wanted: Pattern): boolean {
  const own = arnParts([...actual])
  const parts = arnParts(characterTokens(wanted))
  if (!own || !parts) return wanted.length === 1 && matches(wanted, '')
  return parts.every((part, index) => matches(part, (own[index] ?? []).join('')))
}

function arnParts(tokens: Pattern): Pattern[] | undefined {
  const parts: Pattern[] = []
  let rest = tokens
  while (parts.length < 5) {
    const colon = rest.indexOf(':')
    if (colon < 0) return undefined
    parts.push(rest.slice(0, colon))
    rest = rest.slice(colon + 1)
  }
  return [...parts, rest]
}
