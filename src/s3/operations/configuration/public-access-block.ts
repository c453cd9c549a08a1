import { s3Errors } from '../../errors.ts'
import type { BucketOperation } from '../../operation.ts'

export const GetPublicAccessBlock: BucketOperation = {
  name: 'GetPublicAccessBlock',
  level: 'bucket',
  route: 'GET /{Bucket}?publicAccessBlock',
  trail: { readOnly: true },
  async handle(_services, { bucket: { name, publicAccessBlock } }) {
    if (!publicAccessBlock) throw s3Errors.NoSuchPublicAccessBlockConfiguration(name)
    const content = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    }
    return { xml: { root: 'PublicAccessBlockConfiguration', content } }
  },
}
