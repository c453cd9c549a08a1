import { addGroup } from '../../identity/declare.ts'
import { entityArn, unstageName } from '../../identity/names.ts'
import { groups } from '../../identity/records.ts'
import { required, structure } from '../../protocol/shapes.ts'
import {
  arnNamed,
  countOf,
  findGroup,
  findUser,
  identityOf,
  membersOf,
  newArn,
  newUniqueId,
  partsOf,
  positionOf,
  uniqueIdOf,
  walk,
} from '../entities/entities.ts'
import { change, changePermissions, userOf } from '../entities/principals.ts'
import { iamErrors, requireQuota } from '../errors.ts'
import { type IamPlace, iamOperation } from '../operation.ts'
import { pageOf, positionOfMarker } from '../pages.ts'
import { ExistingUserName, GroupName, Path, PathPrefix, paging } from '../shapes.ts'

/* Groups of users, who have the policies of theirs. A user names its groups; a group does not list its members. */

const onGroup = (call: IamPlace, { GroupName }: { GroupName: string }) => arnNamed(call, 'group', GroupName)

export const CreateGroup = iamOperation({
  name: 'CreateGroup',
  input: structure({ Path, GroupName: required(GroupName) }),
  readOnly: false,
  on: ({ accountId }, { GroupName: name, Path: path = '/' }) => entityArn({ accountId, type: 'group', path, name }),
  async handle(call, { GroupName, Path }) {
    const arn = newArn(call, 'group', GroupName, Path)
    requireQuota('GroupsPerAccount', (await countOf(call.transaction, call.accountId, 'group')) + 1)
    const uniqueId = newUniqueId(call, 'AGPA')
    const group = { arn, uniqueId, createdAt: call.now, policies: [], attachedPolicies: [] }
    addGroup(call.transaction, group)
    return { Group: identityOf(group) }
  },
})

export const GetGroup = iamOperation({
  name: 'GetGroup',
  input: structure({ GroupName: required(GroupName), ...paging }),
  readOnly: true,
  on: (call, input) => onGroup(call, input),
  async handle(call, { GroupName, ...asked }) {
    const group = findGroup(call, GroupName)
    const { rows, paging } = await pageOf(await membersOf(call, group.arn), asked, positionOf)
    return { Group: identityOf(group), Users: rows.map((user) => userOf(user, {})), ...paging }
  },
})

export const ListGroups = iamOperation({
  name: 'ListGroups',
  input: structure({ PathPrefix, ...paging }),
  readOnly: true,
  on: ({ accountId }, { PathPrefix: path = '/' }) => `arn:aws:iam::${accountId}:group${path}`,
  async handle(call, { PathPrefix: pathPrefix, ...asked }) {
    const found = walk(call, groups, 'group', { pathPrefix, after: positionOfMarker(asked.Marker) })
    const { rows, paging } = await pageOf(found, asked, positionOf)
    return { Groups: rows.map(identityOf), ...paging }
  },
})

export const UpdateGroup = iamOperation({
  name: 'UpdateGroup',
  input: structure({ GroupName: required(GroupName), NewPath: Path, NewGroupName: GroupName }),
  readOnly: false,
  on: (call, input) => onGroup(call, input),
  async handle(call, { GroupName, NewPath, NewGroupName }) {
    const group = findGroup(call, GroupName)
    const { accountId, path: oldPath, name: oldName } = partsOf(group.arn)
    const [path, name] = [NewPath ?? oldPath, NewGroupName ?? oldName]
    if (name.toLowerCase() !== oldName.toLowerCase()) newArn(call, 'group', name)
    const arn = entityArn({ accountId, type: 'group', path, name })
    const members = await membersOf(call, group.arn)
    for (const user of members) {
      change(call, { ...user, groups: user.groups?.map((own) => (own === group.arn ? arn : own)) })
    }
    call.transaction.delete(groups, [group.arn])
    unstageName(call.transaction, group.arn)
    addGroup(call.transaction, { ...group, arn, uniqueId: uniqueIdOf(group) })
    return undefined
  },
})

export const DeleteGroup = iamOperation({
  name: 'DeleteGroup',
  input: structure({ GroupName: required(GroupName) }),
  readOnly: false,
  on: (call, input) => onGroup(call, input),
  async handle(call, { GroupName }) {
    const { arn, policies, attachedPolicies } = findGroup(call, GroupName)
    const must = (what: string) => iamErrors.DeleteConflict(`Cannot delete entity, must ${what} first.`)
    if ((await membersOf(call, arn)).length > 0) throw must('remove users from group')
    if (attachedPolicies.length > 0) throw must('detach all policies')
    if (policies.length > 0) throw must('delete policies')
    call.transaction.delete(groups, [arn])
    unstageName(call.transaction, arn)
    return undefined
  },
})

const membership = structure({ GroupName: required(GroupName), UserName: required(ExistingUserName) })

export const AddUserToGroup = iamOperation({
  name: 'AddUserToGroup',
  input: membership,
  readOnly: false,
  on: (call, input) => onGroup(call, input),
  handle(call, { GroupName, UserName }) {
    const user = findUser(call, UserName)
    const { arn } = findGroup(call, GroupName)
    const own = user.groups ?? []
    if (own.includes(arn)) return undefined
    requireQuota('GroupsPerUser', own.length + 1)
    changePermissions(call, { ...user, groups: [...own, arn] })
    return undefined
  },
})

export const RemoveUserFromGroup = iamOperation({
  name: 'RemoveUserFromGroup',
  input: membership,
  readOnly: false,
  on: (call, input) => onGroup(call, input),
  handle(call, { GroupName, UserName }) {
    const user = findUser(call, UserName)
    const { arn } = findGroup(call, GroupName)
    if (!user.groups?.includes(arn)) return undefined
    changePermissions(call, { ...user, groups: user.groups.filter((own) => own !== arn) })
    return undefined
  },
})

export const ListGroupsForUser = iamOperation({
  name: 'ListGroupsForUser',
  input: structure({ UserName: required(ExistingUserName), ...paging }),
  readOnly: true,
  on: (call, { UserName }) => arnNamed(call, 'user', UserName),
  async handle(call, { UserName, ...asked }) {
    const own = (findUser(call, UserName).groups ?? []).flatMap((arn) => call.transaction.get(groups, [arn]) ?? [])
    const sorted = own.sort((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1))
    const { rows, paging } = await pageOf(sorted, asked, positionOf)
    return { Groups: rows.map(identityOf), ...paging }
  },
})
