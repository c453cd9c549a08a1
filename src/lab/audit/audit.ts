import type { Services } from '../../services.ts'
import { auditKeys } from './audit-keys.ts'
import { auditObjects } from './audit-objects.ts'
import { auditTrail } from './audit-trail.ts'
import { type Finding, Findings } from './findings.ts'

/*
 * What a review of encryption asks of a store, in one walk over each kind of record:
 *
 *   objects, buckets   by scheme and key · unencrypted · under the AWS managed key · public
 *   keys, grants       never used · policies and grants that allow too much
 *   trail              calls by key and caller · contexts that look like personal data: they are logged in clear
 */

export interface Audit {
  /** ISO 8601, by the emulator's clock */
  time: string
  /** All versions, not the current ones alone. */
  objects: { scheme: string; keyArn?: string; versions: number; bytes: number }[]
  calls: {
    keyArn: string
    caller: string
    event: string
    calls: number
    refused: number
    first: string
    last: string
  }[]
  /** The first thousand of each kind. */
  findings: Finding[]
  /** How many there are of each kind. */
  counts: Partial<Record<Finding['kind'], number>>
}

/** Walks over everything; no event is left. */
export async function audit(services: Services): Promise<Audit> {
  const { database, ambient } = services.inProcess
  const findings = new Findings()
  const objects = await auditObjects(database, findings)
  const { calls, usedKeys } = await auditTrail(database, findings)
  await auditKeys(database, ambient.now(), usedKeys, findings)
  return {
    time: new Date(ambient.now()).toISOString(),
    objects,
    calls,
    findings: findings.list(),
    counts: findings.counts(),
  }
}
