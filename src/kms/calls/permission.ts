import { aliasArn } from '../../aws/arn.ts'
import { accessDenied } from '../access/access-denied.ts'
import type { Question, Ruling } from '../access/authorization.ts'
import { grantConstraintsOf } from '../access/condition-keys.ts'
import { kmsErrors } from '../errors.ts'
import { findGrant, type GrantTerms } from '../grants/grant-store.ts'
import { readGrantToken } from '../grants/grant-tokens.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { findKey } from '../keys/key-store.ts'
import type { KmsCall, KmsOperation } from '../operation.ts'
import type { Target } from './key-resolution.ts'

/**
 * Asks about everything a call touches: its alias, its keys, or (where it touches none) the account. What was weighed stays
 * with the call, for whoever asks why.
 * @throws AwsError InvalidGrantTokenException; AccessDeniedException in AWS's words, at the first refusal
 */
export async function permit(
  operation: KmsOperation,
  call: KmsCall,
  input: object,
  targets: readonly Target[],
): Promise<void> {
  requireGrants(call, input)
  // Who applies a fixture file owns the emulator: the policies in the file are for everybody else.
  if (call.context.fixture || operation.permission === 'grant') return
  for (const question of questionsOf(operation, call, input, targets)) {
    obey(call, question, await call.services.authorizer.rule(call.transaction, question))
  }
}

/** @throws AwsError AccessDeniedException */
export async function ask(call: KmsCall, question: Question): Promise<void> {
  obey(call, question, await call.services.authorizer.rule(call.transaction, question))
}

function obey(call: KmsCall, question: Question, ruling: Ruling): void {
  call.rulings.push(ruling)
  if (!ruling.allowed) throw accessDenied(question, ruling)
}

/**
 * The lockout check: whoever gives a key a policy must be able to give it another one later.
 * @throws AwsError MalformedPolicyDocumentException (evidence: kms-lockout)
 */
export function refuseLockout(call: KmsCall, operation: string, input: object, policy: string): void {
  if (call.context.fixture) return
  if ('BypassPolicyLockoutSafetyCheck' in input && input.BypassPolicyLockoutSafetyCheck === true) return
  const { context, now, keys, services } = call
  if (services.authorizer.mayPutPolicyAgain({ context, now, operation, input, key: keys[0] }, policy)) return
  throw kmsErrors.MalformedPolicyDocumentException(
    'The new key policy will not allow you to update the key policy in the future.',
  )
}

function questionsOf(
  operation: KmsOperation,
  call: KmsCall,
  input: object,
  targets: readonly Target[],
): readonly Question[] {
  const { context, now, place } = call
  const common = { context, now, operation: operation.name, input }
  const action = `kms:${operation.name}`
  const ofAccount = (operation.alsoNeeds?.(input) ?? []).map((also) => ({ ...common, action: also, resource: '*' }))
  if (operation.permission === 'account' || targets.length === 0) {
    return [{ ...common, action, resource: '*' }, ...ofAccount]
  }
  const ofKeys = targets.map((target, index) => aboutKey(operation, call, input, target, call.keys[index] ?? call.key))
  const aliasName = operation.changesAlias?.(input)
  if (aliasName === undefined) return [...ofKeys, ...ofAccount]
  return [{ ...common, action, resource: aliasArn(place.region, place.accountId, aliasName) }, ...ofKeys, ...ofAccount]
}

function aboutKey(
  operation: KmsOperation,
  call: KmsCall,
  input: object,
  { demand, action }: Target,
  key: KeyRecord,
): Question {
  const { identifier, ciphertext, encryptionContext } = demand
  return {
    context: call.context,
    now: call.now,
    operation: operation.name,
    input,
    action,
    resource: arnOf(key),
    key,
    identifier,
    encryptionContext,
    isNamedByCiphertext: identifier === undefined && ciphertext !== undefined,
    encryptionAlgorithm: operation.usage === 'ENCRYPT_DECRYPT' ? algorithmOf(action, input) : undefined,
    isSameKey: action.startsWith('kms:ReEncrypt') ? isSameKey(call) : undefined,
    terms: termsOf(operation, input),
  }
}

function algorithmOf(action: string, input: object): string {
  const member = { 'kms:ReEncryptFrom': 'Source', 'kms:ReEncryptTo': 'Destination' }[action] ?? ''
  const algorithm: unknown = Reflect.get(input, `${member}EncryptionAlgorithm`)
  return typeof algorithm === 'string' ? algorithm : 'SYMMETRIC_DEFAULT'
}

function isSameKey({ keys: [source, destination] }: KmsCall): boolean {
  return source !== undefined && destination !== undefined && arnOf(source) === arnOf(destination)
}

function termsOf({ name }: KmsOperation, input: object): GrantTerms | undefined {
  if (name !== 'CreateGrant' || !('Operations' in input) || !Array.isArray(input.Operations)) return undefined
  return { operations: input.Operations, constraints: grantConstraintsOf(input) }
}

/** A grant counts without its token here; still, a token must be that of a grant. */
function requireGrants({ services, transaction, now }: KmsCall, input: object): void {
  if (!('GrantTokens' in input) || !Array.isArray(input.GrantTokens)) return
  for (const token of input.GrantTokens) {
    const address = readGrantToken(services.rootKey, String(token))
    const isGrant =
      address && findKey(transaction, address.region, address.keyId, now) && findGrant(transaction, address)
    if (!isGrant) throw kmsErrors.InvalidGrantTokenException('Invalid grant token.')
  }
}
