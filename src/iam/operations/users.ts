import { entityArn } from '../../identity/names.ts'
import { principals } from '../../identity/records.ts'
import { required, structure } from '../../protocol/shapes.ts'
import { boundaryOf } from '../entities/boundaries.ts'
import {
  arnNamed,
  countOf,
  findUser,
  newArn,
  newUniqueId,
  partsOf,
  positionOf,
  uniqueIdOf,
  userOrCaller,
  walk,
} from '../entities/entities.ts'
import { addPrincipal, removePrincipal, renamePrincipal, userOf } from '../entities/principals.ts'
import { checkTags } from '../entities/tags.ts'
import { iamErrors, requireQuota } from '../errors.ts'
import { iamOperation } from '../operation.ts'
import { pageOf, positionOfMarker } from '../pages.ts'
import { Arn, ExistingUserName, Path, PathPrefix, paging, Tags, UserName } from '../shapes.ts'

export const CreateUser = iamOperation({
  name: 'CreateUser',
  input: structure({ UserName: required(UserName), Path, PermissionsBoundary: Arn, Tags }),
  readOnly: false,
  on: ({ accountId }, { UserName: name, Path: path = '/' }) => entityArn({ accountId, type: 'user', path, name }),
  async handle(call, { UserName, Path, PermissionsBoundary, Tags = [] }) {
    checkTags('user', Tags)
    const arn = newArn(call, 'user', UserName, Path)
    requireQuota('UsersPerAccount', (await countOf(call.transaction, call.accountId, 'user')) + 1)
    const user = {
      arn,
      uniqueId: newUniqueId(call, 'AIDA'),
      createdAt: call.now,
      accessKeys: [],
      policies: [],
      permissionsBoundary: boundaryOf(call, PermissionsBoundary),
      tags: Tags,
    }
    addPrincipal(call, user)
    return { User: userOf(user) }
  },
})

export const GetUser = iamOperation({
  name: 'GetUser',
  input: structure({ UserName: ExistingUserName }),
  readOnly: true,
  on: (call, { UserName }) => (UserName === undefined ? call.caller.arn : arnNamed(call, 'user', UserName)),
  handle: (call, { UserName }) => ({ User: userOf(userOrCaller(call, UserName)) }),
})

export const ListUsers = iamOperation({
  name: 'ListUsers',
  input: structure({ PathPrefix, ...paging }),
  readOnly: true,
  on: ({ accountId }, { PathPrefix: path = '/' }) => `arn:aws:iam::${accountId}:user${path}`,
  async handle(call, { PathPrefix: pathPrefix, ...asked }) {
    const users = walk(call, principals, 'user', { pathPrefix, after: positionOfMarker(asked.Marker) })
    const { rows, paging } = await pageOf(users, asked, positionOf)
    return { Users: rows.map((user) => userOf(user, {})), ...paging }
  },
})

export const UpdateUser = iamOperation({
  name: 'UpdateUser',
  input: structure({ UserName: required(ExistingUserName), NewPath: Path, NewUserName: UserName }),
  readOnly: false,
  on: (call, { UserName }) => arnNamed(call, 'user', UserName),
  async handle(call, { UserName, NewPath, NewUserName }) {
    const user = findUser(call, UserName)
    const { accountId, path: oldPath, name: oldName } = partsOf(user.arn)
    const [path, name] = [NewPath ?? oldPath, NewUserName ?? oldName]
    if (name.toLowerCase() !== oldName.toLowerCase()) newArn(call, 'user', name)
    // The id stays, so that those who wait for it find the user under its new name.
    const kept = { ...user, uniqueId: uniqueIdOf(user) }
    await renamePrincipal(call, kept, entityArn({ accountId, type: 'user', path, name }))
    return undefined
  },
})

export const DeleteUser = iamOperation({
  name: 'DeleteUser',
  input: structure({ UserName: required(ExistingUserName) }),
  readOnly: false,
  on: (call, { UserName }) => arnNamed(call, 'user', UserName),
  async handle(call, { UserName }) {
    const user = findUser(call, UserName)
    const must = (what: string) => iamErrors.DeleteConflict(`Cannot delete entity, must ${what} first.`)
    if (user.accessKeys.length > 0) throw must('delete access keys')
    if (user.groups?.length) throw must('remove users from group')
    if (user.attachedPolicies?.length) throw must('detach all policies')
    if (user.policies?.length) throw must('delete policies')
    await removePrincipal(call, user)
    return undefined
  },
})
