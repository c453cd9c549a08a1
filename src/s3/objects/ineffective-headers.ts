import { ineffectiveHeader, s3Errors } from '../errors.ts'
import type { BucketRecord } from '../records/buckets.ts'

/*
 * Headers that S3 knows and this emulator gives no effect to. A value that asks for nothing beyond the default passes;
 * any other is refused by the header's name, because a setting that is taken and ignored would be a lie.
 */

/** What COVERAGE.md says of every write that refuses them. */
export const ineffectiveHeadersDiffer =
  'x-amz-tagging, x-amz-storage-class, object-lock and redirect headers answer 501 NotImplemented, but for their default'

const storageClasses = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'OUTPOSTS',
  'GLACIER_IR',
  'SNOW',
  'EXPRESS_ONEZONE',
])

/** Header → the values that ask for nothing. */
const ineffective: Record<string, readonly string[]> = {
  'x-amz-tagging': [''],
  'x-amz-storage-class': ['STANDARD'],
  'x-amz-object-lock-mode': [],
  'x-amz-object-lock-retain-until-date': [],
  'x-amz-object-lock-legal-hold': ['OFF'],
  'x-amz-bucket-object-lock-enabled': ['false', 'False'],
  'x-amz-bypass-governance-retention': ['false', 'False'],
  'x-amz-website-redirect-location': [],
  'x-amz-mfa': [],
  'x-amz-write-offset-bytes': [],
  'x-amz-object-lock-token': [],
}

/**
 * Refuses what a write asks for beyond what is here. Reads never carry these to an effect on AWS either.
 * @param bucket undefined while it is being made
 * @throws AwsError NotImplemented naming the header
 */
export function refuseIneffectiveHeaders(headers: Readonly<Record<string, string>>, bucket?: BucketRecord): void {
  for (const name in headers) {
    if (!name.startsWith('x-amz-')) continue
    const harmless = ineffective[name]
    const value = headers[name] ?? ''
    if (harmless === undefined || harmless.includes(value)) continue
    if (name === 'x-amz-storage-class' && !storageClasses.has(value)) throw s3Errors.InvalidStorageClass(value)
    if (name === bypass && bucket)
      throw s3Errors.InvalidArgument(`${bypass} is only applicable to Object Lock enabled buckets.`)
    throw ineffectiveHeader(name, value)
  }
}

/** No bucket has a lock. */
const bypass = 'x-amz-bypass-governance-retention'
