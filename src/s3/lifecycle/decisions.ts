import { isRetained, type StorageClass, storageClassOf } from '../records/object-attributes.ts'
import { type DeleteMarker, isMarker, type ObjectRecord, type ObjectVersion } from '../records/object-record.ts'
import { awaitsReplication } from '../records/replication.ts'
import { expiryAfter } from '../records/restore.ts'
import type { Lifecycle } from './lifecycle-record.ts'
import { dueAt, rulesFor } from './rules.ts'
import { classAt, type WantedTransition, worthwhile } from './transitions.ts'

/*
 * What a lifecycle does to a version at a moment (evidence: s3-lifecycle-actions):
 *
 *                        never versioned   versioned
 *   current object       deleted           a delete marker over it        before either: another class
 *   noncurrent version   –                 deleted, or another class
 *   lone delete marker   –                 deleted
 *
 * Deletion goes before a transition, a transition before a marker on the same day. What is not replicated yet, or was not, is left
 * alone (evidence: s3-replication-lifecycle).
 */

export type LifecycleAction = { kind: 'delete' } | { kind: 'mark' } | { kind: 'transition'; to: StorageClass }

const day = 86_400_000

/** @param now ms since the epoch @returns undefined: nothing is due */
export function actionOnCurrent(
  lifecycle: Lifecycle,
  { versioning }: { versioning?: unknown },
  key: string,
  record: ObjectRecord,
  now: number,
): LifecycleAction | undefined {
  if (awaitsReplication(record)) return undefined
  const { lastModified } = record
  const rules = rulesFor(lifecycle, { key, size: record.size, attributes: record.attributes })
  const expiries = rules.map(({ Expiration }) => Expiration && dueAt(Expiration, lastModified))
  const expiry = Math.min(...expiries.filter((time) => time !== undefined))
  if (versioning === undefined && expiry <= now) return { kind: 'delete' }
  const wanted = rules.flatMap((rule) =>
    (rule.Transitions ?? []).flatMap((transition) =>
      wantedTransition(rule, transition.StorageClass, dueAt(transition, lastModified)),
    ),
  )
  const inTime = worthwhile(wanted, record, lifecycle).filter(({ time }) => time <= expiry)
  const to = classAt(inTime, record, now)
  if (to !== storageClassOf(record)) return { kind: 'transition', to }
  const isBehindTransition = inTime.some((transition) => transition.time === expiry && transition.to === to)
  return expiry + (isBehindTransition ? day : 0) <= now ? { kind: 'mark' } : undefined
}

/** Where a noncurrent version stands. */
export interface NoncurrentPlace {
  /** ms since the epoch: when the version before it was written. Of one that was deleted, the next that is left counts. */
  since: number
  /** How many noncurrent versions are newer. */
  newer: number
}

/** @param now ms since the epoch @returns undefined: nothing is due */
export function actionOnNoncurrent(
  lifecycle: Lifecycle,
  key: string,
  version: ObjectVersion,
  { since, newer }: NoncurrentPlace,
  now: number,
): LifecycleAction | undefined {
  if (!isMarker(version) && awaitsReplication(version)) return undefined
  const rules = rulesFor(lifecycle, isMarker(version) ? { key } : { key, ...version })
  const isOver = rules.some(({ NoncurrentVersionExpiration: expiration }) => {
    if (expiration?.NoncurrentDays === undefined) return false
    const isBeyond = newer >= (expiration.NewerNoncurrentVersions ?? 0)
    return isBeyond && expiryAfter(since, expiration.NoncurrentDays) <= now
  })
  if (isOver && (isMarker(version) || !isLocked(version, now))) return { kind: 'delete' }
  if (isMarker(version)) return undefined
  const wanted = rules.flatMap((rule) =>
    (rule.NoncurrentVersionTransitions ?? [])
      .filter(({ NewerNoncurrentVersions = 0 }) => newer >= NewerNoncurrentVersions)
      .flatMap(({ StorageClass: to, NoncurrentDays: Days }) => wantedTransition(rule, to, dueAt({ Days }, since))),
  )
  const to = classAt(worthwhile(wanted, version, lifecycle), version, now)
  return to === storageClassOf(version) ? undefined : { kind: 'transition', to }
}

/** Object Lock keeps what has become noncurrent, whoever asks; markers it never locks (evidence: s3-object-lock). */
function isLocked({ attributes }: ObjectRecord, now: number): boolean {
  const { retention, legalHold } = attributes ?? {}
  return legalHold === 'ON' || isRetained(retention, now)
}

function wantedTransition(
  rule: WantedTransition['rule'],
  to: WantedTransition['to'] | undefined,
  time: number | undefined,
): WantedTransition[] {
  return to === undefined || time === undefined ? [] : [{ time, to, rule }]
}

/** Whether a delete marker goes that has no version below it. @param now ms since the epoch */
export function isMarkerExpired(lifecycle: Lifecycle, key: string, marker: DeleteMarker, now: number): boolean {
  return rulesFor(lifecycle, { key }).some(({ Expiration }) => {
    if (Expiration === undefined) return false
    const due = dueAt(Expiration, marker.lastModified)
    return Expiration.ExpiredObjectDeleteMarker === true || (due !== undefined && due <= now)
  })
}
