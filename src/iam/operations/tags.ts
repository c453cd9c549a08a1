import { type EntityType, instanceProfiles, managedPolicies, type Tag } from '../../identity/records.ts'
import { required, type Shape, structure } from '../../protocol/shapes.ts'
import { arnNamed, findInstanceProfile, findRole, findUser } from '../entities/entities.ts'
import { requireOwnPolicy, requirePolicy } from '../entities/managed-policies.ts'
import { change, tagsOf } from '../entities/principals.ts'
import { withoutTags, withTags } from '../entities/tags.ts'
import { type IamCall, type IamPlace, iamOperation } from '../operation.ts'
import { type Paging, pageOf } from '../pages.ts'
import { Arn, ExistingUserName, InstanceProfileName, paging, RoleName, TagKeys, Tags } from '../shapes.ts'

/* Tags of users, roles, policies and instance profiles: tag, untag, list. */

/** What can have tags. */
interface Tagged {
  label: 'User' | 'Role' | 'Policy' | 'InstanceProfile'
  type: EntityType
  arnOf(call: IamPlace, name: string): string
  /** @throws AwsError NoSuchEntity */
  tagsOf(call: IamCall, name: string): readonly Tag[] | undefined
  put(call: IamCall, name: string, tags: readonly Tag[]): void
}

const user: Tagged = {
  label: 'User',
  type: 'user',
  arnOf: (call, name) => arnNamed(call, 'user', name),
  tagsOf: (call, name) => findUser(call, name).tags,
  put: (call, name, tags) => change(call, { ...findUser(call, name), tags }),
}
const role: Tagged = {
  label: 'Role',
  type: 'role',
  arnOf: (call, name) => arnNamed(call, 'role', name),
  tagsOf: (call, name) => findRole(call, name).tags,
  put: (call, name, tags) => change(call, { ...findRole(call, name), tags }),
}
const policy: Tagged = {
  label: 'Policy',
  type: 'policy',
  arnOf: (_call, arn) => arn,
  tagsOf: (call, arn) => requirePolicy(call, arn).tags,
  put: (call, arn, tags) => call.transaction.put(managedPolicies, [arn], { ...requireOwnPolicy(call, arn), tags }),
}
const profile: Tagged = {
  label: 'InstanceProfile',
  type: 'instance-profile',
  arnOf: (call, name) => arnNamed(call, 'instance-profile', name),
  tagsOf: (call, name) => findInstanceProfile(call, name).tags,
  put(call, name, tags) {
    const found = findInstanceProfile(call, name)
    call.transaction.put(instanceProfiles, [found.arn], { ...found, tags })
  },
}

function tag<Input extends { Tags: Tag[] }>(tagged: Tagged, input: Shape<Input>, nameIn: (input: Input) => string) {
  return iamOperation({
    name: `Tag${tagged.label}`,
    input,
    readOnly: false,
    on: (call, given) => tagged.arnOf(call, nameIn(given)),
    handle(call, given) {
      const name = nameIn(given)
      tagged.put(call, name, withTags(tagged.type, tagged.tagsOf(call, name), given.Tags))
      return undefined
    },
  })
}

function untag<Input extends { TagKeys: string[] }>(
  tagged: Tagged,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Untag${tagged.label}`,
    input,
    readOnly: false,
    on: (call, given) => tagged.arnOf(call, nameIn(given)),
    handle(call, given) {
      const name = nameIn(given)
      tagged.put(call, name, withoutTags(tagged.type, tagged.tagsOf(call, name), given.TagKeys))
      return undefined
    },
  })
}

function listing<Input extends Paging>(tagged: Tagged, input: Shape<Input>, nameIn: (input: Input) => string) {
  return iamOperation({
    name: `List${tagged.label}Tags`,
    input,
    readOnly: true,
    on: (call, given) => tagged.arnOf(call, nameIn(given)),
    async handle(call, given) {
      const tags = tagsOf(tagged.tagsOf(call, nameIn(given)))
      const { rows, paging } = await pageOf(tags, given, ({ Key }) => String(Key))
      return { Tags: rows, ...paging }
    },
  })
}

const ofUser = { UserName: required(ExistingUserName) }
const ofRole = { RoleName: required(RoleName) }
const ofPolicy = { PolicyArn: required(Arn) }
const ofProfile = { InstanceProfileName: required(InstanceProfileName) }
const tags = { Tags: required(Tags) }
const keys = { TagKeys: required(TagKeys) }

export const TagUser = tag(user, structure({ ...ofUser, ...tags }), (input) => input.UserName)
export const TagRole = tag(role, structure({ ...ofRole, ...tags }), (input) => input.RoleName)
export const TagPolicy = tag(policy, structure({ ...ofPolicy, ...tags }), (input) => input.PolicyArn)
export const TagInstanceProfile = tag(
  profile,
  structure({ ...ofProfile, ...tags }),
  (input) => input.InstanceProfileName,
)
export const UntagUser = untag(user, structure({ ...ofUser, ...keys }), (input) => input.UserName)
export const UntagRole = untag(role, structure({ ...ofRole, ...keys }), (input) => input.RoleName)
export const UntagPolicy = untag(policy, structure({ ...ofPolicy, ...keys }), (input) => input.PolicyArn)
export const UntagInstanceProfile = untag(
  profile,
  structure({ ...ofProfile, ...keys }),
  (input) => input.InstanceProfileName,
)
export const ListUserTags = listing(user, structure({ ...ofUser, ...paging }), (input) => input.UserName)
export const ListRoleTags = listing(role, structure({ ...ofRole, ...paging }), (input) => input.RoleName)
export const ListPolicyTags = listing(policy, structure({ ...ofPolicy, ...paging }), (input) => input.PolicyArn)
export const ListInstanceProfileTags = listing(
  profile,
  structure({ ...ofProfile, ...paging }),
  (input) => input.InstanceProfileName,
)
