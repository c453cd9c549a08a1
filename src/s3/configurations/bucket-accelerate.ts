import { enumeration, structure } from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const AccelerateConfiguration = structure({ Status: enumeration(['Enabled', 'Suspended']) })

/** Whether the bucket is served at the accelerated endpoint, too, which is not here. Once said, it cannot be unsaid. */
export const BucketAccelerate = bucketConfiguration({
  name: 'accelerate',
  subresource: 'accelerate',
  root: 'AccelerateConfiguration',
  shape: AccelerateConfiguration,
  get: { name: 'GetBucketAccelerateConfiguration', action: 's3:GetAccelerateConfiguration' },
  put: {
    name: 'PutBucketAccelerateConfiguration',
    action: 's3:PutAccelerateConfiguration',
    differs: 'there is no accelerated endpoint: requests go to the usual one',
  },
  absent: () => ({}),
  check({ Status }, { request }) {
    if (Status === undefined) throw s3Errors.IllegalAccelerateConfigurationException()
    if (request.bucket.name.includes('.')) {
      const message = 'S3 Transfer Acceleration is not supported for buckets with periods (.) in their names'
      throw s3Errors.InvalidRequest(message)
    }
    return { Status }
  },
})
