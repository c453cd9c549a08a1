import { type Group, groups, type NamedPolicy, type Principal } from '../../identity/records.ts'
import type { IamCall } from '../operation.ts'
import { findGroup, findRole, findUser, type Place } from './entities.ts'
import { changePermissions } from './principals.ts'

/** What policies are put on or attached to: users, roles and groups are alike in it. */
export interface Holder<Kept extends Held = Held> {
  label: 'User' | 'Role' | 'Group'
  type: 'user' | 'role' | 'group'
  /** Characters of all inline policies together (IAM User Guide, "IAM and AWS STS quotas"). */
  longestInline: number
  /** @throws AwsError NoSuchEntity */
  find(place: Place, name: string): Kept
  /** Stages what it holds from now on. */
  put(
    call: IamCall,
    kept: Kept,
    held: { policies?: readonly NamedPolicy[]; attachedPolicies?: readonly string[] },
  ): void
}

type Held = Principal | Group

export const users: Holder<Principal> = {
  label: 'User',
  type: 'user',
  longestInline: 2048,
  find: findUser,
  put: (call, user, held) => changePermissions(call, { ...user, ...held }),
}

export const roles: Holder<Principal> = {
  label: 'Role',
  type: 'role',
  longestInline: 10_240,
  find: findRole,
  put: (call, role, held) => changePermissions(call, { ...role, ...held }),
}

export const groupHolder: Holder<Group> = {
  label: 'Group',
  type: 'group',
  longestInline: 5120,
  find: findGroup,
  put: ({ transaction }, group, held) => transaction.put(groups, [group.arn], { ...group, ...held }),
}
