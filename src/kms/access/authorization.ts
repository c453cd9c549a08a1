import { PolicyCache } from '../../access/policy-cache.ts'
import type { Ruling as PolicyRuling } from '../../access/ruling.ts'
import {
  allows,
  denialOf,
  type Identities,
  missingOn,
  noIdentities,
  policiesOfCaller,
  type Side,
  type SidePolicies,
  type Sides,
  weighSides,
} from '../../access/sides.ts'
import { type AccessRequest, type AttachedPolicy, evaluate } from '../../aws/policy.ts'
import type { Policy } from '../../aws/policy-parse.ts'
import { principalRelation } from '../../aws/policy-principals.ts'
import type { Reader } from '../../store/database.ts'
import type { GrantRecord } from '../grants/grant-store.ts'
import { type WeighedGrant, weighGrants } from '../grants/grants.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { listAliasesOfKey } from '../keys/key-store.ts'
import { asksForAliases, type CallFacts, contextOfCall } from './condition-keys.ts'

/*
 * May this caller do this with this key? (KMS Developer Guide, "Determining access to AWS KMS keys")
 *
 *   a Deny in the key policy, an identity policy, the permissions boundary or the session's policy     → refused
 *   own account      the key policy names the caller, or delegates to the account and an identity policy allows
 *   other account    the key policy allows, and an identity policy allows
 *   else a grant     to the caller; to its account or to another account: an identity policy allows too
 *   identity policies  allow what the permissions boundary, where there is one, allows too. It also cuts what a key policy gives
 *                      to a role by name, and not what it gives to a user (IAM User Guide, "Permissions boundaries")
 *   always             a session's own policy, where there is one, allows too
 *
 * A caller without identity policies is an administrator of its account: they allow everything and deny nothing. What
 * touches no key (and aliases, which have no policy of their own) is a matter of identity policies alone.
 */

export interface Question extends CallFacts {
  /** The key's ARN, an alias's, or `*`. */
  resource: string
  /** The ciphertext alone names the key. */
  isNamedByCiphertext?: boolean
  /** Of RetireGrant: the grant itself says who may. */
  retires?: GrantRecord
}

/** The answer, and all that was weighed for it. */
export interface Ruling extends PolicyRuling {
  /** Undefined: they were not asked, the policies decided. */
  grants?: readonly WeighedGrant[]
}

export class Authorizer {
  readonly #identities: Identities
  readonly #policies = new PolicyCache()

  readonly #askingForAliases = new WeakMap<Policy, boolean>()

  constructor(identities: Identities = noIdentities) {
    this.#identities = identities
  }

  /** Weighs policies and, where they do not allow it, grants. Only for the key's aliases and its grants the store is asked: a wait. */
  rule(reader: Reader, question: Question): Ruling | Promise<Ruling> {
    const { key, context } = question
    const resource = key && [this.#policies.attach('key policy', key.policy, 'resource')]
    const { identity, boundary, session } = policiesOfCaller(this.#identities, this.#policies, context.caller)
    const policies: SidePolicies = { resource, identity, boundary, session }
    return key && this.#askForAliases(policies)
      ? decideByAliases(reader, question, key, policies)
      : decide(reader, question, policies)
  }

  #askForAliases({ resource, identity, boundary, session }: SidePolicies): boolean {
    return this.#oneAsks(resource) || this.#oneAsks(identity) || this.#oneAsks(boundary) || this.#oneAsks(session)
  }

  #oneAsks(policies: readonly AttachedPolicy[] | undefined): boolean {
    return policies?.some(({ policy }) => this.#asksForAliases(policy)) ?? false
  }

  #asksForAliases(policy: Policy): boolean {
    const known = this.#askingForAliases.get(policy)
    if (known !== undefined) return known
    const asks = asksForAliases(policy)
    this.#askingForAliases.set(policy, asks)
    return asks
  }

  /**
   * Whether whoever puts this policy on a key could put another one later (the lockout check of CreateKey and PutKeyPolicy).
   * Delegation to the account is enough, whatever its identity policies say.
   */
  mayPutPolicyAgain(facts: Omit<CallFacts, 'action'>, policy: string): boolean {
    const { caller, region } = facts.context
    const resource = facts.key ? arnOf(facts.key) : `arn:aws:kms:${region}:${caller.accountId}:key/*`
    const action = 'kms:PutKeyPolicy'
    const request = { action, resource, caller, context: contextOfCall({ ...facts, action }) }
    return evaluate([this.#policies.attach('key policy', policy, 'resource')], request).decision === 'allow'
  }
}

async function decideByAliases(
  reader: Reader,
  question: Question,
  key: KeyRecord,
  policies: SidePolicies,
): Promise<Ruling> {
  const aliases = await aliasesOf(reader, key)
  return await decide(reader, { ...question, aliases }, policies)
}

function decide(reader: Reader, question: Question, policies: SidePolicies): Ruling | Promise<Ruling> {
  const weighed = weighPolicies(policies, question)
  const { ruling, isDenied } = weighed
  if (ruling.allowed || isDenied || !question.key || question.retires) return ruling
  return decideByGrants(reader, question, question.key, weighed)
}

async function decideByGrants(
  reader: Reader,
  question: Question,
  key: KeyRecord,
  { ruling }: WeighedPolicies,
): Promise<Ruling> {
  const { sides } = ruling
  const grants = await weighGrants(reader, grantQuestion(question, key))
  const grant = grants.find(({ outcome }) => mayUse(outcome, sides, isOwn(question)))
  if (!grant || !allows(sides.session) || isCutByBoundary(question, sides)) return { ...ruling, grants }
  return { ...ruling, allowed: true, because: `grant ${grant.grantId} allows it`, grants }
}

/** What the policies alone say. */
interface WeighedPolicies {
  ruling: Ruling
  /** No grant can allow it. */
  isDenied: boolean
}

function weighPolicies(policies: SidePolicies, question: Question): WeighedPolicies {
  const { action, resource, context, retires } = question
  const request: AccessRequest = { action, resource, caller: context.caller, context: contextOfCall(question) }
  const sides = weighSides(policies, request)
  const isAdministrator = sides.identity === undefined
  const rule = (allowed: boolean, because: string, isDenied = false): WeighedPolicies => {
    return { ruling: { action, resource, allowed, because, isAdministrator, sides }, isDenied }
  }
  const denial = context.caller.type === 'Anonymous' ? nobody : denialOf(sides)
  if (denial) return rule(false, denial, true)
  const permission = retires ? retirementOf(retires, question, sides) : permissionOf(sides, question)
  if (permission) return rule(true, permission)
  return rule(false, missingOn(missingSide(sides, question), action))
}

function isOwn({ key, context }: Question): boolean {
  return key === undefined || key.accountId === context.caller.accountId
}

/** KMS answers nobody who does not sign. */
const nobody = 'because no resource-based policy allows anonymous callers'

/** @returns what allowed it, in our own words, or undefined where no policy does */
function permissionOf(sides: Sides, question: Question) {
  const { resource: verdict, session } = sides
  if (!allows(session)) return undefined
  if (!question.key) return allowsByIdentity(sides) ? 'the identity policies allow it' : undefined
  if (verdict?.decision !== 'allow') return undefined
  const own = isOwn(question)
  if (own && verdict.isDirect && !isCutByBoundary(question, sides)) return 'the key policy allows the caller'
  if (!allowsByIdentity(sides)) return undefined
  if (own) return 'the key policy leaves it to the account, and the identity policies allow it'
  return 'the key policy and the identity policies of the other account allow it'
}

/** What identity policies allow counts as far as the permissions boundary allows it too. */
function allowsByIdentity({ identity, boundary }: Sides): boolean {
  return allows(identity) && allows(boundary)
}

/** A resource's own word for a user stands beside the boundary of that user; for a role it does not (IAM User Guide). */
function isCutByBoundary({ context: { caller } }: Question, { boundary }: Sides): boolean {
  return caller.role !== undefined && !allows(boundary)
}

/**
 * Who may retire a grant (KMS Developer Guide, "Retiring and revoking grants"): its retiring principal, its grantee where
 * RetireGrant is among its operations, and the account that made it with whom its identity policies allow.
 */
function retirementOf(grant: GrantRecord, question: Question, sides: Sides) {
  const { caller } = question.context
  if (!allows(sides.session) || isCutByBoundary(question, sides)) return undefined
  const isMeant = (principal: string | undefined) => {
    const relation = principal === undefined ? undefined : principalRelation(principal, caller)
    return relation === 'principal' || (relation === 'account' && allowsByIdentity(sides))
  }
  if (isMeant(grant.retiringPrincipal)) return 'the caller is the retiring principal of the grant'
  if (grant.operations.includes('RetireGrant') && isMeant(grant.granteePrincipal)) return 'the grant allows RetireGrant'
  const isIssuer = caller.accountId === grant.issuingAccount && allowsByIdentity(sides)
  return isIssuer ? 'the account made the grant, and the identity policies allow it' : undefined
}

/** Which side misses an Allow. */
function missingSide(sides: Sides, question: Question): Side {
  const { resource: verdict, identity, boundary } = sides
  if (question.key && verdict?.decision !== 'allow') return 'resource'
  const isNamed = isOwn(question) && verdict?.isDirect
  if (!isNamed && !allows(identity)) return 'identity'
  if (!allows(boundary) && (!isNamed || isCutByBoundary(question, sides))) return 'boundary'
  return 'session'
}

/** A grant stands on the key's side: another account's own policies must allow too (assumption, as for key policies). */
function mayUse(outcome: WeighedGrant['outcome'], sides: Sides, isOwn: boolean): boolean {
  if (outcome === 'principal' && isOwn) return true
  return (outcome === 'principal' || outcome === 'account') && allowsByIdentity(sides)
}

function grantQuestion(question: Question, key: KeyRecord) {
  const { action, context, encryptionContext, terms } = question
  return { caller: context.caller, key, operation: action.slice('kms:'.length), encryptionContext, terms }
}

async function aliasesOf(reader: Reader, key: KeyRecord): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of listAliasesOfKey(reader, key)) names.push(name)
  return names
}
