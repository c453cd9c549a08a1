import { ineffectiveHeader, s3Errors } from '../errors.ts'
import { refusalOfLock } from './object-lock.ts'

/*
 * Headers that S3 knows and this emulator gives no effect to. An operation declares those that it takes; it is deaf to others,
 * as S3 is. A value that asks for nothing beyond the default passes; where S3 itself has a definite answer, it is given; any
 * other is refused by name and value, because a setting that is taken and ignored would be a lie.
 */

/** What COVERAGE.md says of every write that refuses them. */
export const ineffectiveHeadersDiffer =
  'x-amz-tagging, x-amz-storage-class and redirect headers answer 501 NotImplemented, but for their default'

const lockHeaders = [
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
] as const

/** What PutObject, POST Object, CopyObject and CreateMultipartUpload alike take. */
export const headersOfWrites = [
  'x-amz-tagging',
  'x-amz-storage-class',
  ...lockHeaders,
  'x-amz-website-redirect-location',
] as const

export const headersOfDeletions = ['x-amz-bypass-governance-retention', 'x-amz-mfa'] as const

export const headersOfNewBuckets = ['x-amz-bucket-object-lock-enabled'] as const

/** Appending is for directory buckets. */
export const headersOfAppending = ['x-amz-write-offset-bytes'] as const

/** The values that ask for nothing. */
const harmless: Record<string, readonly string[]> = {
  'x-amz-tagging': [''],
  'x-amz-storage-class': ['STANDARD'],
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
    throw definiteAnswer(name, value, headers, now) ?? ineffectiveHeader(name, value)
  }
}

/** No bucket has a lock (evidence: s3-bypass). */
function definiteAnswer(name: string, value: string, headers: Headers, now: number) {
  if (lockHeaders.some((header) => header === name)) return refusalOfLock(headers, now)
  if (name === 'x-amz-storage-class' && !storageClasses.has(value)) return s3Errors.InvalidStorageClass(value)
  if (name !== 'x-amz-bypass-governance-retention') return undefined
  return s3Errors.InvalidArgument(`${name} is only applicable to Object Lock enabled buckets.`, name)
}

/** Those that S3 takes for an object in a general purpose bucket (evidence: s3-storage-class); it knows others by name and refuses them too. */
const storageClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
])
