import type { Ambient } from '../ambient.ts'
import { parseArn } from '../aws/arn.ts'
import { type Caller, principalIdOf } from '../aws/caller.ts'
import type { Credential } from '../protocol/authentication.ts'
import type { Database } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'

/* Temporary credentials: what AssumeRole gives out, kept under their access key id (ASIA…) until they have expired. */

export interface SessionRecord {
  roleArn: string
  sessionName: string
  secretAccessKey: string
  sessionToken: string
  /** ms since the epoch */
  issuedAt: number
  /** ms since the epoch */
  expiresAt: number
  /** A session policy, as a JSON document: the session may do what the role may and this allows. */
  policy?: string
}

export interface Sessions {
  get(accessKeyId: string): SessionRecord | undefined
  /** @returns also what has expired: who presents it is told so */
  find(accessKeyId: string): Credential | undefined
  /** Gives out credentials for a role. Those that expired long ago are forgotten. */
  start(asked: AskedSession): Promise<{ accessKeyId: string; session: SessionRecord }>
}

export interface AskedSession {
  roleArn: string
  sessionName: string
  seconds: number
  policy?: string
}

const sessions = recordKind<SessionRecord>()('session', ['string'])
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** How long a session's owner is told that it has expired, and not that it is unknown. */
const remembered = 86_400_000

export function openSessions({ database, ambient }: { database: Database; ambient: Ambient }): Sessions {
  return {
    get: (accessKeyId) => database.get(sessions, [accessKeyId]),

    find(accessKeyId) {
      const record = database.get(sessions, [accessKeyId])
      if (!record) return undefined
      const { roleArn, sessionName, issuedAt, secretAccessKey, sessionToken, expiresAt } = record
      const caller = sessionCaller(roleArn, sessionName, accessKeyId, issuedAt)
      return { caller, secretAccessKey, sessionToken, isExpired: ambient.now() >= expiresAt }
    },

    async start({ seconds, ...asked }) {
      const issuedAt = ambient.now()
      const accessKeyId = `ASIA${[...ambient.randomBytes(16)].map((byte) => letters[byte % 32]).join('')}`
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
        transaction.put(sessions, [accessKeyId], session)
      })
      return { accessKeyId, session }
    },
  }
}

/**
 * A session of a role as a caller. Its ARN names the role without its path.
 * @param issuedAt ms since the epoch
 */
export function sessionCaller(roleArn: string, sessionName: string, accessKeyId: string, issuedAt: number): Caller {
  const { accountId = '' } = parseArn(roleArn) ?? {}
  const name = roleArn.slice(roleArn.lastIndexOf('/') + 1)
  const principalId = principalIdOf('AROA', roleArn)
  return {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${sessionName}`,
    accountId,
    principalId: `${principalId}:${sessionName}`,
    userName: sessionName,
    accessKeyId,
    role: { arn: roleArn, principalId, name, issuedAt },
  }
}
