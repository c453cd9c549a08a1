import type { Ambient } from '../ambient.ts'
import { parseArn } from '../aws/arn.ts'
import { type Caller, rootCaller, userCaller } from '../aws/caller.ts'
import type { Credential, CredentialSource } from '../protocol/authentication.ts'
import type { Database, Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import { openSessions, type Sessions, sessionCaller } from './sessions.ts'

/*
 * Who there is, and which access key is whose:
 *
 *   principal   ARN            → its access keys, inline policies, and (a role's) trust policy
 *   accessKey   access key id  → the principal's ARN and the secret
 *   session     access key id  → temporary credentials of a role (sessions.ts)
 *
 * The user `test` is always there. Nothing is cached: a fixture or a reset counts at once.
 */

/** A policy as it was given: a JSON document. */
export interface NamedPolicy {
  name: string
  document: string
}

/** An IAM user or role of any account. */
export interface Principal {
  /** `arn:aws:iam::ACCOUNT:user/PATH`, `…:role/PATH` or `…:root` */
  arn: string
  accessKeys: { id: string; secret: string }[]
  /** Identity policies; none at all: administrator of its account. */
  policies?: NamedPolicy[]
  /** Of a role: who may assume it, as a JSON document; none: everybody in its account. */
  trustPolicy?: string
  /** Of a role: how long a session may last, in seconds; default 3600. */
  maxSessionDuration?: number
}

export interface Principals extends CredentialSource {
  readonly sessions: Sessions
  /** Stages a principal and its access keys, in place of an earlier one of the same ARN. */
  add(transaction: Transaction, principal: Principal): void
  get(arn: string): Principal | undefined
  list(): Promise<Principal[]>
  /**
   * What a caller may do of its own.
   * @returns undefined for an administrator: a principal without policies, an account's root, a caller nobody declared
   */
  policiesOf(caller: Caller): readonly NamedPolicy[] | undefined
  /** What a session was narrowed to when it was given out (AssumeRole's Policy): it needs this and its role's policies. */
  sessionPolicyOf(caller: Caller): string | undefined
}

export interface PrincipalsOptions {
  database: Database
  ambient: Ambient
  accountId: string
  /** permissive: an unknown access key is an administrator, an IAM user of the key's name; strict: it is refused */
  mode: 'permissive' | 'strict'
}

interface AccessKeyRecord {
  arn: string
  secret: string
}

const principals = recordKind<Principal>()('principal', ['string'])
const accessKeys = recordKind<AccessKeyRecord>()('accessKey', ['string'])

/** Opens the principals of a store. */
export function openPrincipals({ database, ambient, accountId, mode }: PrincipalsOptions): Principals {
  const test: Credential = { caller: userCaller(accountId, 'test', 'test'), secretAccessKey: 'test', isPublic: true }
  const sessions = openSessions({ database, ambient })
  const get = (arn: string) => database.get(principals, [arn])

  return {
    sessions,
    get,

    find(accessKeyId) {
      if (accessKeyId === 'test') return test
      const record = database.get(accessKeys, [accessKeyId])
      if (record) return { caller: callerOf(record.arn, accessKeyId), secretAccessKey: record.secret }
      const session = accessKeyId.startsWith('ASIA') ? sessions.find(accessKeyId) : undefined
      if (session || mode === 'strict') return session
      return { caller: strangerOf(accountId, accessKeyId) }
    },

    add(transaction, principal) {
      for (const { id } of transaction.get(principals, [principal.arn])?.accessKeys ?? []) {
        transaction.delete(accessKeys, [id])
      }
      transaction.put(principals, [principal.arn], principal)
      for (const { id, secret } of principal.accessKeys) {
        transaction.put(accessKeys, [id], { arn: principal.arn, secret })
      }
    },

    async list() {
      const found: Principal[] = []
      for await (const { value } of database.entries(principals)) found.push(value)
      return found
    },

    policiesOf: ({ type, arn, role }) => (type === 'Root' ? undefined : get(role?.arn ?? arn)?.policies),
    sessionPolicyOf: ({ accessKeyId = '', role }) => (role ? sessions.get(accessKeyId)?.policy : undefined),
  }
}

/** Whether an ARN names what can hold access keys here: a user, a role, or the root of an account. */
export function isPrincipalArn(text: string): boolean {
  return /^arn:aws:iam::\d{12}:(root|(user|role)\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64})$/.test(text)
}

/** The caller a principal's own access key stands for. A role has none on AWS: here it makes a session named by the key. */
function callerOf(arn: string, accessKeyId: string): Caller {
  const { accountId = '', resource = '' } = parseArn(arn) ?? {}
  if (resource === 'root') return rootCaller(accountId, accessKeyId)
  if (resource.startsWith('user/')) return userCaller(accountId, resource.slice('user/'.length), accessKeyId)
  return sessionCaller(arn, accessKeyId, accessKeyId, 0)
}

/** A key nobody declared, taken at its word; twelve digits mean the account of that number. */
function strangerOf(accountId: string, accessKeyId: string): Caller {
  const ownAccount = /^\d{12}$/.test(accessKeyId) ? accessKeyId : accountId
  return userCaller(ownAccount, accessKeyId, accessKeyId)
}
