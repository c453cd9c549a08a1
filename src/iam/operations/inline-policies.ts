import type { Group, Principal } from '../../identity/records.ts'
import { required, type Shape, structure } from '../../protocol/shapes.ts'
import { sizeOf } from '../documents/document.ts'
import { checkIdentityDocument } from '../documents/identity-document.ts'
import { arnNamed, nameOf } from '../entities/entities.ts'
import { groupHolder, type Holder, roles, users } from '../entities/holders.ts'
import { encodedDocument } from '../entities/managed-policies.ts'
import { iamErrors } from '../errors.ts'
import { iamOperation } from '../operation.ts'
import { type Paging, pageOf } from '../pages.ts'
import { ExistingUserName, GroupName, PolicyDocument, PolicyName, paging, RoleName } from '../shapes.ts'

/* Inline policies of users, roles and groups. */

const one = { PolicyName: required(PolicyName) }
const document = { PolicyName: required(PolicyName), PolicyDocument: required(PolicyDocument) }
const ofUser = { UserName: required(ExistingUserName) }
const ofRole = { RoleName: required(RoleName) }
const ofGroup = { GroupName: required(GroupName) }

function put<Kept extends Principal | Group, Input extends { PolicyName: string; PolicyDocument: string }>(
  holder: Holder<Kept>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Put${holder.label}Policy`,
    input,
    readOnly: false,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    handle(call, given) {
      const held = holder.find(call, nameIn(given))
      const { PolicyName: name, PolicyDocument: document } = given
      checkIdentityDocument(document, 'inline')
      const policies = [...(held.policies ?? []).filter((policy) => policy.name !== name), { name, document }]
      if (policies.reduce((sum, policy) => sum + sizeOf(policy.document), 0) > holder.longestInline) {
        throw iamErrors.LimitExceeded(
          `Maximum policy size of ${holder.longestInline} bytes exceeded for ${holder.type} ${nameOf(held)}`,
        )
      }
      holder.put(call, held, { policies })
      return undefined
    },
  })
}

function get<Kept extends Principal | Group, Input extends { PolicyName: string }>(
  holder: Holder<Kept>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Get${holder.label}Policy`,
    input,
    readOnly: true,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    handle(call, given) {
      const held = holder.find(call, nameIn(given))
      const { name, document } = findPolicy(holder, held, given.PolicyName)
      return { [`${holder.label}Name`]: nameOf(held), PolicyName: name, PolicyDocument: encodedDocument(document) }
    },
  })
}

function remove<Kept extends Principal | Group, Input extends { PolicyName: string }>(
  holder: Holder<Kept>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Delete${holder.label}Policy`,
    input,
    readOnly: false,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    handle(call, given) {
      const held = holder.find(call, nameIn(given))
      const gone = findPolicy(holder, held, given.PolicyName)
      holder.put(call, held, { policies: held.policies?.filter((policy) => policy !== gone) })
      return undefined
    },
  })
}

function listing<Kept extends Principal | Group, Input extends Paging>(
  holder: Holder<Kept>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `List${holder.label}Policies`,
    input,
    readOnly: true,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    async handle(call, given) {
      const names = (holder.find(call, nameIn(given)).policies ?? []).map(({ name }) => name).sort()
      const { rows, paging } = await pageOf(names, given, (name) => name)
      return { PolicyNames: rows, ...paging }
    },
  })
}

/** @throws AwsError NoSuchEntity */
function findPolicy({ type }: Pick<Holder, 'type'>, { policies }: Principal | Group, wanted: string) {
  const found = policies?.find(({ name }) => name === wanted)
  if (!found) throw iamErrors.NoSuchEntity(`The ${type} policy with name ${wanted} cannot be found.`)
  return found
}

export const PutUserPolicy = put(users, structure({ ...ofUser, ...document }), ({ UserName }) => UserName)
export const PutRolePolicy = put(roles, structure({ ...ofRole, ...document }), ({ RoleName }) => RoleName)
export const PutGroupPolicy = put(groupHolder, structure({ ...ofGroup, ...document }), ({ GroupName }) => GroupName)
export const GetUserPolicy = get(users, structure({ ...ofUser, ...one }), ({ UserName }) => UserName)
export const GetRolePolicy = get(roles, structure({ ...ofRole, ...one }), ({ RoleName }) => RoleName)
export const GetGroupPolicy = get(groupHolder, structure({ ...ofGroup, ...one }), ({ GroupName }) => GroupName)
export const DeleteUserPolicy = remove(users, structure({ ...ofUser, ...one }), ({ UserName }) => UserName)
export const DeleteRolePolicy = remove(roles, structure({ ...ofRole, ...one }), ({ RoleName }) => RoleName)
export const DeleteGroupPolicy = remove(groupHolder, structure({ ...ofGroup, ...one }), ({ GroupName }) => GroupName)
export const ListUserPolicies = listing(users, structure({ ...ofUser, ...paging }), ({ UserName }) => UserName)
export const ListRolePolicies = listing(roles, structure({ ...ofRole, ...paging }), ({ RoleName }) => RoleName)
export const ListGroupPolicies = listing(
  groupHolder,
  structure({ ...ofGroup, ...paging }),
  ({ GroupName }) => GroupName,
)
