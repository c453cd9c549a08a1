import { type Policy, parsePolicy } from '../../aws/policy-parse.ts'
import { type GrantRecord, grantsOfKey } from '../../kms/grants/grant-store.ts'
import { arnOf, type KeyRecord } from '../../kms/keys/key.ts'
import { keyAt } from '../../kms/keys/key-at.ts'
import { keyRecords } from '../../kms/keys/key-store.ts'
import { isPublic } from '../../s3/bucket-policy/public-policy.ts'
import type { Database } from '../../store/database.ts'
import type { Findings } from './findings.ts'

/** Every customer managed key with its policy and its grants. */
export async function auditKeys(
  database: Database,
  now: number,
  usedKeys: ReadonlySet<string>,
  findings: Findings,
): Promise<void> {
  for await (const { value } of database.entries(keyRecords)) {
    const key = keyAt(value, now)
    if (!key || key.keyManager === 'AWS') continue
    const arn = arnOf(key)
    if (!usedKeys.has(arn)) findings.add('unused-key', arn)
    if (isPublic(policyOf(key)))
      findings.add('broad-policy', arn, 'everybody, of any account, is let in by a statement')
    for await (const grant of grantsOfKey(database, key)) {
      const why = whyTooMuch(grant)
      if (why !== undefined)
        findings.add('broad-grant', arn, `${grant.name ?? grant.grantId} to ${grant.granteePrincipal} ${why}`)
    }
  }
}

function policyOf({ policy }: KeyRecord): Policy {
  return parsePolicy(policy, 'resource')
}

/** Half a sentence; undefined: it is as narrow as grants are meant to be. */
function whyTooMuch({ granteePrincipal, operations, constraints }: GrantRecord): string | undefined {
  if (/:root$|^\d{12}$/.test(granteePrincipal)) return 'is for a whole account'
  if (operations.includes('CreateGrant') && operations.includes('Decrypt')) return 'may be handed on, with Decrypt'
  if (operations.includes('Decrypt') && !constraints) return 'allows Decrypt under any encryption context'
  return undefined
}
