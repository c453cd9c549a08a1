import type { AwsError } from '../../aws/errors.ts'
import type { HttpCall } from '../../protocol/http.ts'
import { s3Errors } from '../errors.ts'
import type { BucketStore } from '../records/buckets.ts'

/**
 * The answer to a browser's preflight, which comes unsigned: no bucket here can have a CORS configuration, so it is always
 * a refusal in S3's words (evidence: s3-preflight). The preflight of a page of another site, which carries no proof, is also told why.
 */
export function refusePreflight(call: HttpCall, bucket: string, buckets: BucketStore): AwsError {
  if (call.headers.origin === undefined) {
    return s3Errors.BadRequest('Insufficient information. Origin request header needed.')
  }
  const message = buckets.find(bucket) ? 'CORS is not enabled for this bucket.' : 'Bucket not found'
  const method = call.headers['access-control-request-method'] ?? call.method
  const refusal = call.refusedUnlessProven === undefined ? '' : ` ${call.refusedUnlessProven}`
  return s3Errors.AccessForbidden(`CORSResponse: ${message}${refusal}`, method, 'BUCKET')
}
