import { type Group, groups, type ManagedPolicy, type NamedPolicy, type Principal } from '../../identity/records.ts'
import type { QueryOutput } from '../../protocol/query-output.ts'
import { identityOf, nameOf, type Place } from './entities.ts'
import { profileOf, profilesOfRole } from './instance-profiles.ts'
import { attachedOf, encodedDocument, policyOf, type UseCounts } from './managed-policies.ts'
import { versionMember, versionsOf } from './policy-versions.ts'
import { moreOf, tagsOf } from './principals.ts'
import { roleOf } from './roles.ts'

/* Users, groups, roles and policies as GetAccountAuthorizationDetails tells of them (evidence: iam-account-details). */

export function userDetail({ transaction }: Place, user: Principal): QueryOutput {
  const own = (user.groups ?? []).flatMap((arn) => transaction.get(groups, [arn]) ?? [])
  return {
    ...identityOf(user),
    UserPolicyList: user.policies?.length ? inlineOf(user.policies) : undefined,
    GroupList: own.map(nameOf),
    AttachedManagedPolicies: attachedOf(user.attachedPolicies),
    ...moreOf(user, { boundary: true }),
    Tags: tagsOf(user.tags),
  }
}

export function groupDetail(group: Group): QueryOutput {
  return {
    ...identityOf(group),
    GroupPolicyList: inlineOf(group.policies),
    AttachedManagedPolicies: attachedOf(group.attachedPolicies),
  }
}

export async function roleDetail(place: Place, role: Principal): Promise<QueryOutput> {
  const profiles = await profilesOfRole(place, role.arn)
  return {
    ...roleOf(role, { boundary: true, tags: 'always', lastUsed: true }),
    InstanceProfileList: profiles.map((profile) => profileOf(place, profile)),
    RolePolicyList: inlineOf(role.policies),
    AttachedManagedPolicies: attachedOf(role.attachedPolicies),
  }
}

export async function policyDetail(place: Place, policy: ManagedPolicy, uses: UseCounts): Promise<QueryOutput> {
  const versions = await versionsOf(place, policy)
  return {
    ...policyOf(policy, uses),
    Description: policy.description,
    PolicyVersionList: versions
      .reverse()
      .map(({ document, ...version }) => ({ Document: encodedDocument(document), ...versionMember(version) })),
  }
}

function inlineOf(policies: readonly NamedPolicy[] = []): QueryOutput[] {
  return policies.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encodedDocument(document) }))
}
