import {
  document,
  enumeration,
  flattened,
  named,
  required,
  string,
  structure,
  type ValueOf,
} from '../documents/xml-shapes.ts'
import { s3Errors } from '../errors.ts'
import { configuredEvents } from '../notifications/event-names.ts'

/* The document of PutBucketNotificationConfiguration, member for member as in AWS's model. */

const Event = enumeration(configuredEvents, (text) =>
  s3Errors.InvalidArgument('The event is not supported for notifications', 'Event', text),
)
const FilterRule = structure({ Name: string(), Value: string() })
const Filter = structure({ Key: named('S3Key', structure({ FilterRules: flattened('FilterRule', FilterRule) })) })
const Events = required(flattened('Event', Event))

export const NotificationConfiguration = structure({
  TopicConfigurations: flattened(
    'TopicConfiguration',
    structure({ Id: string(), TopicArn: required(named('Topic', string())), Events, Filter }),
  ),
  QueueConfigurations: flattened(
    'QueueConfiguration',
    structure({ Id: string(), QueueArn: required(named('Queue', string())), Events, Filter }),
  ),
  LambdaFunctionConfigurations: flattened(
    'CloudFunctionConfiguration',
    structure({ Id: string(), LambdaFunctionArn: required(named('CloudFunction', string())), Events, Filter }),
  ),
  EventBridgeConfiguration: document(),
})

export type NotificationDocument = ValueOf<typeof NotificationConfiguration>
