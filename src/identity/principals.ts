import type { Ambient } from '../ambient.ts'
import { parseArn } from '../aws/arn.ts'
import { type Caller, principalIdOf, userCaller } from '../aws/caller.ts'
import type { Credential, CredentialSource } from '../protocol/authentication.ts'
import type { Database, Transaction } from '../store/database.ts'
import { awsManagedPolicies } from './aws-managed-policies.ts'
import { stageName } from './names.ts'
import {
  accessKeys,
  groups,
  type ManagedPolicy,
  managedPolicies,
  type NamedPolicy,
  type Principal,
  principals,
} from './records.ts'
import {
  credentialOfSession,
  openSessions,
  principalCaller,
  type Sessions,
  sessionCaller,
  sessionPolicies,
} from './sessions.ts'

export type { NamedPolicy, Principal } from './records.ts'

/*
 * Who calls, and what it may do of its own:
 *
 *   access key ─▶ principal, or session ─▶ its principal
 *                   identity   inline policies, managed ones, those of its groups     none of them: administrator of its account
 *                   boundary   what these may allow at most
 *                   session    what the session was narrowed to
 *
 * The user `test` is always there. Nothing is cached: what IAM is told, a fixture or a reset counts at once.
 */

export interface Principals extends CredentialSource {
  readonly sessions: Sessions
  /** Stages a principal and its access keys, in place of an earlier one of the same ARN. */
  add(transaction: Transaction, principal: Principal): void
  get(arn: string): Principal | undefined
  list(): Promise<Principal[]>
  /** A managed policy, of an account or AWS's own. */
  managedPolicy(arn: string): ManagedPolicy | undefined
  /** Whose an access key is that was declared or given out, be it deleted by now. */
  accountOf(accessKeyId: string): string | undefined
  /** What decides of a caller's own permissions, each side apart. */
  permissionsOf(caller: Caller): Permissions
}

/** A caller's own policies. All that is there must allow; a Deny in any refuses. */
export interface Permissions {
  /**
   * Inline policies, managed ones and those of its groups. Undefined: an administrator, which is a principal without policies, an
   * account's root, a caller nobody declared
   */
  identity?: readonly NamedPolicy[]
  /** The permissions boundary: what the identity policies may allow at most. One that is gone allows nothing. */
  boundary?: NamedPolicy
  /** What a session was narrowed to when it was given out: one of these must allow. */
  session?: readonly NamedPolicy[]
}

/** What those who weigh policies ask of principals. */
export type Identities = Pick<Principals, 'permissionsOf'>

export interface PrincipalsOptions {
  database: Database
  ambient: Ambient
  accountId: string
  /** permissive: an unknown access key is an administrator, an IAM user of the key's name; strict: it is refused */
  mode: 'permissive' | 'strict'
  /** Of administrators beside test, by settings rather than by records: `id:secret`. */
  accessKeys?: readonly string[]
}

/** Opens the principals of a store. */
export function openPrincipals({
  database,
  ambient,
  accountId,
  mode,
  accessKeys: given = [],
}: PrincipalsOptions): Principals {
  const test: Credential = { caller: userCaller(accountId, 'test', 'test'), secretAccessKey: 'test', isPublic: true }
  const administrators = new Map(given.map((accessKey) => administratorOf(accountId, accessKey)))
  const sessions = openSessions({ database, ambient })
  const get = (arn: string) => database.get(principals, [arn])
  const managedPolicy = (arn: string) => awsManagedPolicies.get(arn) ?? database.get(managedPolicies, [arn])
  const documentOf = (arn: string) => namedOf(managedPolicy(arn))
  /** A role that was made again is another one, of which old sessions get nothing. */
  const principalOf = ({ arn, role, federatedBy }: Caller) => {
    const principal = get(role?.arn ?? federatedBy?.arn ?? arn)
    return role && role.principalId !== (principal && roleIdOf(principal)) ? undefined : principal
  }
  const policiesOfGroup = (arn: string) => {
    const group = database.get(groups, [arn])
    return group ? [...group.policies, ...group.attachedPolicies.flatMap((policy) => documentOf(policy) ?? [])] : []
  }
  const identityOf = ({ policies, attachedPolicies = [], groups = [] }: Principal) => {
    if (attachedPolicies.length === 0 && groups.length === 0) return policies
    const attached = attachedPolicies.flatMap((arn) => documentOf(arn) ?? [])
    return [...(policies ?? []), ...attached, ...groups.flatMap(policiesOfGroup)]
  }
  const boundaryOf = ({ permissionsBoundary: arn }: Principal) =>
    arn === undefined ? undefined : (documentOf(arn) ?? nothing)
  const sessionOf = ({ accessKeyId = '' }: Caller) => {
    const session = sessions.get(accessKeyId)
    return session && sessionPolicies(session, documentOf)
  }

  return {
    sessions,
    get,
    managedPolicy,

    find(accessKeyId) {
      if (accessKeyId === 'test') return test
      const administrator = administrators.get(accessKeyId)
      if (administrator) return administrator
      const key = database.get(accessKeys, [accessKeyId])
      if (key) return key.isInactive || key.isDeleted ? undefined : credentialOf(key, accessKeyId, get(key.arn))
      const session = accessKeyId.startsWith('ASIA') ? sessions.get(accessKeyId) : undefined
      if (session) return credentialOfSession(accessKeyId, session, get(session.roleArn), ambient.now())
      return mode === 'strict' ? undefined : { caller: strangerOf(accountId, accessKeyId) }
    },

    add(transaction, principal) {
      for (const { id } of transaction.get(principals, [principal.arn])?.accessKeys ?? []) {
        transaction.delete(accessKeys, [id])
      }
      transaction.put(principals, [principal.arn], principal)
      stageName(transaction, principal.arn)
      for (const { id, secret, isInactive } of principal.accessKeys) {
        transaction.put(accessKeys, [id], { arn: principal.arn, secret, isInactive })
      }
    },

    async list() {
      const found: Principal[] = []
      for await (const { value } of database.entries(principals)) found.push(value)
      return found
    },

    accountOf(accessKeyId) {
      const arn = database.get(accessKeys, [accessKeyId])?.arn ?? sessions.get(accessKeyId)?.roleArn
      return arn === undefined ? undefined : parseArn(arn)?.accountId
    },

    permissionsOf(caller) {
      if (caller.type === 'Root' || caller.role?.isUndeclared) return administrator
      const principal = principalOf(caller)
      const isSession = caller.role !== undefined || caller.federatedBy !== undefined
      if (!principal && !isSession) return administrator
      return {
        identity: principal ? identityOf(principal) : caller.role && [],
        boundary: principal && boundaryOf(principal),
        session: isSession ? sessionOf(caller) : undefined,
      }
    },
  }
}

const administrator: Readonly<Permissions> = {}

/** What allows nothing. */
const nothing: NamedPolicy = { name: '', document: '{"Version":"2012-10-17","Statement":[]}' }

function namedOf(policy: ManagedPolicy | undefined): NamedPolicy | undefined {
  return (
    policy && { name: policy.arn.slice(policy.arn.lastIndexOf('/') + 1), arn: policy.arn, document: policy.document }
  )
}

/** Whether an ARN names what can hold access keys here: a user, a role, or the root of an account. */
export function isPrincipalArn(text: string): boolean {
  return /^arn:aws:iam::\d{12}:(root|(user|role)\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64})$/.test(text)
}

function roleIdOf({ uniqueId, arn }: Principal): string {
  return uniqueId ?? principalIdOf('AROA', arn)
}

/** A principal's own access key. A role has none on AWS: here it makes a session named by the key. */
function credentialOf(
  { arn, secret }: { arn: string; secret: string },
  accessKeyId: string,
  principal: Principal | undefined,
): Credential {
  const isRole = arn.includes(':role/')
  const caller = isRole
    ? sessionCaller(arn, accessKeyId, accessKeyId, 0, principal?.uniqueId)
    : principalCaller(arn, accessKeyId, principal)
  return { caller, secretAccessKey: secret }
}

function administratorOf(accountId: string, accessKey: string): [id: string, Credential] {
  const colon = accessKey.indexOf(':')
  const id = accessKey.slice(0, colon)
  return [id, { caller: strangerOf(accountId, id), secretAccessKey: accessKey.slice(colon + 1) }]
}

/** A key nobody declared, taken at its word; twelve digits mean the account of that number. */
function strangerOf(accountId: string, accessKeyId: string): Caller {
  const ownAccount = /^\d{12}$/.test(accessKeyId) ? accessKeyId : accountId
  return userCaller(ownAccount, accessKeyId, accessKeyId)
}
