import { explanationChecks } from '../../access/record-checks.ts'
import { cloudTrailChecks } from '../../cloudtrail/record-checks.ts'
import { fixtureChecks } from '../../fixtures/record-checks.ts'
import { iamChecks } from '../../iam/record-checks.ts'
import { identityChecks } from '../../identity/record-checks.ts'
import { kmsChecks } from '../../kms/record-checks/index.ts'
import { rootKeyRecords } from '../../root-key.ts'
import { s3Checks } from '../../s3/record-checks/index.ts'
import { prefixes } from '../../store/keyspace.ts'
import { type RecordCheck, recordCheck } from '../../store/record-check.ts'
import { storeChecks } from '../../store/record-checks.ts'
import { count, flag, listOf, members, text, time } from '../../store/record-shape.ts'
import { trailChecks } from '../../trail/record-checks.ts'
import { seededStarts } from '../chance/starts.ts'
import { clockRecords } from '../clock/clock-record.ts'
import type { Turn } from '../clock/turned-ambient.ts'

const labChecks: readonly RecordCheck[] = [
  recordCheck(clockRecords, listOf(members<Turn>({ machine: time, time, isStanding: flag }))),
  recordCheck(seededStarts, count),
  recordCheck(rootKeyRecords, text),
]

/** Every declaration of how records are checked. */
export const recordChecks: readonly RecordCheck[] = [
  ...storeChecks,
  ...explanationChecks,
  ...trailChecks,
  ...identityChecks,
  ...iamChecks,
  ...kmsChecks,
  ...s3Checks,
  ...cloudTrailChecks,
  ...fixtureChecks,
  ...labChecks,
]

type KindName = keyof typeof prefixes

/** Kinds that older formats had, and nobody reads: what is left of them is left alone. */
export const retiredKinds: readonly KindName[] = [
  'eventAttribute',
  'eventId',
  'keyUsage',
  'objectSlot',
  'objectPartsSlot',
]

/** Declarations by the byte that keys of their kind begin with; undefined under one that is retired. */
export function checksByPrefix(): ReadonlyMap<string, RecordCheck | undefined> {
  const retired = retiredKinds.map((name) => [String.fromCharCode(prefixes[name]), undefined] as const)
  return new Map<string, RecordCheck | undefined>([
    ...retired,
    ...recordChecks.map((check) => [check.kind.prefix, check] as const),
  ])
}
