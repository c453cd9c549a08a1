import type { TrailSettings } from './records/kinds.ts'
import { trailArn } from './records/trails.ts'

type Written = Pick<TrailSettings, 'accountId' | 'homeRegion' | 'name' | 'kmsKeyId'>

const encryption = 'x-amz-server-side-encryption'

/**
 * What CloudTrail sends with each file of a trail: the ACL that its bucket policy asks for, and its encryption. Under a KMS key the
 * trail's ARN is a part of the encryption context, beside the object's, which S3 adds (evidence: trail-kms-context).
 */
export function headersOfFile(trail: Written): Record<string, string> {
  const own = {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'x-amz-acl': 'bucket-owner-full-control',
  }
  if (trail.kmsKeyId === undefined) return { ...own, [encryption]: 'AES256' }
  const context = JSON.stringify({ 'aws:cloudtrail:arn': trailArn(trail) })
  return {
    ...own,
    [encryption]: 'aws:kms',
    [`${encryption}-aws-kms-key-id`]: trail.kmsKeyId,
    [`${encryption}-context`]: Buffer.from(context).toString('base64'),
    // Assumed: under a bucket key the trail’s ARN would be no part of the context, and its key policy would not allow it.
    [`${encryption}-bucket-key-enabled`]: 'false',
  }
}
