import { s3Errors } from '../errors.ts'
import type { LifecycleRule } from '../lifecycle/lifecycle-record.ts'
import { checkLifecycleFilter } from './lifecycle-filter.ts'
import { checkMidnight, checkNoncurrentTransitions, checkTransitions } from './lifecycle-transitions.ts'

/*
 * S3's rules on a lifecycle, beyond the shape: those on one rule, then those between rules (evidence: s3-lifecycle-words).
 */

const mostRules = 1000
const longestId = 255

/** @throws AwsError in S3's words for the first fault */
export function checkLifecycle(rules: readonly LifecycleRule[]): void {
  if (rules.length > mostRules) {
    refuse(`The number of lifecycle rules must not exceed the allowed limit of ${mostRules} rules.`)
  }
  const isFirstVersion = rules[0]?.Filter === undefined
  for (const rule of rules) {
    checkForm(rule, isFirstVersion)
    checkRule(rule, isFirstVersion)
  }
  checkIds(rules)
  if (isFirstVersion) checkOverlaps(rules)
}

/** A document's first rule says of which version it is: with a filter, or with a prefix in its place. */
function checkForm({ Filter, Prefix }: LifecycleRule, isFirstVersion: boolean): void {
  if ((Filter === undefined) === (Prefix === undefined)) throw s3Errors.MalformedXML()
  if (Filter && isFirstVersion) refuse('Filter element can only be used in Lifecycle V2.')
  if (Filter || isFirstVersion) return
  refuse('Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.')
}

function checkRule(rule: LifecycleRule, isFirstVersion: boolean): void {
  checkLifecycleFilter(rule)
  checkExpiration(rule)
  checkNoncurrentExpiration(rule, isFirstVersion)
  checkAbort(rule)
  if (actionsOf(rule).length === 0) refuse('At least one action needs to be specified in a rule')
  checkTransitions(rule)
  checkNoncurrentTransitions(rule, isFirstVersion)
}

function checkExpiration({ Expiration }: LifecycleRule): void {
  if (!Expiration) return
  if (Object.keys(Expiration).length !== 1) throw s3Errors.MalformedXML()
  const { Date: date, Days } = Expiration
  if (date !== undefined) checkMidnight(date)
  if (Days !== undefined) checkPositive(Days, 'Days', 'Expiration')
}

function checkNoncurrentExpiration({ NoncurrentVersionExpiration: expiration }: LifecycleRule, isFirst: boolean): void {
  if (!expiration) return
  const { NoncurrentDays, NewerNoncurrentVersions: newer } = expiration
  if (NoncurrentDays === undefined) throw s3Errors.MalformedXML()
  checkPositive(NoncurrentDays, 'NoncurrentDays', 'NoncurrentVersionExpiration')
  if (newer === undefined) return
  if (isFirst) refuse('NewerNoncurrentVersions element can only be used in Lifecycle V2.')
  checkPositive(newer, 'NewerNoncurrentVersions', 'NoncurrentVersionExpiration')
}

function checkAbort({ AbortIncompleteMultipartUpload: abort }: LifecycleRule): void {
  if (!abort) return
  const { DaysAfterInitiation } = abort
  if (DaysAfterInitiation === undefined) throw s3Errors.MalformedXML()
  checkPositive(DaysAfterInitiation, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload')
}

function checkPositive(value: number, element: string, action: string): void {
  if (value > 0) return
  const message = `'${element}' for ${action} action must be a positive integer`
  throw s3Errors.InvalidArgument(message, element, String(value))
}

function checkIds(rules: readonly LifecycleRule[]): void {
  const ids = new Set<string>()
  for (const { ID } of rules) {
    if (!ID) continue
    if (ID.length > longestId) {
      throw s3Errors.InvalidArgument(`ID length should not exceed allowed limit of ${longestId}`, 'ID', ID)
    }
    if (ids.has(ID)) {
      throw s3Errors.InvalidArgument('Rule ID must be unique. Found same ID for more than one rule', 'ID', ID)
    }
    ids.add(ID)
  }
}

/** The kinds of actions that a rule has, as messages name them. */
function actionsOf(rule: LifecycleRule): string[] {
  const { Transitions, NoncurrentVersionTransitions } = rule
  return [
    rule.Expiration && 'Expiration',
    Transitions && 'Transition',
    rule.NoncurrentVersionExpiration && 'NoncurrentVersionExpiration',
    NoncurrentVersionTransitions && 'NoncurrentVersionTransition',
    rule.AbortIncompleteMultipartUpload && 'AbortIncompleteMultipartUpload',
  ].filter((name) => name !== undefined)
}

/** Among prefixes in their order, whatever begins with one stands right behind it. */
function checkOverlaps(rules: readonly LifecycleRule[]): void {
  const byAction = new Map<string, string[]>()
  for (const rule of rules) {
    for (const action of actionsOf(rule)) {
      const prefixes = byAction.get(action) ?? []
      prefixes.push(rule.Prefix ?? '')
      byAction.set(action, prefixes)
    }
  }
  for (const [action, prefixes] of byAction) {
    prefixes.sort()
    for (const [index, prefix] of prefixes.entries()) {
      const longer = prefixes[index + 1]
      if (!longer?.startsWith(prefix)) continue
      refuse(`Found overlapping prefixes '${longer}' and '${prefix}' for same action type '${action}'`)
    }
  }
}

function refuse(message: string): never {
  throw s3Errors.InvalidRequest(message)
}
