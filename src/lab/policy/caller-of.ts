import { parseArn } from '../../aws/arn.ts'
import { anonymousCaller, type Caller } from '../../aws/caller.ts'
import type { Principals } from '../../identity/principals.ts'
import { principalCaller, sessionCaller } from '../../identity/sessions.ts'
import { LabRefusal } from '../refusal.ts'

/** Whose sessions are asked about: policies see it in the caller's ARN. */
const sessionName = 'policy-why-not'

export interface KnownIdentities {
  principals: Principals
  accountId: string
  /** ms since the epoch */
  now: number
}

/**
 * A principal as the caller that it would be.
 * @param name `*` (nobody), the ARN of a user, a role or a root, or the name of a user or role of the emulator's account
 * @throws LabRefusal
 */
export function callerOf({ principals, accountId, now }: KnownIdentities, name: string): Caller {
  if (name === '*') return anonymousCaller
  const arn = arnOf(principals, accountId, name)
  const { resource = '' } = parseArn(arn) ?? {}
  const principal = principals.get(arn)
  if (/^(root$|user\/)/.test(resource)) return principalCaller(arn, '', principal)
  if (resource.startsWith('role/')) return sessionCaller(arn, sessionName, '', now, principal?.uniqueId)
  throw new LabRefusal('wrong', `${name} is no user, role or root of an account`)
}

/** A name that nobody declared is taken for a user: an administrator, as an unknown access key is. */
function arnOf(principals: Principals, accountId: string, name: string): string {
  if (name.startsWith('arn:')) return name
  const role = `arn:aws:iam::${accountId}:role/${name}`
  return principals.get(role) ? role : `arn:aws:iam::${accountId}:user/${name}`
}
