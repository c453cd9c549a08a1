import { ineffectiveHeader, s3Errors } from '../errors.ts'
import { refusalOfLock } from './object-lock.ts'

/*
 * Headers that S3 knows and this emulator gives no effect to. An operation declares those that it takes; it is deaf to others,
 * as S3 is. A value that asks for nothing beyond the default passes; where S3 itself has a definite answer, it is given; any
 * other is refused by name and value, because a setting that is taken and ignored would be a lie.
 */

const lockHeaders = [
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
] as const

/** What PutObject, POST Object, CopyObject and CreateMultipartUpload alike take. */
export const headersOfWrites = lockHeaders

export const headersOfDeletions = ['x-amz-bypass-governance-retention', 'x-amz-mfa'] as const

export const headersOfNewBuckets = ['x-amz-bucket-object-lock-enabled'] as const

/** Appending is for directory buckets. */
export const headersOfAppending = ['x-amz-write-offset-bytes'] as const

/** The values that ask for nothing. */
const harmless: Record<string, readonly string[]> = {
  'x-amz-bucket-object-lock-enabled': ['false', 'False'],
}

type Headers = Readonly<Record<string, string>>

/**
 * Refuses what a request asks for beyond what is here.
 * @param taken the headers that the operation declares
 * @param now ms since the epoch
 * @throws AwsError S3's own where it has a definite answer; else NotImplemented naming header and value
 */
export function refuseIneffectiveHeaders(headers: Headers, taken: readonly string[], now: number): void {
  for (const name of taken) {
    const value = headers[name]
    if (value === undefined || harmless[name]?.includes(value)) continue
    throw definiteAnswer(name, headers, now) ?? ineffectiveHeader(name, value)
  }
}

/** No bucket has a lock (evidence: s3-bypass). */
function definiteAnswer(name: string, headers: Headers, now: number) {
  if (lockHeaders.some((header) => header === name)) return refusalOfLock(headers, now)
  if (name !== 'x-amz-bypass-governance-retention') return undefined
  return s3Errors.InvalidArgument(`${name} is only applicable to Object Lock enabled buckets.`, name)
}
