import type { Group, Principal } from '../../identity/records.ts'
import { required, type Shape, structure } from '../../protocol/shapes.ts'
import { arnNamed } from '../entities/entities.ts'
import { groupHolder, type Holder, roles, users } from '../entities/holders.ts'
import { attachedOf, requirePolicy } from '../entities/managed-policies.ts'
import { iamErrors, type quotas, requireQuota } from '../errors.ts'
import { iamOperation } from '../operation.ts'
import { type Paging, pageOf } from '../pages.ts'
import { Arn, GroupName, PolicyPath, paging, RoleName, UserName } from '../shapes.ts'

/* Managed policies attached to users, roles and groups. */

function attach<Kept extends Principal | Group, Input extends { PolicyArn: string }>(
  holder: Holder<Kept>,
  quota: keyof typeof quotas,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Attach${holder.label}Policy`,
    input,
    readOnly: false,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    handle(call, given) {
      const held = holder.find(call, nameIn(given))
      const words = `Policy ${given.PolicyArn} does not exist or is not attachable.`
      const { arn } = requirePolicy(call, given.PolicyArn, words)
      const attached = held.attachedPolicies ?? []
      if (attached.includes(arn)) return undefined
      requireQuota(quota, attached.length + 1)
      holder.put(call, held, { attachedPolicies: [...attached, arn] })
      return undefined
    },
  })
}

function detach<Kept extends Principal | Group, Input extends { PolicyArn: string }>(
  holder: Holder<Kept>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `Detach${holder.label}Policy`,
    input,
    readOnly: false,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    handle(call, given) {
      const held = holder.find(call, nameIn(given))
      const attached = held.attachedPolicies ?? []
      if (!attached.includes(given.PolicyArn)) {
        throw iamErrors.NoSuchEntity(`Policy ${given.PolicyArn} was not found.`)
      }
      holder.put(call, held, { attachedPolicies: attached.filter((arn) => arn !== given.PolicyArn) })
      return undefined
    },
  })
}

function listing<Kept extends Principal | Group, Input extends Paging & { PathPrefix?: string }>(
  holder: Holder<Kept>,
  input: Shape<Input>,
  nameIn: (input: Input) => string,
) {
  return iamOperation({
    name: `ListAttached${holder.label}Policies`,
    input,
    readOnly: true,
    on: (call, given) => arnNamed(call, holder.type, nameIn(given)),
    async handle(call, given) {
      const { PathPrefix = '/' } = given
      const attached = attachedOf(holder.find(call, nameIn(given)).attachedPolicies)
      const wanted = attached.filter(({ PolicyArn }) => PolicyArn.includes(`:policy${PathPrefix}`))
      const { rows, paging } = await pageOf(wanted, given, ({ PolicyName, PolicyArn }) => {
        return `${PolicyName.toLowerCase()} ${PolicyArn}`
      })
      return { AttachedPolicies: rows, ...paging }
    },
  })
}

const one = { PolicyArn: required(Arn) }
const several = { PathPrefix: PolicyPath, ...paging }
const ofUser = structure({ UserName: required(UserName), ...one })
const ofRole = structure({ RoleName: required(RoleName), ...one })
const ofGroup = structure({ GroupName: required(GroupName), ...one })

export const AttachUserPolicy = attach(users, 'PoliciesPerUser', ofUser, ({ UserName }) => UserName)
export const AttachRolePolicy = attach(roles, 'PoliciesPerRole', ofRole, ({ RoleName }) => RoleName)
export const AttachGroupPolicy = attach(groupHolder, 'PoliciesPerGroup', ofGroup, ({ GroupName }) => GroupName)
export const DetachUserPolicy = detach(users, ofUser, ({ UserName }) => UserName)
export const DetachRolePolicy = detach(roles, ofRole, ({ RoleName }) => RoleName)
export const DetachGroupPolicy = detach(groupHolder, ofGroup, ({ GroupName }) => GroupName)
export const ListAttachedUserPolicies = listing(
  users,
  structure({ UserName: required(UserName), ...several }),
  ({ UserName }) => UserName,
)
export const ListAttachedRolePolicies = listing(
  roles,
  structure({ RoleName: required(RoleName), ...several }),
  ({ RoleName }) => RoleName,
)
export const ListAttachedGroupPolicies = listing(
  groupHolder,
  structure({ GroupName: required(GroupName), ...several }),
  ({ GroupName }) => GroupName,
)
