import { nextTurn } from '../../event-loop.ts'
import { isUse } from '../../kms/keys/uses.ts'
import type { Database } from '../../store/database.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { contextsOf, isOwnersCopy, keyArnsOf } from '../../trail/event-attributes.ts'
import { everyRecord } from '../../trail/every-record.ts'
import type { AuditQuery } from './audit-query.ts'
import { CallCounts, type CallReport } from './call-counts.ts'
import type { Findings } from './findings.ts'
import { looksLike, personalDataIn } from './personal-data.ts'

/** Characters of encryption contexts that are looked at in one turn of the event loop: a call may have 8192 of them. */
const charactersOfTurn = 100_000

/**
 * The trail of KMS.
 * @returns calls by key, caller and name over time, and the ARNs of keys that served one
 * @throws LabRefusal where a unit of time was asked for that is too short
 */
export async function auditTrail(
  database: Database,
  { by, since = 0, until = Infinity }: AuditQuery,
  findings: Findings,
): Promise<CallReport & { usedKeys: ReadonlySet<string> }> {
  const counts = new CallCounts(by)
  const usedKeys = new Set<string>()
  const suspects = new Suspects(findings)
  let looked = 0
  for await (const record of everyRecord(database)) {
    if (record.eventSource !== 'kms.amazonaws.com' || isOwnersCopy(record)) continue
    const time = Date.parse(record.eventTime)
    if (time < since || time > until) continue
    const keys = [...new Set(keyArnsOf(record))]
    for (const key of keys) {
      counts.add(key, record)
      if (isUse(record)) usedKeys.add(key)
    }
    looked += suspects.look(record, keys[0])
    if (looked < charactersOfTurn) continue
    looked = 0
    await nextTurn()
  }
  return { ...counts.report(), usedKeys }
}

/** As much as so many characters. */
const costOfPair = 50
/** Of so many it is remembered that they were found; one beyond them counts each time. */
const suspectsRemembered = 10_000

/** Pairs of encryption contexts that look like personal data: each key, name and kind is found once. */
class Suspects {
  readonly #findings: Findings
  readonly #known = new Set<string>()

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** @returns how many characters were looked at, and some for each pair */
  look(record: TrailRecord, keyArn: string | undefined): number {
    let looked = 0
    for (const context of contextsOf(record)) {
      for (const [name, value] of Object.entries(context)) {
        // S3's own pair; what keys of objects are called is another question.
        if (name === 'aws:s3:arn' || typeof value !== 'string') continue
        looked += name.length + value.length + costOfPair
        const suspect = suspectIn(name, value)
        if (suspect !== undefined) this.#found(suspect, record, keyArn)
      }
    }
    return looked
  }

  #found(suspect: string, { eventName, requestID }: TrailRecord, keyArn: string | undefined): void {
    const known = JSON.stringify([keyArn, suspect])
    if (this.#known.has(known)) return
    if (this.#known.size < suspectsRemembered) this.#known.add(known)
    this.#findings.add('sensitive-context', keyArn ?? eventName, `${suspect}, in ${eventName} ${requestID}`)
  }
}

/** Half a sentence, without what looks like it: more people read an audit than the trail. */
function suspectIn(name: string, value: string): string | undefined {
  const named = looksLike(name)
  if (named !== undefined) return `the name of a pair looks like ${named}`
  const kind = personalDataIn(name, value)
  return kind === undefined ? undefined : `${name} looks like ${kind}`
}
