import { pacificTime } from '../dates.ts'
import { s3Errors } from '../errors.ts'
import type { LifecycleRule, TargetClass } from '../lifecycle/lifecycle-record.ts'
import { filterText } from './lifecycle-filter.ts'

/*
 * S3's rules on the transitions of a lifecycle rule: an object gets colder, and not too soon (evidence: s3-lifecycle-words):
 *
 *   ── 30 ──▶ STANDARD_IA, ONEZONE_IA ── 30 more ──▶ …          GLACIER_IR, GLACIER ── 90 more ──▶ DEEP_ARCHIVE ──▶ expiration
 */

const day = 86_400_000

/** One member of a rule's transitions, of current or noncurrent versions alike. */
interface Step {
  to: TargetClass
  /** Days, or ms since the epoch */
  at: number
}

/** What transitions of one kind are called, and what counts their days. */
interface Kind {
  action: 'Transition' | 'NoncurrentVersionTransition'
  expiration: 'Expiration' | 'NoncurrentVersionExpiration'
  element: 'Days' | 'Date' | 'NoncurrentDays'
  /** What a day is in `at`. */
  day: number
}

/** @throws AwsError in S3's words */
export function checkTransitions(rule: LifecycleRule): void {
  const { Transitions: transitions = [], Expiration } = rule
  const hasDates = transitions.some((transition) => transition.Date !== undefined)
  const steps = transitions.map(({ Date: date, Days, StorageClass }): Step => {
    if (StorageClass === undefined || (date === undefined) === (Days === undefined)) throw s3Errors.MalformedXML()
    if (date !== undefined) checkMidnight(date)
    return { to: StorageClass, at: date ?? Days ?? 0 }
  })
  if (hasDates && transitions.some(({ Days }) => Days !== undefined)) mixed(rule, 'Transition')
  if (steps.length > 0 && (hasDates ? Expiration?.Days : Expiration?.Date) !== undefined) {
    mixed(rule, 'Expiration and Transition')
  }
  const counted = hasDates ? ({ element: 'Date', day } as const) : ({ element: 'Days', day: 1 } as const)
  const end = hasDates ? Expiration?.Date : Expiration?.Days
  checkSteps(rule, steps, end, { action: 'Transition', expiration: 'Expiration', ...counted })
}

function mixed(rule: LifecycleRule, actions: string): never {
  throw s3Errors.InvalidRequest(
    `Found mixed 'Date' and 'Days' based ${actions} actions in lifecycle rule for filter '${filterText(rule)}'`,
  )
}

/** @throws AwsError in S3's words */
export function checkNoncurrentTransitions(rule: LifecycleRule, isFirstVersion: boolean): void {
  const { NoncurrentVersionTransitions: transitions = [], NoncurrentVersionExpiration: expiration } = rule
  const steps = transitions.map(({ NoncurrentDays, NewerNoncurrentVersions: newer, StorageClass }): Step => {
    if (StorageClass === undefined || NoncurrentDays === undefined) throw s3Errors.MalformedXML()
    if (newer !== undefined) checkNewer(newer, isFirstVersion)
    return { to: StorageClass, at: NoncurrentDays }
  })
  checkSteps(rule, steps, expiration?.NoncurrentDays, {
    action: 'NoncurrentVersionTransition',
    expiration: 'NoncurrentVersionExpiration',
    element: 'NoncurrentDays',
    day: 1,
  })
}

function checkNewer(newer: number, isFirstVersion: boolean): void {
  if (isFirstVersion) {
    throw s3Errors.InvalidRequest('NewerNoncurrentVersions element can only be used in Lifecycle V2.')
  }
  if (newer > 0) return
  const message = `'NewerNoncurrentVersions' for NoncurrentVersionTransition action must be a positive integer`
  throw s3Errors.InvalidArgument(message, 'NewerNoncurrentVersions', String(newer))
}

/** From the warmest to the coldest. */
const byCold: readonly TargetClass[] = [
  'STANDARD_IA',
  'INTELLIGENT_TIERING',
  'ONEZONE_IA',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
]
const infrequentAccess: readonly TargetClass[] = ['STANDARD_IA', 'ONEZONE_IA']
/** Days that an object stays in a class before the next. */
const stay: Partial<Record<TargetClass, number>> = { STANDARD_IA: 30, ONEZONE_IA: 30, GLACIER_IR: 90, GLACIER: 90 }

function checkSteps(rule: LifecycleRule, steps: readonly Step[], end: number | undefined, kind: Kind): void {
  const { action, expiration, element } = kind
  if (new Set(steps.map(({ to }) => to)).size < steps.length) {
    throw s3Errors.InvalidRequest(
      `'StorageClass' must be different for '${action}' actions in same 'Rule' with filter '${filterText(rule)}'`,
    )
  }
  for (const { to, at } of steps) {
    if (at < 0) refuse(kind, at, `'${element}' in ${action} action must be nonnegative`)
    if (element === 'Date' || at >= 30 || !infrequentAccess.includes(to)) continue
    refuse(kind, at, `'${element}' in ${action} action must be greater than or equal to 30 for storageClass '${to}'`)
  }
  checkOrder(rule, steps, kind)
  if (end === undefined || steps.every(({ at }) => at < end)) return
  const filter = filterText(rule)
  refuse(
    kind,
    end,
    `'${element}' in the ${expiration} action for filter '${filter}' must be greater than '${element}' in the ${action} action`,
  )
}

function checkOrder(rule: LifecycleRule, steps: readonly Step[], kind: Kind): void {
  const { action, element, day } = kind
  const filter = filterText(rule)
  const sorted = [...steps].sort((one, other) => byCold.indexOf(one.to) - byCold.indexOf(other.to))
  for (const [index, warm] of sorted.entries()) {
    const cold = sorted[index + 1]
    if (!cold) return
    if (cold.at <= warm.at) {
      refuse(
        kind,
        cold.at,
        `'${element}' in the ${action} action for StorageClass '${cold.to}' for filter '${filter}' must be greater than '${element}' in the ${action} action for StorageClass '${warm.to}' for filter '${filter}'`,
      )
    }
    const days = stay[warm.to] ?? 0
    if (cold.at - warm.at >= days * day) continue
    // The quotes are as S3 has them.
    refuse(
      kind,
      cold.at,
      `'${element}' in the '${action}' action for StorageClass '${cold.to}' for filter '${filter}' must be ${days} days more than 'filter '${filter}'' in the '${action}' action for StorageClass '${warm.to}'`,
    )
  }
}

function refuse({ element }: Kind, value: number, message: string): never {
  throw s3Errors.InvalidArgument(message, element, element === 'Date' ? pacificTime(value) : String(value))
}

/** @throws AwsError InvalidArgument for a date that is no midnight of UTC */
export function checkMidnight(date: number): void {
  if (date % day === 0) return
  throw s3Errors.InvalidArgument("'Date' must be at midnight GMT", 'Date', pacificTime(date))
}
