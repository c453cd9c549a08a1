import type { Caller } from '../../aws/caller.ts'
import {
  type AccessRequest,
  type AttachedPolicy,
  evaluate,
  principalRelation,
  type Verdict,
  type WeighedStatement,
} from '../../aws/policy.ts'
import type { Identities } from '../../identity/principals.ts'
import type { Reader } from '../../store/database.ts'
import type { GrantRecord } from '../grants/grant-store.ts'
import { type WeighedGrant, weighGrants } from '../grants/grants.ts'
import { arnOf, type KeyRecord } from '../keys/key.ts'
import { listAliasesOfKey } from '../keys/key-store.ts'
import { type CallFacts, contextOfCall } from './condition-keys.ts'
import { PolicyCache } from './policy-cache.ts'

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

/** What the authorizer must know of principals. */
export type { Identities } from '../../identity/principals.ts'

export interface Question extends CallFacts {
  /** The key's ARN, an alias's, or `*`. */
  resource: string
  /** The ciphertext alone names the key. */
  isNamedByCiphertext?: boolean
  /** Of RetireGrant: the grant itself says who may. */
  retires?: GrantRecord
}

/** The answer, and all that was weighed for it. */
export interface Ruling {
  action: string
  resource: string
  allowed: boolean
  /** Half a sentence: what allowed it, or AWS's own words for the refusal. */
  because: string
  /** Everybody who has no identity policies. */
  isAdministrator: boolean
  statements: readonly WeighedStatement[]
  /** Undefined: they were not asked, the policies decided. */
  grants?: readonly WeighedGrant[]
}

/** What each side says; undefined: there is no such policy. */
interface Sides {
  key?: Verdict
  identity?: Verdict
  boundary?: Verdict
  session?: Verdict
}

interface NamedPolicy extends AttachedPolicy {
  asksForAliases: boolean
}

type SidePolicies = NamedPolicy[] | undefined

const noIdentities: Identities = { permissionsOf: () => ({}) }

export class Authorizer {
  readonly #identities: Identities
  readonly #policies = new PolicyCache()

  constructor(identities: Identities = noIdentities) {
    this.#identities = identities
  }

  /** Weighs policies and, where they do not allow it, grants. Only for the key's aliases and its grants the store is asked: a wait. */
  rule(reader: Reader, question: Question): Ruling | Promise<Ruling> {
    const { key } = question
    const policies = this.#policiesFor(question.context.caller, key)
    const asksForAliases = policies.all.some((policy) => policy.asksForAliases)
    return key && asksForAliases ? decideByAliases(reader, question, key, policies) : decide(reader, question, policies)
  }

  /** The policies of each side; undefined: there are none. */
  #policiesFor(caller: Caller, key: KeyRecord | undefined): Policies & { all: NamedPolicy[] } {
    const attach = (name: string, document: string, kind: 'identity' | 'resource'): NamedPolicy => {
      const { policy, asksForAliases } = this.#policies.parse(document, kind)
      return { name, policy, asksForAliases }
    }
    const { identity, boundary, session } = this.#identities.permissionsOf(caller)
    const sides = {
      key: key && [attach('key policy', key.policy, 'resource')],
      identity: identity?.map(({ name, document }) => attach(`identity policy ${name}`, document, 'identity')),
      boundary: boundary && [attach(`permissions boundary ${boundary.name}`, boundary.document, 'identity')],
      session: session?.map(({ name, document }) => attach(name, document, 'identity')),
    }
    const { key: own, identity: ofCaller, boundary: limit, session: narrowed } = sides
    return { ...sides, all: [...(own ?? []), ...(ofCaller ?? []), ...(limit ?? []), ...(narrowed ?? [])] }
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
    const parsed = this.#policies.parse(policy, 'resource')
    return evaluate([{ name: 'key policy', policy: parsed.policy }], request).decision === 'allow'
  }
}

type Policies = Record<keyof Sides, SidePolicies>

async function decideByAliases(
  reader: Reader,
  question: Question,
  key: KeyRecord,
  policies: Policies,
): Promise<Ruling> {
  const aliases = await aliasesOf(reader, key)
  return await decide(reader, { ...question, aliases }, policies)
}

function decide(reader: Reader, question: Question, policies: Policies): Ruling | Promise<Ruling> {
  const weighed = weighPolicies(policies, question)
  const { ruling, isDenied } = weighed
  if (ruling.allowed || isDenied || !question.key || question.retires) return ruling
  return decideByGrants(reader, question, question.key, weighed)
}

async function decideByGrants(
  reader: Reader,
  question: Question,
  key: KeyRecord,
  { ruling, sides }: WeighedPolicies,
): Promise<Ruling> {
  const grants = await weighGrants(reader, grantQuestion(question, key))
  const grant = grants.find(({ outcome }) => mayUse(outcome, sides, isOwn(question)))
  if (!grant || !allows(sides.session) || isCutByBoundary(question, sides)) return { ...ruling, grants }
  return { ...ruling, allowed: true, because: `grant ${grant.grantId} allows it`, grants }
}

/** What the policies alone say. */
interface WeighedPolicies {
  ruling: Ruling
  sides: Sides
  /** No grant can allow it. */
  isDenied: boolean
}

function weighPolicies(policies: Policies, question: Question): WeighedPolicies {
  const { action, resource, context, retires } = question
  const sides = weighSides(policies, question)
  const { key: keySide, identity, boundary, session } = sides
  const statements = [
    ...(keySide?.weighed ?? []),
    ...(identity?.weighed ?? []),
    ...(boundary?.weighed ?? []),
    ...(session?.weighed ?? []),
  ]
  const isAdministrator = identity === undefined
  const rule = (allowed: boolean, because: string, isDenied = false): WeighedPolicies => {
    return { ruling: { action, resource, allowed, because, isAdministrator, statements }, sides, isDenied }
  }
  const denial = context.caller.type === 'Anonymous' ? nobody : denialOf(sides)
  if (denial) return rule(false, denial, true)
  const permission = retires ? retirementOf(retires, question, sides) : permissionOf(sides, question)
  if (permission) return rule(true, permission)
  return rule(false, `because no ${missingKind(sides, question)} allows the ${action} action`)
}

function isOwn({ key, context }: Question): boolean {
  return key === undefined || key.accountId === context.caller.accountId
}

function weighSides(policies: Policies, question: Question): Sides {
  const { action, resource, context } = question
  const request: AccessRequest = { action, resource, caller: context.caller, context: contextOfCall(question) }
  return {
    key: policies.key && evaluate(policies.key, request),
    identity: policies.identity && evaluate(policies.identity, request),
    boundary: policies.boundary && evaluate(policies.boundary, request),
    session: policies.session && evaluate(policies.session, request),
  }
}

/** KMS answers nobody who does not sign. */
const nobody = 'because no resource-based policy allows anonymous callers'

/** @returns AWS's words for an explicit deny, or undefined where nothing denies */
function denialOf({ key, identity, boundary, session }: Sides): string | undefined {
  if (key?.decision === 'deny') return 'with an explicit deny in a resource-based policy'
  if (identity?.decision === 'deny') return 'with an explicit deny in an identity-based policy'
  if (boundary?.decision === 'deny') return 'with an explicit deny in a permissions boundary'
  return session?.decision === 'deny' ? 'with an explicit deny in a session policy' : undefined
}

/** @returns what allowed it, in our own words, or undefined where no policy does */
function permissionOf(sides: Sides, question: Question) {
  const { key: verdict, session } = sides
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

/** Which policy is missing, in AWS's words. */
function missingKind(sides: Sides, question: Question): string {
  const { key: verdict, identity, boundary } = sides
  if (question.key && verdict?.decision !== 'allow') return 'resource-based policy'
  const isNamed = isOwn(question) && verdict?.isDirect
  if (!isNamed && !allows(identity)) return 'identity-based policy'
  if (!allows(boundary) && (!isNamed || isCutByBoundary(question, sides))) return 'permissions boundary'
  return 'session policy'
}

/** Administrators have no identity policies, and most sessions none of their own: what is not there does not limit. */
function allows(verdict: Verdict | undefined): boolean {
  return verdict === undefined || verdict.decision === 'allow'
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
