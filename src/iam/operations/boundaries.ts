import type { Principal } from '../../identity/records.ts'
import { required, type Shape, structure } from '../../protocol/shapes.ts'
import { boundaryOf } from '../entities/boundaries.ts'
import { arnNamed } from '../entities/entities.ts'
import { type Holder, roles, users } from '../entities/holders.ts'
import { change } from '../entities/principals.ts'
import { iamOperation } from '../operation.ts'
import { Arn, RoleName, UserName } from '../shapes.ts'

/* Permissions boundaries of users and roles. */

function put<Input extends { PermissionsBoundary: string }>(
  holder: Holder<Principal>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Put${holder.label}PermissionsBoundary`,
    input,
    readOnly: false,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    handle(call, given) {
      const held = holder.find(call, nameIn(given))
      change(call, { ...held, permissionsBoundary: boundaryOf(call, given.PermissionsBoundary) })
      return undefined
    },
  })
}

function remove<Input extends object>(
  holder: Holder<Principal>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Delete${holder.label}PermissionsBoundary`,
    input,
    readOnly: false,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    handle(call, given) {
      change(call, { ...holder.find(call, nameIn(given)), permissionsBoundary: undefined })
      return undefined
    },
  })
}

const boundary = { PermissionsBoundary: required(Arn) }
const ofUser = { UserName: required(UserName) }
const ofRole = { RoleName: required(RoleName) }

export const PutUserPermissionsBoundary = put(users, structure({ ...ofUser, ...boundary }), (input) => input.UserName)
export const PutRolePermissionsBoundary = put(roles, structure({ ...ofRole, ...boundary }), (input) => input.RoleName)
export const DeleteUserPermissionsBoundary = remove(users, structure(ofUser), ({ UserName }) => UserName)
export const DeleteRolePermissionsBoundary = remove(roles, structure(ofRole), ({ RoleName }) => RoleName)
