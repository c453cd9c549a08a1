import type { S3Operation } from '../../operation.ts'

/** Tells that the bucket is there and may be used. */
export const HeadBucket: S3Operation = {
  name: 'HeadBucket',
  route: 'HEAD /{Bucket}',
  async handle({ buckets }, { bucket: name }) {
    const { region } = buckets.get(name)
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
