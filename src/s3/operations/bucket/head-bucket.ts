import { askedOf, onBucket, together } from '../../needs.ts'
import type { BucketOperation } from '../../operation.ts'

/** Tells that the bucket is there and may be used. */
export const HeadBucket: BucketOperation = {
  name: 'HeadBucket',
  level: 'bucket',
  route: 'HEAD /{Bucket}',
  // Another account needs both (captured), the bucket's own the first alone.
  needs: together(onBucket('s3:ListBucket'), askedOf('other accounts', onBucket('s3:GetBucketLocation'))),
  async handle(_services, { bucket: { name, region } }) {
    return {
      headers: {
        'x-amz-bucket-arn': `arn:aws:s3:::${name}`,
        'x-amz-bucket-region': region,
        'x-amz-access-point-alias': 'false',
        'content-type': 'application/xml',
      },
    }
  },
}
