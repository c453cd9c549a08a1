import { awsManagedPolicies } from '../../identity/aws-managed-policies.ts'
import {
  type Group,
  groups,
  type ManagedPolicy,
  managedPolicies,
  type Principal,
  principals,
} from '../../identity/records.ts'
import type { QueryOutput } from '../../protocol/query-output.ts'
import { encodeUri } from '../../protocol/uri.ts'
import { iamErrors } from '../errors.ts'
import { type Place, uniqueIdOf, walk } from './entities.ts'

/* Managed policies: of the account, and AWS's own, which are only read. */

/** @returns undefined for a policy that is not there, or another account's */
export function findPolicy({ transaction, accountId }: Place, arn: string): ManagedPolicy | undefined {
  if (!arn.startsWith(`arn:aws:iam::${accountId}:policy/`)) return awsManagedPolicies.get(arn)
  return transaction.get(managedPolicies, [arn])
}

/**
 * @param words for one that is not there
 * @throws AwsError NoSuchEntity; ValidationError for what is no ARN
 */
export function requirePolicy(place: Place, arn: string, words = `Policy ${arn} was not found.`): ManagedPolicy {
  if (!arn.startsWith('arn:')) throw iamErrors.ValidationError(`ARN ${arn} is not valid.`)
  const policy = findPolicy(place, arn)
  if (!policy) throw iamErrors.NoSuchEntity(words)
  return policy
}

/** Of the account, to be changed. @throws AwsError NoSuchEntity, AccessDenied of AWS's own */
export function requireOwnPolicy(place: Place, arn: string): ManagedPolicy {
  const policy = requirePolicy(place, arn)
  if (awsManagedPolicies.has(arn)) throw iamErrors.AccessDenied(`Cannot modify the AWS managed policy ${arn}.`)
  return policy
}

/** Who a policy is attached to, and whom it limits. */
export interface Uses {
  users: Principal[]
  roles: Principal[]
  groups: Group[]
  limits: Principal[]
}

/** Walks through all principals and groups of the account. */
export async function usesOf(place: Place, arn: string): Promise<Uses> {
  const uses: Uses = { users: [], roles: [], groups: [], limits: [] }
  for (const type of ['user', 'role'] as const) {
    for await (const principal of walk(place, principals, type)) {
      if (principal.attachedPolicies?.includes(arn)) (type === 'user' ? uses.users : uses.roles).push(principal)
      if (principal.permissionsBoundary === arn) uses.limits.push(principal)
    }
  }
  for await (const group of walk(place, groups, 'group'))
    if (group.attachedPolicies.includes(arn)) uses.groups.push(group)
  return uses
}

export type UseCounts = ReadonlyMap<string, { attached: number; limits: number }>

/** How often each policy is used, in one walk. */
export async function countUses(place: Place): Promise<UseCounts> {
  const counts = new Map<string, { attached: number; limits: number }>()
  const count = (arn: string, use: 'attached' | 'limits') => {
    const known = counts.get(arn) ?? { attached: 0, limits: 0 }
    counts.set(arn, { ...known, [use]: known[use] + 1 })
  }
  for (const type of ['user', 'role'] as const) {
    for await (const { attachedPolicies = [], permissionsBoundary } of walk(place, principals, type)) {
      for (const arn of attachedPolicies) count(arn, 'attached')
      if (permissionsBoundary !== undefined) count(permissionsBoundary, 'limits')
    }
  }
  for await (const { attachedPolicies } of walk(place, groups, 'group')) {
    for (const arn of attachedPolicies) count(arn, 'attached')
  }
  return counts
}

/** A policy as answers tell of it, without description and tags. */
export function policyOf(policy: ManagedPolicy, uses: UseCounts): QueryOutput {
  const { arn, createdAt = 0, updatedAt = createdAt, defaultVersion } = policy
  const { path, name } = nameOfPolicy(arn)
  const { attached = 0, limits = 0 } = uses.get(arn) ?? {}
  return {
    PolicyName: name,
    PolicyId: awsManagedPolicies.has(arn) ? idOfAwsPolicy(policy) : uniqueIdOf(policy),
    Arn: arn,
    Path: path,
    DefaultVersionId: `v${defaultVersion}`,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: limits,
    IsAttachable: true,
    CreateDate: new Date(createdAt),
    UpdateDate: new Date(updatedAt),
  }
}

/** Name and path, of AWS's own policies too. */
export function nameOfPolicy(arn: string): { path: string; name: string } {
  const mark = arn.indexOf(':policy/')
  const start = arn.lastIndexOf('/') + 1
  if (mark < 0 || start === arn.length) return { path: '/', name: '' }
  return { path: arn.slice(mark + ':policy'.length, start), name: arn.slice(start) }
}

function idOfAwsPolicy({ arn }: ManagedPolicy): string {
  return uniqueIdOf({ arn: arn.replace('::aws:', '::000000000000:') })
}

/** A document as answers carry it: percent-encoded after RFC 3986, the text the caller's own. */
export function encodedDocument(document: string): string {
  return encodeUri(document)
}

/** The policies of a holder in the order of names, by their ARNs. */
export function attachedOf(arns: readonly string[] = []): { PolicyName: string; PolicyArn: string }[] {
  const attached = arns.map((arn) => ({ PolicyName: nameOfPolicy(arn).name, PolicyArn: arn }))
  return attached.sort((a, b) => (a.PolicyName.toLowerCase() < b.PolicyName.toLowerCase() ? -1 : 1))
}
