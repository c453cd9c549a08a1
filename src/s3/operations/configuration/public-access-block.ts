import { s3Errors } from '../../errors.ts'
import type { S3Operation } from '../../operation.ts'

export const GetPublicAccessBlock: S3Operation = {
  name: 'GetPublicAccessBlock',
  route: 'GET /{Bucket}?publicAccessBlock',
  trail: { readOnly: true },
  async handle({ buckets }, { bucket }) {
    if (!buckets.get(bucket).publicAccessBlock) throw s3Errors.NoSuchPublicAccessBlockConfiguration(bucket)
    const content = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    }
    return { xml: { root: 'PublicAccessBlockConfiguration', content } }
  },
}
