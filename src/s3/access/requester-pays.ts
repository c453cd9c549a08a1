import { s3Errors } from '../errors.ts'
import type { AddressedRequest } from '../operation.ts'
import type { BucketRecord } from '../records/buckets.ts'

/*
 * Who pays for requests ("Using Requester Pays buckets" in the Amazon S3 User Guide): where the requester does, all but the
 * owner's account must say that they know, and nobody can be anonymous. Nothing is paid here, but who forgets to say so is
 * refused as on AWS (evidence: s3-requester-pays).
 */

type Asked = Pick<AddressedRequest, 'headers' | 'authentication'>

/** Checked once it is known whose the bucket is, before anybody asks what the caller may. @throws AwsError AccessDenied */
export function checkPayer(bucket: BucketRecord, request: Asked): void {
  if (!bucket.requesterPays || request.authentication.caller.accountId === bucket.ownerAccountId) return
  if (!isCharged(bucket, request)) throw s3Errors.AccessDenied()
}

/** Whether the caller is the one who pays, and says so; its answer tells, be it a refusal. */
export function isCharged(bucket: BucketRecord | undefined, { headers, authentication: { caller } }: Asked): boolean {
  if (headers['x-amz-request-payer'] !== 'requester' || !bucket?.requesterPays) return false
  return caller.type !== 'Anonymous' && caller.accountId !== bucket.ownerAccountId
}
