import type { Caller } from '../aws/caller.ts'
import type { AwsError } from '../aws/errors.ts'
import { s3Errors } from './errors.ts'
import type { Need } from './operation.ts'

/**
 * A refusal in S3's words. Who is of another account than the bucket, or of none, is told nothing (Amazon S3 User Guide,
 * "Troubleshoot access denied (403 Forbidden) errors"; evidence: s3-denied).
 * @param account of the bucket, or of the caller where it is about no bucket
 * @param because half a sentence of AWS's
 * @param headers of the answer
 */
export function accessDenied(
  caller: Caller,
  account: string,
  { action, resource }: Need,
  because: string,
  headers: Record<string, string> = {},
): AwsError {
  if (caller.type === 'Anonymous' || caller.accountId !== account) return s3Errors.AccessDenied(undefined, {}, headers)
  const on = resource === '*' ? '' : ` on resource: "${resource}"`
  const message = `User: ${caller.arn} is not authorized to perform: ${action}${on} ${because}`
  return s3Errors.AccessDenied(message, {}, headers)
}
