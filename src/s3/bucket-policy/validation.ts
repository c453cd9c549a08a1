import { isIP } from 'node:net'
import { bucketArn } from '../../aws/arn.ts'
import { type Policy, PolicyMalformed, parsePolicy, readStatement, type Statement } from '../../aws/policy-parse.ts'
import { actionsNamedBy, hasKey, isConditionKey, keyNameOf, kindOf, type ResourceKind } from './actions.ts'
import { normalForm } from './normal-form.ts'

/*
 * What PutBucketPolicy accepts. The statements are looked at one after another; the first fault is told:
 *
 *   JSON → version → each statement: grammar → actions → resources → actions fit resources → condition keys fit actions → values
 *        → normal form is not too long
 *
 * Whether a principal exists is not asked: who signs with a key nobody declared exists here all the same.
 */

/** Bytes of the normal form. */
const largestPolicy = 20_480

/**
 * @param document the body of PutBucketPolicy
 * @param bucket the bucket's name
 * @returns the policy, and its normal form
 * @throws PolicyMalformed in S3's words, with the detail it shows
 */
export function checkBucketPolicy(document: string, bucket: string): { policy: Policy; normal: string } {
  const members = readObject(document)
  const policy = parsePolicy(document, 'resource', (given, kind, index) => {
    checkPrincipal(given)
    const statement = readStatement(given, kind)
    checkStatement(statement, index, bucket)
    return statement
  })
  const normal = normalForm(members)
  if (Buffer.byteLength(normal) > largestPolicy) throw tooLong()
  return { policy, normal }
}

/**
 * What is no JSON at all and what breaks off in its midst get the same words (evidence: s3-policy-words). The normal form saves
 * at most two of five characters of what has no white space, so that much more need not be looked at.
 */
function readObject(document: string): object {
  const fault = new PolicyMalformed("Policies must be valid JSON and the first byte must be '{'")
  if (!document.startsWith('{')) throw fault
  let compact: string
  let members: object
  try {
    members = JSON.parse(document)
    compact = JSON.stringify(members)
  } catch {
    throw fault
  }
  if (compact.length > 2 * largestPolicy) throw tooLong()
  return members
}

function tooLong(): PolicyMalformed {
  return new PolicyMalformed(`Normalized policy document exceeds the maximum allowed size of ${largestPolicy} bytes`)
}

/** In S3's own words, which differ from those of other services (evidence: s3-policy-words). */
function checkPrincipal(statement: unknown): void {
  const { Effect, Principal, NotPrincipal } = Object(statement)
  if (Effect !== 'Allow' && Effect !== 'Deny') return
  const given: unknown = Principal ?? NotPrincipal
  if (typeof given === 'string' && given !== '*') throw new PolicyMalformed('Invalid policy syntax.')
  const isEmpty =
    typeof given === 'object' && given !== null && Object.values(given).every((value) => Object(value).length === 0)
  if (isEmpty) throw new PolicyMalformed('Missing required field Principal cannot be empty!')
  if (Effect === 'Allow' && NotPrincipal !== undefined) {
    throw new PolicyMalformed('Allow with NotPrincipal is not allowed.')
  }
}

function checkStatement(statement: Statement, index: number, bucket: string): void {
  const { action, resource, sid } = statement
  const title = (name: string) => `Action "${name}" in Statement "${sid || `NO_ID-${index}`}"`
  const named = new Map([...new Set(action.patterns)].map((pattern) => [pattern, actionsNamedBy(pattern)]))
  for (const [pattern, actions] of named) {
    if (actions.length === 0) throw new PolicyMalformed('Policy has invalid action', pattern)
  }
  for (const pattern of resource?.patterns ?? []) {
    if (!isOfBucket(pattern, bucket)) throw new PolicyMalformed('Policy has invalid resource', pattern)
  }
  if (!action.negated) checkResourcesFit(statement, named, title)
  checkConditions(statement, named, title)
}

/** Pattern of an action → the actions that it names. */
type NamedActions = ReadonlyMap<string, readonly string[]>

/** The bucket itself, or what lies in it; wildcards stand behind its name alone. */
function isOfBucket(pattern: string, bucket: string): boolean {
  const arn = bucketArn(bucket)
  return pattern === arn || (pattern.startsWith(arn) && /^[/*?]/.test(pattern.slice(arn.length)))
}

/** An action needs a resource of its kind; of those that a wildcard names one that has it is enough. */
function checkResourcesFit({ resource }: Statement, named: NamedActions, title: (action: string) => string): void {
  if (!resource || resource.negated) return
  const kinds = new Set(resource.patterns.flatMap(kindsNamedBy))
  const fits = (name: string) => {
    const kind = kindOf(name)
    return kind !== undefined && kinds.has(kind)
  }
  for (const [pattern, actions] of named) {
    if (!actions.some(fits)) {
      throw new PolicyMalformed('Action does not apply to any resource(s) in statement', title(pattern))
    }
  }
}

function kindsNamedBy(pattern: string): ResourceKind[] {
  if (pattern.includes('/')) return ['object']
  return /[*?]$/.test(pattern) ? ['bucket', 'object'] : ['bucket']
}

/** Keys of all services are taken as they are. */
function checkConditions(
  { action, conditions }: Statement,
  named: NamedActions,
  title: (action: string) => string,
): void {
  const ownKeys = new Set(conditions.map(({ key }) => key).filter((key) => !/^aws:/i.test(key)))
  const fitting = new Set<string>()
  for (const key of ownKeys) {
    if (!isConditionKey(key)) throw new PolicyMalformed('Policy has an invalid condition key', key)
    // Keys of a thousand tags have one name.
    const name = keyNameOf(key)
    if (action.negated || fitting.has(name)) continue
    checkKeyFits(name, named, title)
    fitting.add(name)
  }
  for (const { name, values } of conditions) checkValues(name, values)
}

function checkKeyFits(keyName: string, named: NamedActions, title: (action: string) => string): void {
  for (const [pattern, actions] of named) {
    if (actions.some((action) => hasKey(action, keyName))) continue
    const fault = 'Conditions do not apply to combination of actions and resources in statement'
    throw new PolicyMalformed(fault, title(pattern))
  }
}

function checkValues(operator: string, values: readonly string[]): void {
  for (const value of values) {
    if (/IpAddress$/.test(operator) && !isAddressOrRange(value)) {
      throw new PolicyMalformed('Invalid IP address in Conditions', value)
    }
    if (operator === 'BinaryEquals' && !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
      throw new PolicyMalformed('Invalid Base64 value for binary condition', value)
    }
  }
}

function isAddressOrRange(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/')
  const longest = isIP(address) === 4 ? 32 : 128
  if (isIP(address) === 0 || rest.length > 0) return false
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= longest)
}
