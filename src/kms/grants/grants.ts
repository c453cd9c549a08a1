import type { Caller } from '../../aws/caller.ts'
import { principalRelation } from '../../aws/policy-principals.ts'
import type { Reader } from '../../store/database.ts'
import type { EncryptionContext } from '../client.ts'
import type { KeyRecord } from '../keys/key.ts'
import { type GrantConstraints, type GrantRecord, type GrantTerms, grantsTo } from './grant-store.ts'

/*
 * What a grant allows (KMS Developer Guide, "Grants in AWS KMS"):
 *
 *   the grantee is the caller (or its role, or its account) → the operation is one of the grant's
 *   → the encryption context fits the constraint → a grant made through it permits no more than it does
 *
 * A grant only allows; a Deny in any policy wins. Grants count at once: AWS's take up to five minutes, and their tokens are
 * how a caller need not wait; here a token is checked and then says nothing that the store does not know already.
 */

export interface GrantQuestion {
  caller: Caller
  key: KeyRecord
  /** As grants name it: `Decrypt`, `ReEncryptFrom`. */
  operation: string
  encryptionContext?: EncryptionContext
  /** Of CreateGrant: what the new grant would permit. */
  terms?: GrantTerms
}

/** A grant to the caller, and how it stood to a request. `principal` and `account` allow: by whom the caller is named. */
export interface WeighedGrant {
  grantId: string
  name?: string
  grantee: string
  outcome: 'principal' | 'account' | 'other operation' | 'constraint not met' | 'would permit more'
  /** The first constraint that was not met, and what the request had. */
  constraint?: { type: keyof GrantConstraints; wanted: EncryptionContext; actual: EncryptionContext }
}

/** Constraints speak of calls that take an encryption context (CreateGrant's API reference). */
const constrained = /^(Decrypt|Encrypt|GenerateDataKey\w*|ReEncrypt(From|To))$/

/** Weighs every grant of a key that names the caller. */
export async function weighGrants(reader: Reader, question: GrantQuestion): Promise<WeighedGrant[]> {
  const weighed: WeighedGrant[] = []
  for (const name of namesOf(question.caller)) {
    for await (const grant of grantsTo(reader, question.key, name)) weighed.push(weigh(grant, question))
  }
  return weighed
}

/** Everything a grantee principal may be called that means this caller. */
function namesOf({ arn, accountId, role }: Caller): string[] {
  if (accountId === '') return []
  const names = [arn, `arn:aws:iam::${accountId}:root`, accountId]
  return [...new Set(role ? [...names, role.arn] : names)]
}

function weigh(grant: GrantRecord, question: GrantQuestion): WeighedGrant {
  const { grantId, name, granteePrincipal: grantee } = grant
  const weighed = { grantId, name, grantee }
  if (!grant.operations.includes(question.operation)) return { ...weighed, outcome: 'other operation' }
  const constraint = constrained.test(question.operation) ? unmetConstraint(grant, question) : undefined
  if (constraint) return { ...weighed, outcome: 'constraint not met', constraint }
  if (question.terms && !permitsNoMore(question.terms, grant)) return { ...weighed, outcome: 'would permit more' }
  return { ...weighed, outcome: principalRelation(grantee, question.caller) ?? 'account' }
}

function unmetConstraint({ constraints = {} }: GrantRecord, { encryptionContext = {} }: GrantQuestion) {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = constraints
  const unmet = (type: keyof GrantConstraints, wanted: EncryptionContext) => ({
    type,
    wanted,
    actual: encryptionContext,
  })
  if (equals && !isSame(equals, encryptionContext)) return unmet('EncryptionContextEquals', equals)
  if (subset && !holds(encryptionContext, subset)) return unmet('EncryptionContextSubset', subset)
  return undefined
}

/** Of a grant made through another: no operation more, and constraints at least as strict. */
function permitsNoMore(terms: GrantTerms, parent: GrantTerms): boolean {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = parent.constraints ?? {}
  const { EncryptionContextEquals: ownEquals, EncryptionContextSubset: ownSubset } = terms.constraints ?? {}
  if (!terms.operations.every((operation) => parent.operations.includes(operation))) return false
  if (equals && !(ownEquals && isSame(equals, ownEquals))) return false
  return !subset || [ownEquals, ownSubset].some((pairs) => pairs && holds(pairs, subset))
}

/**
 * In a constraint the key of a pair ignores case, its value does not (evidence: kms-grant-constraints). Where two keys differ by
 * case alone both must have a wanted value, because it is not known which one AWS takes (assumption).
 */
function holds(context: EncryptionContext, wanted: EncryptionContext): boolean {
  const names = new Set(Object.keys(wanted).map((key) => key.toLowerCase()))
  const concerned = Object.entries(context).filter(([key]) => names.has(key.toLowerCase()))
  const [actual, pairs] = [new Set(concerned.map(foldPair)), new Set(Object.entries(wanted).map(foldPair))]
  return actual.size === pairs.size && [...pairs].every((pair) => actual.has(pair))
}

function isSame(a: EncryptionContext, b: EncryptionContext): boolean {
  return Object.keys(a).length === Object.keys(b).length && holds(a, b) && holds(b, a)
}

function foldPair([key, value]: [string, string]): string {
  return JSON.stringify([key.toLowerCase(), value])
}
