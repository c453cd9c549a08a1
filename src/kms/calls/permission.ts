import { aliasArn } from '../../aws/arn.ts'
import { accessDenied } from '../access/access-denied.ts'
import type { Question, Ruling } from '../access/authorization.ts'
import { kmsErrors } from '../errors.ts'
import { findGrant } from '../grants/grant-store.ts'
import { readGrantToken } from '../grants/grant-tokens.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { findKey } from '../keys/key-store.ts'
import type { KeyTarget, KmsCall, KmsOperation, KmsRequest } from '../operation.ts'
import type { SharedMembers } from '../shapes.ts'

/**
 * Asks about everything a call touches: its alias, its keys, or (where it touches none) the account, and what the operation
 * asks beside that.
 * @param rulings where the answers go, the refusal among them, for whoever asks why
 * @returns undefined: all was answered at once
 * @throws AwsError InvalidGrantTokenException; AccessDeniedException in AWS's words, at the first refusal
 */
export function permit(
  operation: KmsOperation,
  call: KmsCall,
  request: KmsRequest<SharedMembers>,
  rulings: Ruling[],
): Promise<void> | undefined {
  if (request.input.GrantTokens) requireGrants(call, request.input.GrantTokens)
  // Who applies a fixture file owns the emulator: the policies in the file are for everybody else.
  if (call.context.fixture) return undefined
  const common = commonFacts(operation, call, request.input)
  const questions = operation.permission === 'grant' ? [] : questionsOf(operation, call, request, common)
  for (const more of operation.alsoAsks?.(call, request) ?? []) questions.push({ ...common, ...more })
  return ask(call, questions, rulings)
}

/** In their order. Most are answered at once: awaiting each would cost a turn of the queue. */
function ask(call: KmsCall, questions: readonly Question[], rulings: Ruling[]): Promise<void> | undefined {
  for (const [index, question] of questions.entries()) {
    const answer = call.services.authorizer.rule(call.transaction, question)
    if (answer instanceof Promise) {
      return answer.then((ruling) => {
        heed(question, ruling, rulings)
        return ask(call, questions.slice(index + 1), rulings)
      })
    }
    heed(question, answer, rulings)
  }
  return undefined
}

function heed(question: Question, ruling: Ruling, rulings: Ruling[]): void {
  rulings.push(ruling)
  if (!ruling.allowed) throw accessDenied(question, ruling)
}

/**
 * The lockout check: whoever gives a key a policy must be able to give it another one later.
 * @param key the key that has a policy already
 * @throws AwsError MalformedPolicyDocumentException (evidence: kms-lockout)
 */
export function refuseLockout(
  operation: KmsOperation,
  call: KmsCall,
  input: SharedMembers & { Policy?: string; BypassPolicyLockoutSafetyCheck?: boolean },
  key?: KeyRecord,
): void {
  if (input.Policy === undefined || call.context.fixture || input.BypassPolicyLockoutSafetyCheck === true) return
  const facts = { ...commonFacts(operation, call, input), key }
  if (call.services.authorizer.mayPutPolicyAgain(facts, input.Policy)) return
  throw kmsErrors.MalformedPolicyDocumentException(
    'The new key policy will not allow you to update the key policy in the future.',
  )
}

type CommonFacts = Pick<Question, 'context' | 'now' | 'input' | 'conditionKeys'>

function commonFacts({ conditionKeys }: KmsOperation, { context, now }: KmsCall, input: SharedMembers): CommonFacts {
  return { context, now, input, conditionKeys }
}

function questionsOf(
  operation: KmsOperation,
  { place }: KmsCall,
  { input, targets }: KmsRequest<SharedMembers>,
  common: CommonFacts,
): Question[] {
  const action = `kms:${operation.name}`
  if (operation.permission === 'account' || targets.length === 0) return [{ ...common, action, resource: '*' }]
  const ofKeys = targets.map((target) => aboutKey(target, targets, common))
  const aliasName = operation.changesAlias?.(input)
  if (aliasName === undefined) return ofKeys
  return [{ ...common, action, resource: aliasArn(place.region, place.accountId, aliasName) }, ...ofKeys]
}

function aboutKey(
  { demand, key, action }: KeyTarget,
  targets: readonly KeyTarget[],
  { context, now, input, conditionKeys }: CommonFacts,
): Question {
  const { identifier, ciphertext, encryptionContext, encryptionAlgorithm, terms } = demand
  return {
    context,
    now,
    input,
    conditionKeys,
    action,
    resource: arnOf(key),
    key,
    identifier,
    encryptionContext,
    encryptionAlgorithm,
    isNamedByCiphertext: identifier === undefined && ciphertext !== undefined,
    isSameKey: action.startsWith('kms:ReEncrypt') ? isSameKey(targets) : undefined,
    terms,
  }
}

function isSameKey([source, destination]: readonly KeyTarget[]): boolean {
  return source !== undefined && destination !== undefined && arnOf(source.key) === arnOf(destination.key)
}

/** A grant counts without its token here; still, a token must be that of a grant. */
function requireGrants({ services, transaction, now }: KmsCall, tokens: readonly string[]): void {
  for (const token of tokens) {
    const address = readGrantToken(services.rootKey, token)
    const isGrant =
      address && findKey(transaction, address.region, address.keyId, now) && findGrant(transaction, address)
    if (!isGrant) throw kmsErrors.InvalidGrantTokenException('Invalid grant token.')
  }
}
