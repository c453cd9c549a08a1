import { enumeration, required, structure } from '../documents/xml-shapes.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const RequestPaymentConfiguration = structure({ Payer: required(enumeration(['Requester', 'BucketOwner'])) })

/** Who pays for requests (`access/requester-pays.ts`). Evidence: s3-requester-pays. */
export const BucketRequestPayment = bucketConfiguration({
  name: 'requestPayment',
  subresource: 'requestPayment',
  root: 'RequestPaymentConfiguration',
  shape: RequestPaymentConfiguration,
  get: { name: 'GetBucketRequestPayment', action: 's3:GetBucketRequestPayment' },
  put: { name: 'PutBucketRequestPayment', action: 's3:PutBucketRequestPayment' },
  absent: () => ({ Payer: 'BucketOwner' as const }),
  effect: (bucket, value) => ({ ...bucket, requesterPays: value?.Payer === 'Requester' || undefined }),
})
