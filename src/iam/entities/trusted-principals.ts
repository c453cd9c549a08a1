import { principals } from '../../identity/records.ts'
import { isObject, listOf, type Members, parseJson } from '../documents/document.ts'
import type { IamCall } from '../operation.ts'
import { walk } from './entities.ts'

/*
 * Whom trust policies name. AWS keeps the unique id of a user or role that a policy names, and shows the ARN as long as somebody has
 * that id (evidence: iam-named-principals):
 *
 *   "AWS": "arn:aws:iam::ACCOUNT:user/anna"   ── anna is deleted ──▶   "AWS": "AIDA…"     whom a new anna is not
 *                                             ── anna is renamed ──▶   "AWS": "arn:aws:iam::ACCOUNT:user/anne"
 *
 * Here the policies are changed when that happens, and those of the account's own roles alone.
 */

/** Stages the trust policies that name a principal by its ARN, with what stands there instead: its unique id, or another ARN. */
export async function replaceInTrustPolicies(call: IamCall, arn: string, instead: string): Promise<void> {
  for await (const role of walk(call, principals, 'role')) {
    const trustPolicy = role.trustPolicy?.includes(arn) ? replaceIn(role.trustPolicy, arn, instead) : undefined
    if (trustPolicy !== undefined) call.transaction.put(principals, [role.arn], { ...role, trustPolicy })
  }
}

/** @returns undefined where no statement names it */
function replaceIn(document: string, arn: string, instead: string): string | undefined {
  const policy = parseJson(document)
  if (!isObject(policy)) return undefined
  let isNamed = false
  const named = (value: unknown) => {
    if (value !== arn) return value
    isNamed = true
    return instead
  }
  const inStatement = (statement: unknown): unknown => {
    if (!isObject(statement) || !isObject(statement.Principal)) return statement
    const { AWS } = statement.Principal
    if (AWS === undefined) return statement
    return {
      ...statement,
      Principal: { ...statement.Principal, AWS: Array.isArray(AWS) ? AWS.map(named) : named(AWS) },
    }
  }
  const changed: Members = { ...policy, Statement: listOf(policy.Statement).map(inStatement) }
  return isNamed ? JSON.stringify(changed) : undefined
}
