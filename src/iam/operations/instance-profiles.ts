import { entityArn, stageName, unstageName } from '../../identity/names.ts'
import { instanceProfiles } from '../../identity/records.ts'
import { required, structure } from '../../protocol/shapes.ts'
import {
  arnNamed,
  countOf,
  findInstanceProfile,
  findRole,
  newArn,
  newUniqueId,
  positionOf,
  walk,
} from '../entities/entities.ts'
import { profileOf, profilesOfRole } from '../entities/instance-profiles.ts'
import { checkTags } from '../entities/tags.ts'
import { iamErrors, requireQuota } from '../errors.ts'
import { type IamPlace, iamOperation } from '../operation.ts'
import { pageOf, positionOfMarker } from '../pages.ts'
import { InstanceProfileName, Path, PathPrefix, paging, RoleName, Tags } from '../shapes.ts'

/* Instance profiles, as programs that set up infrastructure expect them: no instance here ever uses one. */

const onProfile = (call: IamPlace, { InstanceProfileName: name }: { InstanceProfileName: string }) =>
  arnNamed(call, 'instance-profile', name)

export const CreateInstanceProfile = iamOperation({
  name: 'CreateInstanceProfile',
  input: structure({ InstanceProfileName: required(InstanceProfileName), Path, Tags }),
  readOnly: false,
  on: ({ accountId }, { InstanceProfileName: name, Path: path = '/' }) =>
    entityArn({ accountId, type: 'instance-profile', path, name }),
  async handle(call, { InstanceProfileName, Path, Tags = [] }) {
    checkTags('instance-profile', Tags)
    const arn = newArn(call, 'instance-profile', InstanceProfileName, Path)
    const count = await countOf(call.transaction, call.accountId, 'instance-profile')
    requireQuota('InstanceProfilesPerAccount', count + 1)
    const profile = { arn, uniqueId: newUniqueId(call, 'AIPA'), createdAt: call.now, roles: [], tags: Tags }
    call.transaction.put(instanceProfiles, [arn], profile)
    stageName(call.transaction, arn)
    return { InstanceProfile: profileOf(call, profile, { tags: 'given' }) }
  },
})

export const GetInstanceProfile = iamOperation({
  name: 'GetInstanceProfile',
  input: structure({ InstanceProfileName: required(InstanceProfileName) }),
  readOnly: true,
  on: (call, input) => onProfile(call, input),
  handle: (call, { InstanceProfileName }) => ({
    InstanceProfile: profileOf(call, findInstanceProfile(call, InstanceProfileName), { tags: 'always' }),
  }),
})

export const ListInstanceProfiles = iamOperation({
  name: 'ListInstanceProfiles',
  input: structure({ PathPrefix, ...paging }),
  readOnly: true,
  on: ({ accountId }, { PathPrefix: path = '/' }) => `arn:aws:iam::${accountId}:instance-profile${path}`,
  async handle(call, { PathPrefix: pathPrefix, ...asked }) {
    const after = positionOfMarker(asked.Marker)
    const found = walk(call, instanceProfiles, 'instance-profile', { pathPrefix, after })
    const { rows, paging } = await pageOf(found, asked, positionOf)
    return { InstanceProfiles: rows.map((profile) => profileOf(call, profile)), ...paging }
  },
})

export const ListInstanceProfilesForRole = iamOperation({
  name: 'ListInstanceProfilesForRole',
  input: structure({ RoleName: required(RoleName), ...paging }),
  readOnly: true,
  on: (call, { RoleName }) => arnNamed(call, 'role', RoleName),
  async handle(call, { RoleName, ...asked }) {
    const found = await profilesOfRole(call, findRole(call, RoleName).arn)
    const { rows, paging } = await pageOf(found, asked, positionOf)
    return { InstanceProfiles: rows.map((profile) => profileOf(call, profile)), ...paging }
  },
})

export const DeleteInstanceProfile = iamOperation({
  name: 'DeleteInstanceProfile',
  input: structure({ InstanceProfileName: required(InstanceProfileName) }),
  readOnly: false,
  on: (call, input) => onProfile(call, input),
  handle(call, { InstanceProfileName }) {
    const { arn, roles } = findInstanceProfile(call, InstanceProfileName)
    if (roles.length > 0) {
      throw iamErrors.DeleteConflict('Cannot delete entity, must remove roles from instance profile first.')
    }
    call.transaction.delete(instanceProfiles, [arn])
    unstageName(call.transaction, arn)
    return undefined
  },
})

const roleInProfile = structure({
  InstanceProfileName: required(InstanceProfileName),
  RoleName: required(RoleName),
})

export const AddRoleToInstanceProfile = iamOperation({
  name: 'AddRoleToInstanceProfile',
  input: roleInProfile,
  readOnly: false,
  on: (call, input) => onProfile(call, input),
  handle(call, { InstanceProfileName, RoleName }) {
    const profile = findInstanceProfile(call, InstanceProfileName)
    const roles = [...profile.roles, findRole(call, RoleName).arn]
    requireQuota('InstanceSessionsPerInstanceProfile', roles.length)
    call.transaction.put(instanceProfiles, [profile.arn], { ...profile, roles })
    return undefined
  },
})

export const RemoveRoleFromInstanceProfile = iamOperation({
  name: 'RemoveRoleFromInstanceProfile',
  input: roleInProfile,
  readOnly: false,
  on: (call, input) => onProfile(call, input),
  handle(call, { InstanceProfileName, RoleName }) {
    const profile = findInstanceProfile(call, InstanceProfileName)
    const { arn } = findRole(call, RoleName)
    if (!profile.roles.includes(arn)) {
      throw iamErrors.NoSuchEntity(`Role ${RoleName} in Instance Profile ${InstanceProfileName} cannot be found.`)
    }
    const roles = profile.roles.filter((role) => role !== arn)
    call.transaction.put(instanceProfiles, [profile.arn], { ...profile, roles })
    return undefined
  },
})
