import { boolean, structure, type ValueOf } from '../documents/xml-shapes.ts'
import { notImplementedValue, s3Errors } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const PublicAccessBlockConfiguration = structure({
  BlockPublicAcls: boolean(),
  IgnorePublicAcls: boolean(),
  BlockPublicPolicy: boolean(),
  RestrictPublicBuckets: boolean(),
})
type Block = ValueOf<typeof PublicAccessBlockConfiguration>

/** What a bucket has from its beginning, since April 2023. */
export const everythingBlocked: Block = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

const nothingBlocked: Required<Block> = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
}

export const PublicAccessBlock = bucketConfiguration({
  name: 'publicAccessBlock',
  subresource: 'publicAccessBlock',
  root: 'PublicAccessBlockConfiguration',
  shape: PublicAccessBlockConfiguration,
  get: { name: 'GetPublicAccessBlock', action: 's3:GetBucketPublicAccessBlock' },
  put: {
    name: 'PutPublicAccessBlock',
    action: 's3:PutBucketPublicAccessBlock',
    differs: 'other flags than the bucket has answer 501 NotImplemented',
  },
  absent({ name }) {
    throw s3Errors.NoSuchPublicAccessBlockConfiguration(name)
  },
  check(sent, { services, request }) {
    const now = { ...nothingBlocked, ...PublicAccessBlock.find(services, request.bucket.name) }
    const asked = { ...nothingBlocked, ...sent }
    for (const flag of flags) {
      if (asked[flag] !== now[flag]) throw notImplementedValue('PublicAccessBlockConfiguration', flag, `${asked[flag]}`)
    }
    return asked
  },
})

const flags = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const
