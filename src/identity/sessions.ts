import type { Ambient } from '../ambient.ts'
import { parseArn } from '../aws/arn.ts'
import { type Caller, principalIdOf, rootCaller, userCaller } from '../aws/caller.ts'
import type { Credential } from '../protocol/authentication.ts'
import type { Database } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import { accessKeyId } from './access-key-id.ts'
import type { NamedPolicy, Principal, Tag } from './records.ts'

/*
 * Temporary credentials, kept under their access key id (ASIA…) until they have expired:
 *
 *   role        AssumeRole           a session of the role
 *   user        GetSessionToken      the user itself
 *   federated   GetFederationToken   a name of the user's choice, that may do what user and session policy both allow
 */

export interface SessionRecord {
  /** Undefined: role. */
  kind?: 'role' | 'user' | 'federated'
  /** The role's ARN, the user's, or the root's. */
  roleArn: string
  sessionName: string
  secretAccessKey: string
  sessionToken: string
  /** ms since the epoch */
  issuedAt: number
  /** ms since the epoch */
  expiresAt: number
  /** A session policy, as a JSON document: the session may do what its principal may and this or one of the others allows. */
  policy?: string
  /** Session policies that are managed ones, by their ARNs. */
  policyArns?: readonly string[]
  tags?: readonly Tag[]
  /** Keys of those tags that sessions of this session get too. */
  transitiveTagKeys?: readonly string[]
  sourceIdentity?: string
  /** Of a user: when a code of its MFA device was shown (ms since the epoch). */
  mfaAt?: number
  /** Of a user: its unique id. Whoever is made later under its name is somebody else. */
  uniqueId?: string
}

export interface Sessions {
  get(accessKeyId: string): SessionRecord | undefined
  /** Gives out credentials. Those that expired long ago are forgotten. */
  start(asked: AskedSession): Promise<{ accessKeyId: string; session: SessionRecord }>
}

export interface AskedSession
  extends Omit<SessionRecord, 'secretAccessKey' | 'sessionToken' | 'issuedAt' | 'expiresAt'> {
  seconds: number
}

export const sessions = recordKind<SessionRecord>()('session', ['string'])
/** How long an expired session is refused as expired, and not as unknown. */
const remembered = 86_400_000

export function openSessions({ database, ambient }: { database: Database; ambient: Ambient }): Sessions {
  return {
    get: (accessKeyId) => database.get(sessions, [accessKeyId]),

    async start({ seconds, ...asked }) {
      const issuedAt = ambient.now()
      const { accountId = '' } = parseArn(asked.roleArn) ?? {}
      const id = accessKeyId('ASIA', accountId, ambient.randomBytes(8))
      const session = {
        ...asked,
        issuedAt,
        expiresAt: issuedAt + seconds * 1000,
        secretAccessKey: ambient.randomBytes(30).toString('base64'),
        sessionToken: ambient.randomBytes(192).toString('base64'),
      }
      await database.transact(async (transaction) => {
        for await (const { key, value } of transaction.entries(sessions)) {
          if (value.expiresAt < issuedAt - remembered) transaction.delete(sessions, key)
        }
        transaction.put(sessions, [id], session)
      })
      return { accessKeyId: id, session }
    },
  }
}

/**
 * A session as credentials.
 * @param principal whose session it is; undefined: it was never declared, or it is gone
 * @param now ms since the epoch
 * @returns also what has expired: who presents it is told so. Undefined: its user is gone
 */
export function credentialOfSession(
  accessKeyId: string,
  session: SessionRecord,
  principal: Principal | undefined,
  now: number,
): Credential | undefined {
  const { secretAccessKey, sessionToken, expiresAt } = session
  const caller = callerOfSession(accessKeyId, session, principal)
  return caller && { caller, secretAccessKey, sessionToken, isExpired: now >= expiresAt }
}

function callerOfSession(
  accessKeyId: string,
  session: SessionRecord,
  principal: Principal | undefined,
): Caller | undefined {
  const { kind, roleArn, sessionName, issuedAt, uniqueId, mfaAt } = session
  if (kind === undefined || kind === 'role') {
    const id = uniqueId ?? principal?.uniqueId
    const caller = sessionCaller(roleArn, sessionName, accessKeyId, issuedAt, id)
    const tags = [...(session.tags ?? []), ...(principal?.tags ?? []).filter((tag) => !has(session.tags, tag.Key))]
    return tags.length > 0 ? { ...caller, tags } : caller
  }
  const user = principalCaller(roleArn, accessKeyId, principal)
  if (uniqueId !== undefined && user.principalId !== uniqueId) return undefined
  if (kind === 'user') return mfaAt === undefined ? { ...user, issuedAt } : { ...user, issuedAt, mfaAt }
  return federatedCaller(user, session, accessKeyId)
}

function has(tags: readonly Tag[] = [], key: string): boolean {
  return tags.some(({ Key }) => Key.toLowerCase() === key.toLowerCase())
}

/** A user or a root as the caller that its own access keys make. */
export function principalCaller(arn: string, accessKeyId: string, principal: Principal | undefined): Caller {
  const { accountId = '', resource = '' } = parseArn(arn) ?? {}
  if (resource === 'root') return rootCaller(accountId, accessKeyId)
  const caller = userCaller(accountId, resource.slice('user/'.length), accessKeyId, principal?.uniqueId)
  return principal?.tags?.length ? { ...caller, tags: principal.tags } : caller
}

function federatedCaller(user: Caller, { sessionName, issuedAt, tags }: SessionRecord, accessKeyId: string): Caller {
  const { accountId, arn, principalId, userName = 'root' } = user
  return {
    type: 'FederatedUser',
    arn: `arn:aws:sts::${accountId}:federated-user/${sessionName}`,
    accountId,
    principalId: `${accountId}:${sessionName}`,
    userName: sessionName,
    accessKeyId,
    issuedAt,
    federatedBy: { arn, principalId, name: userName },
    ...(tags && { tags }),
  }
}

/**
 * A session of a role as a caller. Its ARN names the role without its path.
 * @param issuedAt ms since the epoch
 * @param roleId AROA…; where it is not given it follows from the ARN
 */
export function sessionCaller(
  roleArn: string,
  sessionName: string,
  accessKeyId: string,
  issuedAt: number,
  roleId: string = principalIdOf('AROA', roleArn),
): Caller {
  const { accountId = '' } = parseArn(roleArn) ?? {}
  const name = roleArn.slice(roleArn.lastIndexOf('/') + 1)
  return {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${sessionName}`,
    accountId,
    principalId: `${roleId}:${sessionName}`,
    userName: sessionName,
    accessKeyId,
    role: { arn: roleArn, principalId: roleId, name, issuedAt },
  }
}

/** Session policies as documents; those that are managed ones and no longer there allow nothing. */
export function sessionPolicies(
  { kind, policy, policyArns = [] }: SessionRecord,
  documentOf: (arn: string) => NamedPolicy | undefined,
): readonly NamedPolicy[] | undefined {
  const own = policy === undefined ? [] : [{ name: 'session policy', document: policy }]
  const managed = policyArns.flatMap((arn) => documentOf(arn) ?? [])
  const policies = [...own, ...managed.map((policy) => ({ ...policy, name: `session policy ${policy.name}` }))]
  // Without any, a federated user may nothing, and a session of a role all that the role may.
  return policies.length > 0 || policyArns.length > 0 || kind === 'federated' ? policies : undefined
}
