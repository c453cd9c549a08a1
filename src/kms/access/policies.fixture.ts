import { type Caller, userCaller } from '../../aws/caller.ts'
import { accountId, openKms, refusal, stranger } from '../kms.fixture.ts'

/* Policies of a few words, and a KMS with a key under them. */

export const app = userCaller(accountId, 'app', 'AKIAAPP')
export const roleArn = `arn:aws:iam::${accountId}:role/worker`
export const root = `arn:aws:iam::${accountId}:root`
export const dataKey = { KeySpec: 'AES_256' }

/** A statement of a key policy. */
export function says(Principal: unknown, Action: unknown = 'kms:*', more: object = {}) {
  return { Effect: 'Allow', Principal: { AWS: Principal }, Action, Resource: '*', ...more }
}

/** A statement of an identity policy. */
export function may(Action: unknown, more: object = {}) {
  return { Effect: 'Allow', Action, Resource: '*', ...more }
}

export function policy(...Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

/** The key policy that leaves everything to the account. */
export const account = [says(root)]

export const denied = (by: string) => `with an explicit deny in ${by} policy`

/** A KMS with a key of this policy; `app`, the role and the stranger have the identity statements given. */
export async function openWith(keyStatements: object[], identityStatements?: object[]) {
  const kms = await openKms()
  const { id, arn } = await kms.createKey({ Policy: policy(...keyStatements), BypassPolicyLockoutSafetyCheck: true })
  if (identityStatements) {
    for (const name of [app.arn, roleArn, stranger.arn]) await kms.declare(name, ...identityStatements)
  }
  const as = (caller: Caller, name: string, input: object = {}, more: object = {}) =>
    refusal(kms.call(name, { KeyId: arn, ...input }, { caller, ...more }))
  return { ...kms, id, arn, as }
}
