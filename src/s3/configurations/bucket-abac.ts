import { enumeration, required, structure } from '../documents/xml-shapes.ts'
import { notImplementedValue } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const AbacStatus = structure({ Status: required(enumeration(['Enabled', 'Disabled'])) })

/** Whether the bucket's tags count in policies as `aws:ResourceTag`. Off unless somebody switches it on. */
export const BucketAbac = bucketConfiguration({
  name: 'abac',
  subresource: 'abac',
  root: 'AbacStatus',
  shape: AbacStatus,
  get: { name: 'GetBucketAbac', action: 's3:GetBucketAbac' },
  put: { name: 'PutBucketAbac', action: 's3:PutBucketAbac', differs: 'Status Enabled answers 501 NotImplemented' },
  absent: () => ({ Status: 'Disabled' as const }),
  check(asked) {
    if (asked.Status === 'Enabled') throw notImplementedValue('AbacStatus', 'Status', asked.Status)
    return asked
  },
})
