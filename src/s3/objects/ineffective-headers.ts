import { ineffectiveHeader } from '../errors.ts'

/*
 * Headers that S3 knows and this emulator gives no effect to. An operation declares those that it takes; it is deaf to others,
 * as S3 is. They are refused by name and value, because a setting that is taken and ignored would be a lie.
 */

export const headersOfDeletions = ['x-amz-mfa'] as const

/** Appending is for directory buckets. */
export const headersOfAppending = ['x-amz-write-offset-bytes'] as const

/**
 * Refuses what a request asks for beyond what is here.
 * @param taken the headers that the operation declares
 * @throws AwsError NotImplemented naming header and value
 */
export function refuseIneffectiveHeaders(headers: Readonly<Record<string, string>>, taken: readonly string[]): void {
  for (const name of taken) {
    const value = headers[name]
    if (value !== undefined) throw ineffectiveHeader(name, value)
  }
}
