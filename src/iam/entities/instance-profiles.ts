import { type InstanceProfile, instanceProfiles, principals } from '../../identity/records.ts'
import type { QueryOutput } from '../../protocol/query-output.ts'
import { identityOf, type Place, walk } from './entities.ts'
import { tagsOf } from './principals.ts'
import { roleOf } from './roles.ts'

/** An instance profile in an answer, its roles with it. */
export function profileOf(
  { transaction }: Pick<Place, 'transaction'>,
  profile: InstanceProfile,
  shown: { tags?: 'given' | 'always' } = {},
): QueryOutput {
  const { roles, tags = [] } = profile
  const isTold = shown.tags === 'always' || (shown.tags === 'given' && tags.length > 0)
  return {
    ...identityOf(profile),
    Roles: roles.flatMap((arn) => transaction.get(principals, [arn]) ?? []).map((role) => roleOf(role)),
    Tags: isTold ? tagsOf(tags) : undefined,
  }
}

export async function profilesOfRole(place: Place, role: string): Promise<InstanceProfile[]> {
  const found: InstanceProfile[] = []
  for await (const profile of walk(place, instanceProfiles, 'instance-profile')) {
    if (profile.roles.includes(role)) found.push(profile)
  }
  return found
}
