import { document, flattened, structure } from '../documents/xml-shapes.ts'
import { notImplementedElement } from '../errors.ts'
import { bucketConfiguration } from './bucket-configuration.ts'

export const NotificationConfiguration = structure({
  TopicConfigurations: flattened('TopicConfiguration', document()),
  QueueConfigurations: flattened('QueueConfiguration', document()),
  LambdaFunctionConfigurations: flattened('CloudFunctionConfiguration', document()),
  EventBridgeConfiguration: document(),
})

/** Where notifications of events go. There is no Delete: an empty document clears. */
export const BucketNotification = bucketConfiguration({
  name: 'notification',
  subresource: 'notification',
  root: 'NotificationConfiguration',
  shape: NotificationConfiguration,
  get: { name: 'GetBucketNotificationConfiguration', action: 's3:GetBucketNotification' },
  put: {
    name: 'PutBucketNotificationConfiguration',
    action: 's3:PutBucketNotification',
    differs: 'a configuration that is not empty answers 501 NotImplemented',
  },
  absent: () => ({}),
  check(asked) {
    const [kind] = Object.keys(asked)
    if (kind !== undefined) throw notImplementedElement('NotificationConfiguration', kind)
    return undefined
  },
})
