import { readMoment } from '../../calendar.ts'
import { s3Errors } from '../errors.ts'
import type { ObjectRequest } from '../operation.ts'
import type { BucketRecord, DefaultRetention } from '../records/buckets.ts'
import {
  isRetained,
  legalHolds,
  type ObjectAttributes,
  type Retention,
  retentionModes,
} from '../records/object-attributes.ts'

/*
 * A lock keeps one version from being deleted. It has two halves, each by itself:
 *
 *   retention    GOVERNANCE until a date: may be shortened and passed over by who has `s3:BypassGovernanceRetention` and says so
 *                COMPLIANCE until a date: may be lengthened alone, by anybody
 *   legal hold   ON until it is OFF
 *
 * Delete markers are put over locked versions as over others, and are never locked themselves. What is protected is decided under
 * the object's lock, by the emulator's clock (evidence: s3-object-lock).
 */

/** What of a lock is asked for, or is there. */
export type Lock = Pick<ObjectAttributes, 'retention' | 'legalHold'>

const modeHeader = 'x-amz-object-lock-mode'
const untilHeader = 'x-amz-object-lock-retain-until-date'
const holdHeader = 'x-amz-object-lock-legal-hold'
const bypassHeader = 'x-amz-bypass-governance-retention'
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/
const dayLength = 86_400_000

type Headers = ObjectRequest['headers']

/**
 * The lock that a write gives its object: what its headers say, else the bucket's default. An upload has it from its beginning.
 * @param now ms since the epoch
 * @returns undefined where it gets none
 * @throws AwsError InvalidArgument for the first header that is wrong, whatever the bucket; InvalidRequest where it has no lock (evidence:
 *   s3-lock-headers)
 */
export function lockOfWrite(
  { bucket, headers, authentication }: Pick<ObjectRequest, 'bucket' | 'headers' | 'authentication'>,
  now: number,
): Lock | undefined {
  const asked = asksForLock(headers)
  if (!asked && !bucket.objectLock?.defaultRetention) return undefined
  if (!asked) return { retention: defaultRetention(bucket, now) }
  const lock = readLock(headers, now)
  if (!bucket.objectLock) throw s3Errors.InvalidRequest('Bucket is missing ObjectLockConfiguration')
  if (authentication.caller.type === 'Anonymous') {
    const message = 'Put Object requests with Object Lock parameters require AWS Signature Version 4'
    throw s3Errors.InvalidArgument(message, 'Authorization')
  }
  return lock
}

function asksForLock(headers: Headers): boolean {
  return headers[modeHeader] !== undefined || headers[untilHeader] !== undefined || headers[holdHeader] !== undefined
}

function readLock(headers: Headers, now: number): Lock {
  const { [modeHeader]: mode, [untilHeader]: until, [holdHeader]: hold } = headers
  if ((mode === undefined) !== (until === undefined)) {
    const message = 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied'
    throw s3Errors.InvalidArgument(message, mode === undefined ? modeHeader : untilHeader)
  }
  const retention = mode !== undefined && until !== undefined ? readRetention(mode, until, now) : undefined
  const legalHold = legalHolds.find((value) => value === hold)
  if (hold !== undefined && legalHold === undefined) {
    throw s3Errors.InvalidArgument("Legal Hold must be either of 'ON' or 'OFF'", holdHeader, hold)
  }
  return { retention, legalHold }
}

function readRetention(name: string, until: string, now: number): Retention {
  const mode = retentionModes.find((value) => value === name)
  if (!mode) throw s3Errors.InvalidArgument('Unknown wormMode directive.', modeHeader, name)
  const retainUntil = readMoment(until, isoDate)
  const wrong = (message: string) => s3Errors.InvalidArgument(message, untilHeader, until)
  if (retainUntil === undefined) throw wrong('The retain until date must be provided in ISO 8601 format')
  if (retainUntil <= now) throw wrong('The retain until date must be in the future!')
  return { mode, retainUntil }
}

function defaultRetention({ objectLock }: BucketRecord, now: number): Retention | undefined {
  const retention = objectLock?.defaultRetention
  return retention && { mode: retention.mode, retainUntil: endOf(retention, now) }
}

function endOf({ days, years }: DefaultRetention, now: number): number {
  if (days !== undefined) return now + days * dayLength
  const end = new Date(now)
  end.setUTCFullYear(end.getUTCFullYear() + (years ?? 0))
  return end.getTime()
}

/**
 * A body that is locked comes with a digest of its own: the hash of its signature does not count.
 * @param what `Put Object` or `Put Part`
 * @throws AwsError InvalidRequest
 */
export function requireDigest(
  lock: Lock | undefined,
  { contentMd5, sent }: { contentMd5?: unknown; sent?: unknown },
  what: string,
): void {
  if (!lock?.retention && lock?.legalHold === undefined) return
  if (contentMd5 !== undefined || sent !== undefined) return
  throw s3Errors.InvalidRequest(
    `Content-MD5 OR x-amz-checksum- HTTP header is required for ${what} requests with Object Lock parameters`,
  )
}

/** As GET and HEAD show it. */
export function lockHeaders({ retention, legalHold }: Lock): Record<string, string | undefined> {
  return {
    [modeHeader]: retention?.mode,
    [untilHeader]: retention && new Date(retention.retainUntil).toISOString(),
    [holdHeader]: legalHold,
  }
}

/** @throws AwsError InvalidRequest */
export function requireLockedBucket({ objectLock }: BucketRecord): void {
  if (!objectLock) throw s3Errors.InvalidRequest('Bucket is missing Object Lock Configuration')
}

/**
 * Whether a deletion, or a change of a retention, passes over GOVERNANCE. That its caller may was asked before.
 * @throws AwsError InvalidArgument where the bucket has no lock, for `false` too (evidence: s3-bypass)
 */
export function bypassesGovernance({ objectLock }: BucketRecord, headers: Headers): boolean {
  const value = headers[bypassHeader]
  if (value === undefined) return false
  if (objectLock) return value.toLowerCase() === 'true'
  throw s3Errors.InvalidArgument(`${bypassHeader} is only applicable to Object Lock enabled buckets.`, bypassHeader)
}

/**
 * @param now ms since the epoch
 * @throws AwsError AccessDenied where the version may not be deleted
 */
export function checkDeletable(lock: Lock | undefined, bypasses: boolean, now: number): void {
  if (lock?.legalHold === 'ON') throw protectedByLock()
  if (!isRetained(lock?.retention, now)) return
  if (lock?.retention?.mode === 'COMPLIANCE' || !bypasses) throw protectedByLock()
}

/**
 * @param asked undefined: it is to be taken away
 * @param now ms since the epoch
 * @throws AwsError AccessDenied where the retention may not become that
 */
export function checkRetentionChange(
  present: Retention | undefined,
  asked: Retention | undefined,
  bypasses: boolean,
  now: number,
): void {
  if (!present || !isRetained(present, now)) return
  const isLonger = asked !== undefined && asked.mode === present.mode && asked.retainUntil >= present.retainUntil
  if (isLonger) return
  if (present.mode === 'COMPLIANCE' || !bypasses) throw protectedByLock()
}

function protectedByLock() {
  return s3Errors.AccessDenied('Access Denied because object protected by object lock.')
}
