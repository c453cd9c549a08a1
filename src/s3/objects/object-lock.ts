import { s3Errors } from '../errors.ts'

const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/

/**
 * What S3 answers to a write with Object Lock's headers in a bucket without a lock, as all are here: its values first, then
 * the bucket (evidence: s3-lock-headers).
 * @param now ms since the epoch
 */
export function refusalOfLock(headers: Readonly<Record<string, string>>, now: number): Error {
  const mode = headers['x-amz-object-lock-mode']
  const until = headers['x-amz-object-lock-retain-until-date']
  const hold = headers['x-amz-object-lock-legal-hold']
  if ((mode === undefined) !== (until === undefined)) {
    const message = 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied'
    const missing = mode === undefined ? 'x-amz-object-lock-mode' : 'x-amz-object-lock-retain-until-date'
    return s3Errors.InvalidArgument(message, missing)
  }
  if (mode !== undefined && mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') {
    return s3Errors.InvalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode', mode)
  }
  if (until !== undefined) {
    const fault = faultOfDate(until, now)
    if (fault) return s3Errors.InvalidArgument(fault, 'x-amz-object-lock-retain-until-date', until)
  }
  if (hold !== undefined && hold !== 'ON' && hold !== 'OFF') {
    const message = "Legal Hold must be either of 'ON' or 'OFF'"
    return s3Errors.InvalidArgument(message, 'x-amz-object-lock-legal-hold', hold)
  }
  return s3Errors.InvalidRequest('Bucket is missing ObjectLockConfiguration')
}

function faultOfDate(text: string, now: number): string | undefined {
  const time = isoDate.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) return 'The retain until date must be provided in ISO 8601 format'
  return time > now ? undefined : 'The retain until date must be in the future!'
}
