import { rootArn } from './arn.ts'
import { type Caller, canonicalUserId } from './caller.ts'
import type { PrincipalElement, Statement } from './policy-parse.ts'

/*
 * Whom a statement is about (IAM User Guide, "AWS JSON policy elements: Principal", and "NotPrincipal"):
 *
 *   Principal               names the caller, its role, its account, everybody
 *   Deny, NotPrincipal      is weighed against the account, the role, then the session or user: spares whom it names as each of them
 *   Allow, NotPrincipal     lets in whom it names as none of them
 */

type Relation = 'principal' | 'account'

/**
 * How a principal as written (an ARN, an account, an IAM unique id, `*`) stands to a caller.
 * @returns undefined when it is somebody else
 */
export function principalRelation(value: string, caller: Caller): Relation | undefined {
  return relationOf({ type: 'AWS', value }, caller)
}

/** @returns how a statement names a caller; undefined where it is about others */
export function nameOf(
  { effect, principal }: Pick<Statement, 'effect' | 'principal'>,
  { caller, hasBoundary }: { caller: Caller; hasBoundary?: boolean },
): Relation | undefined {
  if (!principal) return 'principal'
  if (principal.negated && effect === 'Deny') return isSpared(principal, caller, hasBoundary) ? undefined : 'principal'
  const relation = closestRelation(principal.named, caller)
  if (principal.negated) return relation === undefined ? 'principal' : undefined
  return relation
}

function closestRelation(named: readonly Named[], caller: Caller): Relation | undefined {
  let closest: Relation | undefined
  for (const one of named) {
    const relation = relationOf(one, caller)
    if (relation === 'principal') return relation
    closest ??= relation
  }
  return closest
}

/** Who is narrowed by a permissions boundary is denied, whatever the statement names (evidence: policy-not-principal). */
function isSpared({ named }: PrincipalElement, caller: Caller, hasBoundary = false): boolean {
  if (hasBoundary) return false
  if (named.some(isEverybody)) return true
  if (caller.type === 'Anonymous') return false
  const { arn, principalId, role } = caller
  if (caller.type === 'AWSService') return named.some((one) => relationOf(one, caller) !== undefined)
  if (!named.some((one) => isAccount(one, caller.accountId))) return false
  const names = (...ids: string[]) => named.some(({ type, value }) => type === 'AWS' && ids.includes(value))
  return caller.type === 'Root' || (names(arn, principalId) && (!role || names(role.arn, role.principalId)))
}

type Named = PrincipalElement['named'][number]

function relationOf(named: Named, caller: Caller): Relation | undefined {
  if (isEverybody(named)) return 'principal'
  if (caller.type === 'Anonymous') return undefined
  const { type, value } = named
  const { accountId, arn, principalId, role } = caller
  if (caller.type === 'AWSService') return type === 'Service' && value === principalId ? 'principal' : undefined
  if (isAccount(named, accountId)) return caller.type === 'Root' ? 'principal' : 'account'
  if (type !== 'AWS') return undefined
  const isNamed = value === arn || value === principalId || value === role?.arn || value === role?.principalId
  return isNamed ? 'principal' : undefined
}

function isEverybody({ type, value }: Named): boolean {
  return type === 'AWS' && value === '*'
}

function isAccount({ type, value }: Named, accountId: string): boolean {
  if (type === 'CanonicalUser') return value === canonicalUserId(accountId)
  return type === 'AWS' && (value === accountId || value === rootArn(accountId))
}
