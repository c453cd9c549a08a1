import { PolicyMalformed, parsePolicy } from '../aws/policy-parse.ts'
import { showsCode } from '../identity/mfa.ts'
import type { Tag } from '../identity/records.ts'
import type { SessionRecord } from '../identity/sessions.ts'
import type { QueryOutput } from '../protocol/query-output.ts'
import { list, required, string, structure } from '../protocol/shapes.ts'
import { stsErrors } from './errors.ts'
import type { StsCall } from './operation.ts'

/* What the operations that give out credentials share: session policies, tags, and how credentials are answered. */

export const Policy = string({ min: 1, max: 2048, pattern: '^[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+$' })
export const PolicyArns = list(structure({ arn: string({ min: 20, max: 2048 }) }))
const TagKey = string({ min: 1, max: 128, pattern: '^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+$' })
const TagValue = string({ min: 0, max: 256, pattern: '^[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$' })
export const Tags = list(structure({ Key: required(TagKey), Value: required(TagValue) }), { max: 50 })
export const TransitiveTagKeys = list(TagKey, { max: 50 })

/** Of inline and managed session policies together, in characters. */
const longestPolicies = 2048
const mostPolicyArns = 10

/** @throws AwsError MalformedPolicyDocument, ValidationError */
export function checkSessionPolicies(call: StsCall, policy: string | undefined, arns: readonly string[]): void {
  if (policy !== undefined) requirePolicy(policy)
  if (arns.length > mostPolicyArns) {
    throw stsErrors.ValidationError(
      `1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to ${mostPolicyArns}`,
    )
  }
  for (const arn of arns) {
    if (call.services.principals.managedPolicy(arn)) continue
    throw stsErrors.MalformedPolicyDocument(`Policy ${arn} does not exist or is not attachable.`)
  }
}

function requirePolicy(document: string): void {
  try {
    parsePolicy(document, 'identity')
  } catch (error) {
    throw error instanceof PolicyMalformed ? stsErrors.MalformedPolicyDocument(error.message) : error
  }
}

/** @throws AwsError InvalidParameterValue: a key comes twice, or a transitive one is not among them */
export function checkTags(tags: readonly Tag[], transitive: readonly string[], inherited: readonly Tag[]): void {
  const keys = new Set(tags.map(({ Key }) => Key.toLowerCase()))
  if (keys.size < tags.length) {
    throw stsErrors.InvalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  }
  if (!transitive.every((key) => keys.has(key.toLowerCase()))) {
    throw stsErrors.InvalidParameterValue('The specified transitive tag key must be included in the requested tags.')
  }
  if (!inherited.some(({ Key }) => keys.has(Key.toLowerCase()))) return
  throw stsErrors.InvalidParameterValue(
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  )
}

/**
 * How much of the room for policies and tags is taken, in percent. AWS packs them in a form of its own; here it is their characters.
 * @returns undefined where there are none
 * @throws AwsError PackedPolicyTooLarge
 */
export function packedSize(policy: string | undefined, arns: readonly string[], tags: readonly Tag[]) {
  if (policy === undefined && arns.length === 0 && tags.length === 0) return undefined
  const characters = [policy ?? '', ...arns, ...tags.flatMap(({ Key, Value }) => [Key, Value])]
  const size = Math.ceil((characters.reduce((sum, text) => sum + text.length, 0) / longestPolicies) * 100)
  if (size <= 100) return size
  throw stsErrors.PackedPolicyTooLarge(`Packed size of session tags consumes ${size}% of allotted space.`)
}

/**
 * Whether the caller proved that it has its MFA device; a fixture file gives it one.
 * @throws AwsError AccessDenied for the code of another moment, of another device, or of none
 */
export function provesMfa(
  { caller, services, now }: StsCall,
  { SerialNumber, TokenCode }: { SerialNumber?: string; TokenCode?: string },
): boolean {
  if (SerialNumber === undefined && TokenCode === undefined) return false
  const device = caller.role ? undefined : services.principals.get(caller.arn)?.mfaDevice
  if (device && device.serialNumber === SerialNumber && showsCode(device, TokenCode ?? '', now)) return true
  throw stsErrors.AccessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.')
}

/** Credentials as they are answered: the only time that their secret is shown. */
export function credentialsOf(accessKeyId: string, session: SessionRecord): QueryOutput {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expiresAt),
  }
}
