import { stageName, unstageName } from '../../identity/names.ts'
import { type AccessKey, accessKeys, type Principal, principals } from '../../identity/records.ts'
import { sessions } from '../../identity/sessions.ts'
import type { QueryOutput } from '../../protocol/query-output.ts'
import type { IamCall } from '../operation.ts'
import { identityOf, uniqueIdOf } from './entities.ts'
import { replaceInTrustPolicies } from './trusted-principals.ts'

/* Users and roles in answers, and how they change. */

/** What `members` says of it: some answers leave out boundary and tags, some tell of tags that are not there. */
export interface Shown {
  boundary?: boolean
  tags?: 'given' | 'always'
}

export function userOf(user: Principal, shown: Shown = { boundary: true, tags: 'given' }): QueryOutput {
  return { ...identityOf(user), ...moreOf(user, shown) }
}

/** Boundary and tags, as far as the answer has them. */
export function moreOf({ permissionsBoundary, tags = [] }: Principal, { boundary, tags: told }: Shown): QueryOutput {
  const PermissionsBoundary =
    boundary && permissionsBoundary !== undefined
      ? { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: permissionsBoundary }
      : undefined
  const Tags = told === 'always' || (told === 'given' && tags.length > 0) ? tagsOf(tags) : undefined
  return { PermissionsBoundary, Tags }
}

/** Tags, by key. */
export function tagsOf(tags: readonly { Key: string; Value: string }[] = []): QueryOutput[] {
  return [...tags].sort((a, b) => (a.Key < b.Key ? -1 : 1)).map(({ Key, Value }) => ({ Key, Value }))
}

/**
 * Stages a principal in place of what it was. Whoever IAM gave or took permissions has a list of policies, be it empty: no
 * administrator for having none.
 */
export function change({ transaction }: Pick<IamCall, 'transaction'>, principal: Principal): void {
  transaction.put(principals, [principal.arn], principal)
}

/** As {@link change}, of its permissions. */
export function changePermissions(call: Pick<IamCall, 'transaction'>, principal: Principal): void {
  change(call, { ...principal, policies: principal.policies ?? [] })
}

/** Stages something new under its name. */
export function addPrincipal({ transaction, services }: IamCall, principal: Principal): void {
  services.principals.add(transaction, principal)
}

/** Stages an access key, and its principal with it. */
export function putAccessKey(call: IamCall, user: Principal, key: AccessKey): void {
  const others = user.accessKeys.filter(({ id }) => id !== key.id)
  // A caller nobody declared, and that makes itself a key, becomes a user of the store by it.
  if (!call.transaction.get(principals, [user.arn])) stageName(call.transaction, user.arn)
  change(call, { ...user, accessKeys: [...others, key] })
  const { id, secret, isInactive } = key
  call.transaction.put(accessKeys, [id], { arn: user.arn, secret, isInactive })
}

/** Stages the end of an access key: its id stays known, so that nobody takes it for one that was never declared. */
export function revokeAccessKey({ transaction }: Pick<IamCall, 'transaction'>, user: Principal, id: string): void {
  transaction.put(accessKeys, [id], { arn: user.arn, secret: '', isDeleted: true })
}

/** Stages the end of a principal; what it gave out works no more. */
export async function removePrincipal(call: IamCall, principal: Principal): Promise<void> {
  const { transaction } = call
  for (const { id } of principal.accessKeys) revokeAccessKey(call, principal, id)
  transaction.delete(principals, [principal.arn])
  unstageName(transaction, principal.arn)
  await replaceInTrustPolicies(call, principal.arn, uniqueIdOf(principal))
  await eachSession(call, principal.arn, (id) => {
    transaction.put(accessKeys, [id], { arn: principal.arn, secret: '', isDeleted: true })
  })
}

/** Stages another ARN for a user; its access keys and sessions follow. */
export async function renamePrincipal(call: IamCall, principal: Principal, arn: string): Promise<void> {
  const { transaction } = call
  transaction.delete(principals, [principal.arn])
  unstageName(transaction, principal.arn)
  change(call, { ...principal, arn })
  stageName(transaction, arn)
  for (const { id, secret, isInactive } of principal.accessKeys) {
    transaction.put(accessKeys, [id], { arn, secret, isInactive })
  }
  await replaceInTrustPolicies(call, principal.arn, arn)
  await eachSession(call, principal.arn, (id, session) => transaction.put(sessions, [id], { ...session, roleArn: arn }))
}

type OnSession = (
  id: string,
  session: NonNullable<ReturnType<IamCall['services']['principals']['sessions']['get']>>,
) => void

async function eachSession({ transaction }: IamCall, arn: string, act: OnSession): Promise<void> {
  for await (const { key, value } of transaction.entries(sessions)) if (value.roleArn === arn) act(key[0], value)
}
