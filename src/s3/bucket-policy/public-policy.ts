import type { Condition } from '../../aws/policy-conditions.ts'
import type { Policy, Statement } from '../../aws/policy-parse.ts'
import { isConstant } from '../../aws/wildcard.ts'

/*
 * What counts as public (Amazon S3 User Guide, "The meaning of public"): a policy is, when one of its Allows is. An Allow is not
 * public when it names accounts, users, roles or services, or when a condition ties it to fixed values of a key that tells
 * who or where the caller is. A Deny makes nothing public, and nothing private (evidence: s3-policy-public).
 */

/** Whether a bucket policy lets in just anybody. */
export function isPublic({ statements }: Policy): boolean {
  return statements.some((statement) => isPublicStatement(statement))
}

/**
 * Whether a statement lets in just anybody.
 * @param alsoTying condition keys, in lower case, that tell who the caller is beside those that bucket policies know
 */
export function isPublicStatement(
  { effect, principal, conditions }: Statement,
  alsoTying: ReadonlySet<string> = noOthers,
): boolean {
  if (effect !== 'Allow' || !principal) return false
  const namesEverybody = principal.negated || principal.named.some(({ type, value }) => type === 'AWS' && value === '*')
  return namesEverybody && !conditions.some((condition) => isTie(condition, alsoTying))
}

const noOthers: ReadonlySet<string> = new Set()

const tyingKeys = new Set([
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:userid',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalarn',
  'aws:principalaccount',
  's3:dataaccesspointaccount',
])
const tyingOperators = new Set([
  'StringEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'ArnEquals',
  'ArnLike',
  'IpAddress',
])

function isTie({ name, key, values, set, ifExists }: Condition, alsoTying: ReadonlySet<string>): boolean {
  if (!tyingOperators.has(name) || ifExists || set === 'ForAllValues') return false
  const lower = key.toLowerCase()
  if (lower === 'aws:sourceip') return name === 'IpAddress' && values.every(isNarrowRange)
  if (lower === 's3:dataaccesspointarn')
    return values.every((value) => isConstant(value) && !/[*?]/.test(accountOf(value)))
  return (
    (tyingKeys.has(lower) || alsoTying.has(lower)) && values.every((value) => isConstant(value) && !/[*?]/.test(value))
  )
}

/** The fifth field of an ARN; a wildcard where there is none. */
function accountOf(arn: string): string {
  return arn.split(':')[4] || '*'
}

/** Wider than /8, or than /32 of IPv6, is just anybody. */
function isNarrowRange(range: string): boolean {
  const [address = '', length] = range.split('/')
  return length === undefined || Number(length) >= (address.includes(':') ? 32 : 8)
}
