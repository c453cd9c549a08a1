import type { Principal } from '../../identity/records.ts'
import type { QueryOutput } from '../../protocol/query-output.ts'
import { identityOf } from './entities.ts'
import { encodedDocument } from './managed-policies.ts'
import { moreOf, type Shown } from './principals.ts'

/** Of a role that a fixture file declared without a trust policy: everybody in its account may assume it. */
function trustPolicyOf({ trustPolicy, arn }: Principal): string {
  if (trustPolicy !== undefined) return trustPolicy
  const [, , , , accountId] = arn.split(':')
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'sts:AssumeRole' },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

/** A role in an answer; each operation tells of other members (evidence: iam-role-members). */
export function roleOf(
  role: Principal,
  shown: Shown & { description?: boolean; duration?: boolean; lastUsed?: boolean } = {},
): QueryOutput {
  return {
    ...identityOf(role),
    AssumeRolePolicyDocument: encodedDocument(trustPolicyOf(role)),
    Description: shown.description ? role.description : undefined,
    MaxSessionDuration: shown.duration ? (role.maxSessionDuration ?? 3600) : undefined,
    ...moreOf(role, shown),
    RoleLastUsed: shown.lastUsed ? {} : undefined,
  }
}
