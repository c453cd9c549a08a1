import type { Services } from '../../services.ts'
import { auditKeys } from './audit-keys.ts'
import { auditObjects, type SealedHeap } from './audit-objects.ts'
import type { AuditQuery } from './audit-query.ts'
import { auditTrail } from './audit-trail.ts'
import type { CallReport } from './call-counts.ts'
import { type Finding, Findings } from './findings.ts'

/*
 * What a review of encryption asks of a store, in one walk over each kind of record:
 *
 *   objects, buckets   by scheme and key · unencrypted · under the AWS managed key · public
 *   keys, grants       never used · policies and grants that allow too much
 *   trail              calls by key and caller over time · contexts that look like personal data: they are logged in clear
 */

export interface Audit extends CallReport {
  /** ISO 8601, by the emulator's clock */
  time: string
  objects: SealedHeap[]
  /** The first thousand of each kind. */
  findings: Finding[]
  /** How many there are of each kind. */
  counts: Partial<Record<Finding['kind'], number>>
}

/**
 * Walks over everything; no event is left.
 * @throws LabRefusal where calls cannot be counted as they were asked for
 */
export async function audit(services: Services, query: AuditQuery = {}): Promise<Audit> {
  const { database, ambient } = services.inProcess
  const findings = new Findings()
  const objects = await auditObjects(database, findings)
  const oldestEvent = services.oldestEvent()
  const since = Math.max(query.since ?? 0, oldestEvent)
  const { usedKeys, ...calls } = await auditTrail(database, { ...query, since }, findings)
  const isPartial = query.since !== undefined || query.until !== undefined
  // What a key seals proves its use, even where the trail no longer has the call.
  const sealing = isPartial ? [] : objects.flatMap(({ keyArn }) => keyArn ?? [])
  const known = { usedKeys: new Set([...usedKeys, ...sealing]), isPartial, oldestEvent }
  await auditKeys(database, ambient.now(), known, findings)
  return {
    time: new Date(ambient.now()).toISOString(),
    objects,
    ...calls,
    findings: findings.list(),
    counts: findings.counts(),
  }
}
