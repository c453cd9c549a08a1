import { awsManagedPolicies } from '../../identity/aws-managed-policies.ts'
import { groups, managedPolicies, policyVersions, principals } from '../../identity/records.ts'
import { enumeration, list, required, string, structure } from '../../protocol/shapes.ts'
import { accountAliasRecords } from '../entities/account-alias.ts'
import { groupDetail, policyDetail, roleDetail, userDetail } from '../entities/account-details.ts'
import { countOf, walk } from '../entities/entities.ts'
import { countUses } from '../entities/managed-policies.ts'
import { iamErrors, quotas } from '../errors.ts'
import { type IamCall, iamOperation } from '../operation.ts'
import { pageOf } from '../pages.ts'
import { paging } from '../shapes.ts'

/* The account as a whole. */

const AccountAlias = string({ min: 3, max: 63, pattern: '^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$' })

const onAccount = () => '*'

export const CreateAccountAlias = iamOperation({
  name: 'CreateAccountAlias',
  input: structure({ AccountAlias: required(AccountAlias) }),
  readOnly: false,
  on: onAccount,
  differs: 'An alias is unique in its account alone.',
  handle({ transaction, accountId }, { AccountAlias: alias }) {
    transaction.put(accountAliasRecords, [accountId], { alias })
    return undefined
  },
})

export const DeleteAccountAlias = iamOperation({
  name: 'DeleteAccountAlias',
  input: structure({ AccountAlias: required(AccountAlias) }),
  readOnly: false,
  on: onAccount,
  handle({ transaction, accountId }, { AccountAlias: alias }) {
    if (transaction.get(accountAliasRecords, [accountId])?.alias !== alias) {
      throw iamErrors.NoSuchEntity(`The account alias ${alias} cannot be found.`)
    }
    transaction.delete(accountAliasRecords, [accountId])
    return undefined
  },
})

export const ListAccountAliases = iamOperation({
  name: 'ListAccountAliases',
  input: structure(paging),
  readOnly: true,
  on: onAccount,
  handle({ transaction, accountId }) {
    const kept = transaction.get(accountAliasRecords, [accountId])
    return { AccountAliases: kept ? [kept.alias] : [], IsTruncated: false }
  },
})

export const GetAccountSummary = iamOperation({
  name: 'GetAccountSummary',
  input: structure({}),
  readOnly: true,
  on: onAccount,
  async handle(call) {
    const { transaction, accountId } = call
    const count = (type: Parameters<typeof countOf>[2]) => countOf(transaction, accountId, type)
    const summary: Record<string, number> = {
      AccessKeysPerUserQuota: quotas.AccessKeysPerUser,
      AccountAccessKeysPresent: 0,
      AccountMFAEnabled: 0,
      AccountPasswordPresent: 0,
      AccountSigningCertificatesPresent: 0,
      AssumeRolePolicySizeQuota: quotas.ACLSizePerRole,
      AttachedPoliciesPerGroupQuota: quotas.PoliciesPerGroup,
      AttachedPoliciesPerRoleQuota: quotas.PoliciesPerRole,
      AttachedPoliciesPerUserQuota: quotas.PoliciesPerUser,
      GlobalEndpointTokenVersion: 1,
      GroupPolicySizeQuota: 5120,
      Groups: await count('group'),
      GroupsPerUserQuota: quotas.GroupsPerUser,
      GroupsQuota: quotas.GroupsPerAccount,
      InstanceProfiles: await count('instance-profile'),
      InstanceProfilesQuota: quotas.InstanceProfilesPerAccount,
      MFADevices: 0,
      MFADevicesInUse: 0,
      Policies: await count('policy'),
      PoliciesQuota: quotas.PoliciesPerAccount,
      PolicySizeQuota: quotas.PolicySize,
      PolicyVersionsInUse: await countVersions(call),
      PolicyVersionsInUseQuota: 10_000,
      Providers: 0,
      RolePolicySizeQuota: 10_240,
      Roles: await count('role'),
      RolesQuota: quotas.RolesPerAccount,
      ServerCertificates: 0,
      ServerCertificatesQuota: 20,
      SigningCertificatesPerUserQuota: 2,
      UserPolicySizeQuota: 2048,
      Users: await count('user'),
      UsersQuota: quotas.UsersPerAccount,
      VersionsPerPolicyQuota: 5,
    }
    return { SummaryMap: new Map(Object.entries(summary)) }
  },
})

async function countVersions(call: IamCall): Promise<number> {
  let count = 0
  for await (const { arn } of walk(call, managedPolicies, 'policy')) {
    for await (const _ of call.transaction.entries(policyVersions, { within: [arn] })) count++
  }
  return count
}

const kinds = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] as const

export const GetAccountAuthorizationDetails = iamOperation({
  name: 'GetAccountAuthorizationDetails',
  input: structure({ Filter: list(enumeration(kinds)), ...paging }),
  readOnly: true,
  on: onAccount,
  differs: 'Of AWS’s own policies it knows those that are about the services here.',
  async handle(call, { Filter = [], ...asked }) {
    const wants = (kind: (typeof kinds)[number]) => Filter.length === 0 || Filter.includes(kind)
    const { rows, paging } = await pageOf(detailsOf(call, wants), asked, ({ position }) => position)
    const of = (member: Detail['member']) =>
      Promise.all(rows.filter((row) => row.member === member).map((row) => row.tell()))
    return {
      UserDetailList: await of('users'),
      GroupDetailList: await of('groups'),
      RoleDetailList: await of('roles'),
      Policies: await of('policies'),
      ...paging,
    }
  },
})

interface Detail {
  member: 'users' | 'groups' | 'roles' | 'policies'
  /** Kinds one after another, each by name. */
  position: string
  tell(): ReturnType<typeof policyDetail>
}

async function* detailsOf(call: IamCall, wants: (kind: (typeof kinds)[number]) => boolean): AsyncGenerator<Detail> {
  const row = (order: number, member: Detail['member'], arn: string, tell: Detail['tell']): Detail => {
    return { member, position: `${order} ${arn.slice(arn.lastIndexOf('/') + 1).toLowerCase()}`, tell }
  }
  if (wants('Group')) {
    for await (const group of walk(call, groups, 'group')) {
      yield row(1, 'groups', group.arn, async () => groupDetail(group))
    }
  }
  if (wants('Role')) {
    for await (const role of walk(call, principals, 'role')) {
      yield row(2, 'roles', role.arn, () => roleDetail(call, role))
    }
  }
  if (wants('User')) {
    for await (const user of walk(call, principals, 'user')) {
      yield row(3, 'users', user.arn, async () => userDetail(call, user))
    }
  }
  const uses = await countUses(call)
  if (wants('LocalManagedPolicy')) {
    for await (const policy of walk(call, managedPolicies, 'policy')) {
      yield row(4, 'policies', policy.arn, () => policyDetail(call, policy, uses))
    }
  }
  if (!wants('AWSManagedPolicy')) return
  const own = [...awsManagedPolicies.values()].sort((a, b) => (a.arn.toLowerCase() < b.arn.toLowerCase() ? -1 : 1))
  for (const policy of own) {
    // Of AWS's own, as on AWS, those that are in use.
    if (uses.has(policy.arn)) yield row(5, 'policies', policy.arn, () => policyDetail(call, policy, uses))
  }
}
