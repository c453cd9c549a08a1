import { awsManagedPolicies } from '../../identity/aws-managed-policies.ts'
import { addManagedPolicy } from '../../identity/declare.ts'
import { entityArn, unstageName } from '../../identity/names.ts'
import { type ManagedPolicy, managedPolicies, policyVersions } from '../../identity/records.ts'
import { boolean, enumeration, required, structure } from '../../protocol/shapes.ts'
import { sizeOf } from '../documents/document.ts'
import { checkIdentityDocument } from '../documents/identity-document.ts'
import { countOf, nameOf, newArn, newUniqueId, uniqueIdOf, walk } from '../entities/entities.ts'
import {
  countUses,
  nameOfPolicy,
  policyOf,
  requireOwnPolicy,
  requirePolicy,
  usesOf,
} from '../entities/managed-policies.ts'
import { tagsOf } from '../entities/principals.ts'
import { checkTags } from '../entities/tags.ts'
import { iamErrors, requireQuota } from '../errors.ts'
import { type IamCall, iamOperation } from '../operation.ts'
import { pageOf } from '../pages.ts'
import { Arn, Path, PolicyDescription, PolicyDocument, PolicyName, PolicyPath, paging, Tags } from '../shapes.ts'

/* Managed policies of the account. Their versions and what they are attached to have files of their own. */

export const CreatePolicy = iamOperation({
  name: 'CreatePolicy',
  input: structure({
    PolicyName: required(PolicyName),
    Path: PolicyPath,
    PolicyDocument: required(PolicyDocument),
    Description: PolicyDescription,
    Tags,
  }),
  readOnly: false,
  on: ({ accountId }, { PolicyName: name, Path: path = '/' }) => entityArn({ accountId, type: 'policy', path, name }),
  async handle(call, { PolicyName, Path, PolicyDocument: document, Description, Tags = [] }) {
    checkTags('policy', Tags)
    checkIdentityDocument(document, 'managed')
    requireQuota('PolicySize', sizeOf(document))
    const arn = newArn(call, 'policy', PolicyName, Path)
    requireQuota('PoliciesPerAccount', (await countOf(call.transaction, call.accountId, 'policy')) + 1)
    const policy = addManagedPolicy(call.transaction, {
      arn,
      uniqueId: newUniqueId(call, 'ANPA'),
      createdAt: call.now,
      updatedAt: call.now,
      // Terraform sends an empty one where none was written.
      description: Description === '' ? undefined : Description,
      tags: Tags,
      document,
    })
    return { Policy: { ...policyOf(policy, new Map()), Tags: Tags.length > 0 ? tagsOf(Tags) : undefined } }
  },
})

export const GetPolicy = iamOperation({
  name: 'GetPolicy',
  input: structure({ PolicyArn: required(Arn) }),
  readOnly: true,
  on: (_call, { PolicyArn }) => PolicyArn,
  async handle(call, { PolicyArn }) {
    const policy = requirePolicy(call, PolicyArn)
    const { description, tags } = policy
    return {
      Policy: { ...policyOf(policy, await countUses(call)), Description: description, Tags: tagsOf(tags) },
    }
  },
})

export const ListPolicies = iamOperation({
  name: 'ListPolicies',
  input: structure({
    Scope: enumeration(['All', 'AWS', 'Local']),
    OnlyAttached: boolean(),
    PathPrefix: PolicyPath,
    PolicyUsageFilter: enumeration(['PermissionsPolicy', 'PermissionsBoundary']),
    ...paging,
  }),
  readOnly: true,
  on: ({ accountId }) => `arn:aws:iam::${accountId}:policy/`,
  differs: 'Of AWS’s own policies it knows those that are about the services here.',
  async handle(call, { Scope = 'All', OnlyAttached, PathPrefix = '/', PolicyUsageFilter, ...asked }) {
    const uses = await countUses(call)
    const isWanted = ({ arn }: ManagedPolicy) => {
      const { attached = 0, limits = 0 } = uses.get(arn) ?? {}
      const used = PolicyUsageFilter === 'PermissionsBoundary' ? limits : attached
      const isUsed = used > 0 || (!OnlyAttached && PolicyUsageFilter === undefined)
      return isUsed && nameOfPolicy(arn).path.startsWith(PathPrefix)
    }
    const found: ManagedPolicy[] = Scope === 'Local' ? [] : [...awsManagedPolicies.values()]
    if (Scope !== 'AWS') for await (const policy of walk(call, managedPolicies, 'policy')) found.push(policy)
    const sorted = found.filter(isWanted).sort((a, b) => (a.arn < b.arn ? -1 : 1))
    const { rows, paging } = await pageOf(sorted, asked, ({ arn }) => arn)
    return { Policies: rows.map((policy) => policyOf(policy, uses)), ...paging }
  },
})

export const DeletePolicy = iamOperation({
  name: 'DeletePolicy',
  input: structure({ PolicyArn: required(Arn) }),
  readOnly: false,
  on: (_call, { PolicyArn }) => PolicyArn,
  async handle(call, { PolicyArn }) {
    const { arn, defaultVersion } = requireOwnPolicy(call, PolicyArn)
    const { users, roles, groups, limits } = await usesOf(call, arn)
    if (users.length + roles.length + groups.length + limits.length > 0) {
      throw iamErrors.DeleteConflict('Cannot delete a policy attached to entities.')
    }
    for await (const { key } of call.transaction.entries(policyVersions, { within: [arn] })) {
      if (key[1] !== defaultVersion) throw iamErrors.DeleteConflict(severalVersions)
    }
    call.transaction.delete(policyVersions, [arn, defaultVersion])
    call.transaction.delete(managedPolicies, [arn])
    unstageName(call.transaction, arn)
    return undefined
  },
})

const severalVersions =
  "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. " +
  'The default version is deleted with the policy.'

export const ListEntitiesForPolicy = iamOperation({
  name: 'ListEntitiesForPolicy',
  input: structure({
    PolicyArn: required(Arn),
    EntityFilter: enumeration(['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy']),
    PathPrefix: Path,
    PolicyUsageFilter: enumeration(['PermissionsPolicy', 'PermissionsBoundary']),
    ...paging,
  }),
  readOnly: true,
  on: (_call, { PolicyArn }) => PolicyArn,
  async handle(call, { PolicyArn, EntityFilter, PathPrefix = '/', PolicyUsageFilter, ...asked }) {
    const rows = await usersOfPolicy(call, requirePolicy(call, PolicyArn).arn, PolicyUsageFilter)
    const wanted = rows.filter(
      ({ label, entity }) =>
        (EntityFilter ?? label) === label && entity.arn.includes(`:${label.toLowerCase()}${PathPrefix}`),
    )
    const { rows: page, paging } = await pageOf(wanted, asked, ({ entity }) => entity.arn)
    const of = (label: string) =>
      page
        .filter((row) => row.label === label)
        .map(({ entity }) => ({ [`${label}Name`]: nameOf(entity), [`${label}Id`]: uniqueIdOf(entity) }))
    return { PolicyGroups: of('Group'), PolicyUsers: of('User'), PolicyRoles: of('Role'), ...paging }
  },
})

async function usersOfPolicy(call: IamCall, arn: string, filter: string | undefined) {
  const { users, roles, groups, limits } = await usesOf(call, arn)
  const attached = [
    ...groups.map((entity) => ({ label: 'Group', entity })),
    ...users.map((entity) => ({ label: 'User', entity })),
    ...roles.map((entity) => ({ label: 'Role', entity })),
  ]
  const limited = limits.map((entity) => ({ label: entity.arn.includes(':user/') ? 'User' : 'Role', entity }))
  const rows = [
    ...(filter === 'PermissionsBoundary' ? [] : attached),
    ...(filter === 'PermissionsPolicy' ? [] : limited),
  ]
  const once = new Map(rows.map((row) => [row.entity.arn, row]))
  return [...once.values()].sort((a, b) => (a.entity.arn < b.entity.arn ? -1 : 1))
}
