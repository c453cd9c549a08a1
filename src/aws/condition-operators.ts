import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { beginningWithDate, readMoment } from '../calendar.ts'
import { PatternList } from './pattern-list.ts'
import type { Pattern } from './pattern-tokens.ts'
import { arnPattern } from './wildcard.ts'

/*
 * What each operator of a condition compares (IAM User Guide, "IAM JSON policy elements: Condition operators"). The values of a
 * policy are compiled to one question, whether one of them fits, so that a thousand cost a request hardly more than one:
 *
 *   StringEquals    a set           NumericLessThan   the greatest      IpAddress   one list of ranges
 *   StringLike      patterns        DateEquals        a set of moments  ArnLike     patterns whose wildcards stay within a part
 */

/** Whether a value of the request fits one of the policy's. */
export type Fits = (actual: string) => boolean
type Compile<Value> = (values: readonly Value[]) => Fits

const nothing: Fits = () => false

/** Operators whose values are patterns. */
const ofPatterns = {
  StringLike: likeOne,
  ArnEquals: likeOneArn,
  ArnLike: likeOneArn,
} as const satisfies Record<string, Compile<Pattern>>

/** Operators to which `*` and `?` are characters. */
const ofTexts = {
  StringEquals: equalTo((text) => text),
  StringEqualsIgnoreCase: equalTo((text) => text.toLowerCase()),
  NumericEquals: equalTo(numberOf),
  NumericLessThan: below(numberOf),
  NumericLessThanEquals: atMost(numberOf),
  NumericGreaterThan: above(numberOf),
  NumericGreaterThanEquals: atLeast(numberOf),
  DateEquals: equalTo(dateOf),
  DateLessThan: below(dateOf),
  DateLessThanEquals: atMost(dateOf),
  DateGreaterThan: above(dateOf),
  DateGreaterThanEquals: atLeast(dateOf),
  Bool: equalTo((text) => text.toLowerCase()),
  BinaryEquals: equalTo((text) => Buffer.from(text, 'base64').toString('base64')),
  IpAddress: withinOne,
} as const satisfies Record<string, Compile<string>>

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

type PositiveName = keyof typeof ofPatterns | keyof typeof ofTexts
type NegatedName = keyof typeof negatedOperators
export type OperatorName = PositiveName | NegatedName | 'Null'

export function isOperatorName(name: string): name is OperatorName {
  return name === 'Null' || isPositive(name) || isNegated(name)
}

function isPositive(name: string): name is PositiveName {
  return Object.hasOwn(ofTexts, name) || Object.hasOwn(ofPatterns, name)
}

/** Whether an operator wants that no value fits. */
export function isNegated(name: string): name is NegatedName {
  return Object.hasOwn(negatedOperators, name)
}

/** Whether `*` and `?` in values of an operator stand for any text. */
export function hasWildcards(name: OperatorName): boolean {
  return Object.hasOwn(ofPatterns, positiveOf(name))
}

/**
 * Makes the question of an operator.
 * @param values as {@link hasWildcards} wants them compiled
 */
export function fitsOf(name: OperatorName, values: readonly Pattern[]): Fits {
  const positive = positiveOf(name)
  if (positive === 'Null') return nothing
  if (isOfPatterns(positive)) return ofPatterns[positive](values)
  return ofTexts[positive](values.map((pattern) => pattern.join('')))
}

function positiveOf(name: OperatorName): PositiveName | 'Null' {
  return isNegated(name) ? negatedOperators[name] : name
}

function isOfPatterns(name: PositiveName): name is keyof typeof ofPatterns {
  return Object.hasOwn(ofPatterns, name)
}

function likeOne(patterns: readonly Pattern[]): Fits {
  const list = new PatternList(patterns)
  return (actual) => list.matches(actual)
}

/** Each of an ARN's six parts is compared alone: `*` does not cross a colon before the resource. */
function likeOneArn(patterns: readonly Pattern[]): Fits {
  return likeOne(patterns.map(arnPattern).filter((pattern) => pattern !== undefined))
}

/** @param read NaN: the text is none of its kind, and equals nothing */
function equalTo(read: (text: string) => string | number): Compile<string> {
  return (values) => {
    const wanted = new Set(values.map(read).filter((value) => !Number.isNaN(value)))
    return (actual) => wanted.has(read(actual))
  }
}

/**
 * Of several values the furthest is the one that counts.
 * @param read NaN: the text is none of its kind, and stands in no order
 */
function ordered(
  read: (text: string) => number,
  furthest: (a: number, b: number) => number,
  holds: (actual: number, wanted: number) => boolean,
): Compile<string> {
  return (values) => {
    const [first, ...others] = values.map(read).filter((value) => !Number.isNaN(value))
    if (first === undefined) return nothing
    const wanted = others.reduce((a, b) => furthest(a, b), first)
    return (actual) => holds(read(actual), wanted)
  }
}

function below(read: (text: string) => number): Compile<string> {
  return ordered(read, Math.max, (actual, wanted) => actual < wanted)
}

function atMost(read: (text: string) => number): Compile<string> {
  return ordered(read, Math.max, (actual, wanted) => actual <= wanted)
}

function above(read: (text: string) => number): Compile<string> {
  return ordered(read, Math.min, (actual, wanted) => actual > wanted)
}

function atLeast(read: (text: string) => number): Compile<string> {
  return ordered(read, Math.min, (actual, wanted) => actual >= wanted)
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}

/** An ISO 8601 date, or seconds since the epoch. */
function dateOf(text: string): number {
  return /^\d{5,}(\.\d+)?$/.test(text) ? Number(text) * 1000 : (readMoment(text, beginningWithDate) ?? Number.NaN)
}

/** Each an address, or an address and its prefix's length; what is neither has no address within. */
function withinOne(ranges: readonly string[]): Fits {
  const block = new BlockList()
  for (const range of ranges) addRange(block, range)
  return (actual) => {
    const family = familyOf(actual)
    return family !== undefined && block.check(actual, family)
  }
}

function addRange(block: BlockList, range: string): void {
  const [network = '', prefix] = range.split('/', 2)
  const family = familyOf(network)
  if (!family) return
  const longest = family === 'ipv4' ? 32 : 128
  const length = prefix === undefined ? longest : /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN
  if (length <= longest) block.addSubnet(network, length, family)
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (isIPv4(address)) return 'ipv4'
  return isIPv6(address) ? 'ipv6' : undefined
}
