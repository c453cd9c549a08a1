import type { Caller } from '../../aws/caller.ts'
import { nameOfArn } from '../../identity/names.ts'
import { type Group, groups, type Principal } from '../../identity/records.ts'
import { principalCaller } from '../../identity/sessions.ts'
import { findGroup, findRole, findUser, nameOf } from '../entities/entities.ts'
import { findPolicy, nameOfPolicy } from '../entities/managed-policies.ts'
import { iamErrors } from '../errors.ts'
import type { IamCall } from '../operation.ts'
import type { SourcePolicy } from './simulate.ts'

/** Whose policies are simulated. */
export interface PolicySource {
  identity: SourcePolicy[]
  boundary?: SourcePolicy[]
  /** Of a user or role: who would call. Groups call nothing. */
  caller?: Caller
}

/**
 * The policies of a user (with those of its groups), a group, or a role, and what they are called in results.
 * @throws AwsError NoSuchEntity, InvalidInput for an ARN of something else
 */
export function sourceOf(call: IamCall, arn: string): PolicySource {
  const { type, name, accountId } = nameOfArn(arn) ?? {}
  if (accountId !== call.accountId || name === undefined) throw iamErrors.InvalidInput(`Invalid Entity Arn: ${arn}`)
  if (type === 'group') return { identity: policiesOf(call, 'group', findGroup(call, name)) }
  if (type === 'role') return ofPrincipal(call, 'role', findRole(call, name))
  if (type === 'user') return ofPrincipal(call, 'user', findUser(call, name))
  throw iamErrors.InvalidInput(`Invalid Entity Arn: ${arn}`)
}

function ofPrincipal(call: IamCall, type: 'user' | 'role', principal: Principal): PolicySource {
  const own = (principal.groups ?? []).flatMap((arn) => call.transaction.get(groups, [arn]) ?? [])
  const { permissionsBoundary: limit } = principal
  const caller = type === 'user' ? principalCaller(principal.arn, '', principal) : undefined
  return {
    identity: [
      ...administration(principal),
      ...policiesOf(call, type, principal),
      ...own.flatMap((group) => policiesOf(call, 'group', group)),
    ],
    boundary: limit === undefined ? undefined : managedOf(call, limit),
    caller,
  }
}

/** A principal of a fixture file without any policies may do everything, and so it may here. */
function administration({ policies, attachedPolicies = [], groups: own = [] }: Principal): SourcePolicy[] {
  if (policies !== undefined || attachedPolicies.length + own.length > 0) return []
  const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }]
  return [{ id: 'AdministratorAccess', document: JSON.stringify({ Version: '2012-10-17', Statement }) }]
}

function policiesOf(call: IamCall, type: 'user' | 'role' | 'group', holder: Principal | Group): SourcePolicy[] {
  const inline = (holder.policies ?? []).map(({ name, document }) => ({
    id: `${type}_${nameOf(holder)}_${name}`,
    document,
  }))
  return [...inline, ...(holder.attachedPolicies ?? []).flatMap((arn) => managedOf(call, arn))]
}

function managedOf(call: IamCall, arn: string): SourcePolicy[] {
  const policy = findPolicy(call, arn)
  return policy ? [{ id: nameOfPolicy(arn).name, document: policy.document }] : []
}
