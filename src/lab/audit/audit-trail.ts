import type { Database } from '../../store/database.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { contextsOf, userNameOf } from '../../trail/event-attributes.ts'
import { everyRecord } from '../../trail/every-record.ts'
import type { Audit } from './audit.ts'
import type { Findings } from './findings.ts'
import { personalDataIn } from './personal-data.ts'

/** Calls that use a key, not those that manage it. */
const uses = new Set([
  'Encrypt',
  'Decrypt',
  'ReEncrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'VerifyMac',
  'Sign',
  'Verify',
  'DeriveSharedSecret',
])

/** The whole trail of KMS. @returns calls by key, caller and name, and the ARNs of keys that served one */
export async function auditTrail(
  database: Database,
  findings: Findings,
): Promise<{ calls: Audit['calls']; usedKeys: ReadonlySet<string> }> {
  const heaps = new Map<string, Audit['calls'][number]>()
  const usedKeys = new Set<string>()
  const suspects = new Set<string>()
  for await (const record of everyRecord(database)) {
    if (record.eventSource !== 'kms.amazonaws.com') continue
    const keyArn = record.resources?.find(({ type }) => type === 'AWS::KMS::Key')?.ARN
    if (keyArn !== undefined) count(heaps, keyArn, record)
    if (keyArn !== undefined && uses.has(record.eventName) && record.errorCode === undefined) usedKeys.add(keyArn)
    for (const [name, kind] of suspectsIn(record)) {
      const suspect = `${keyArn ?? 'no key'} ${name} ${kind}`
      if (suspects.has(suspect)) continue
      suspects.add(suspect)
      findings.add(
        'sensitive-context',
        keyArn ?? record.eventName,
        `${name} looks like ${kind}, in ${record.eventName} ${record.requestID}`,
      )
    }
  }
  const calls = [...heaps.values()].sort((a, b) => b.calls - a.calls)
  return { calls, usedKeys }
}

function count(heaps: Map<string, Audit['calls'][number]>, keyArn: string, record: TrailRecord): void {
  const { eventName: event, eventTime, errorCode, userIdentity } = record
  const caller =
    typeof userIdentity.arn === 'string' ? userIdentity.arn : (userNameOf(record) ?? String(userIdentity.type))
  const name = `${keyArn} ${caller} ${event}`
  const heap = heaps.get(name) ?? { keyArn, caller, event, calls: 0, refused: 0, first: eventTime, last: eventTime }
  heap.calls++
  if (errorCode !== undefined) heap.refused++
  if (eventTime < heap.first) heap.first = eventTime
  if (eventTime > heap.last) heap.last = eventTime
  heaps.set(name, heap)
}

/** Names of pairs whose values, or names, say that they are about a person. */
function suspectsIn(record: TrailRecord): [name: string, kind: string][] {
  const pairs = contextsOf(record).flatMap((context) => Object.entries(context))
  return pairs.flatMap(([name, value]): [string, string][] => {
    // S3's own pair; what keys of objects are called is another question.
    if (name === 'aws:s3:arn' || typeof value !== 'string') return []
    const kind = personalDataIn(name, value)
    return kind === undefined ? [] : [[name, kind]]
  })
}
