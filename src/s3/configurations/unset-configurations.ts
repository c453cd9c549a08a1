import type { AwsError } from '../../aws/errors.ts'
import { s3Errors } from '../errors.ts'
import { onBucket } from '../needs.ts'
import type { BucketOperation } from '../operation.ts'

/*
 * Settings that a bucket of this emulator cannot have: reading one answers the empty state that AWS shows of a
 * bucket where nobody set it (evidence: s3-unset), so that tools which read a bucket whole (Terraform, CDK) can. Setting one is
 * NotImplemented.
 */

const alwaysUnset = 'answers the state of a bucket where nobody set it: setting it is not here'

/** A setting whose empty state is an error. */
function missing(
  name: string,
  subresource: string,
  action: string,
  error: (bucket: string) => AwsError,
): BucketOperation {
  return {
    name,
    level: 'bucket',
    route: `GET /{Bucket}?${subresource}`,
    needs: onBucket(action),
    trail: { readOnly: true },
    differs: alwaysUnset,
    async handle(_services, { bucket }) {
      throw error(bucket.name)
    },
  }
}

export const unsetConfigurations: readonly BucketOperation[] = [
  missing(
    'GetBucketReplication',
    'replication',
    's3:GetReplicationConfiguration',
    s3Errors.ReplicationConfigurationNotFoundError,
  ),
]
