import { enumeration, required, structure } from '../documents/xml-shapes.ts'
import { notImplementedValue } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const RequestPaymentConfiguration = structure({ Payer: required(enumeration(['Requester', 'BucketOwner'])) })

/** Who pays for requests. Nobody does here, so nobody but the owner is asked to. */
export const BucketRequestPayment = bucketConfiguration({
  name: 'requestPayment',
  subresource: 'requestPayment',
  root: 'RequestPaymentConfiguration',
  shape: RequestPaymentConfiguration,
  get: { name: 'GetBucketRequestPayment', action: 's3:GetBucketRequestPayment' },
  put: {
    name: 'PutBucketRequestPayment',
    action: 's3:PutBucketRequestPayment',
    differs: 'Payer Requester answers 501 NotImplemented',
  },
  absent: () => ({ Payer: 'BucketOwner' as const }),
  check(asked) {
    if (asked.Payer === 'Requester') throw notImplementedValue('RequestPaymentConfiguration', 'Payer', asked.Payer)
    return asked
  },
})
