import { bucketConfiguration } from './bucket-configuration.ts'
import { NotificationConfiguration, type NotificationDocument } from './notification-shapes.ts'
import { checkDestinations, checkNotification, destinationsOf } from './notification-validation.ts'

/*
 * Where notifications of events go. There is no Delete: an empty document clears. Events are staged where objects change
 * (`objects/tell.ts`), and delivered by `notifications/`.
 *
 * Source: PutBucketNotificationConfiguration in the Amazon S3 API Reference.
 */

export const BucketNotification = bucketConfiguration({
  name: 'notification',
  subresource: 'notification',
  root: 'NotificationConfiguration',
  shape: NotificationConfiguration,
  get: { name: 'GetBucketNotificationConfiguration', action: 's3:GetBucketNotification' },
  put: {
    name: 'PutBucketNotificationConfiguration',
    action: 's3:PutBucketNotification',
    differs:
      'a destination is taken to be there, unless fixtures give addresses to some and `--notify-url` is not set: then those are there',
  },
  absent: () => ({}),
  check(asked, { services, request }) {
    if (Object.values(asked).every((part) => part === undefined)) return undefined
    const document = completed(asked, () => services.ambient.uuid())
    checkNotification(document, request.bucket)
    if (isValidated(request)) checkDestinations(document, (arn) => services.notifications.knows(arn))
    return document
  },
  announce(transaction, document, { services, request }) {
    if (!isValidated(request)) return
    // Functions and event buses get none (evidence: s3-test-event).
    const tested = destinationsOf(document).filter(({ element }) => element !== 'CloudFunction')
    const arns = [...new Set(tested.map(({ arn }) => arn))]
    services.notifications.stageTest(transaction, request.bucket.name, arns, request)
  },
  effect: (bucket, value) => ({ ...bucket, notifies: value === undefined ? undefined : true }),
})

function isValidated({ headers }: { headers: Readonly<Record<string, string>> }): boolean {
  return headers['x-amz-skip-destination-validation']?.toLowerCase() !== 'true'
}

type Rules = NonNullable<NotificationDocument['QueueConfigurations']>[number]

/** With the ids that S3 gives, and the names of filters as it writes them (evidence: s3-notification-document). */
function completed(document: NotificationDocument, uuid: () => string): NotificationDocument {
  const complete = <Rule extends Pick<Rules, 'Id' | 'Filter'>>(rules: Rule[] | undefined) =>
    rules?.map((rule) => ({
      ...rule,
      Id: rule.Id || Buffer.from(uuid()).toString('base64'),
      Filter: rule.Filter && completedFilter(rule.Filter),
    }))
  return {
    TopicConfigurations: complete(document.TopicConfigurations),
    QueueConfigurations: complete(document.QueueConfigurations),
    LambdaFunctionConfigurations: complete(document.LambdaFunctionConfigurations),
    EventBridgeConfiguration: document.EventBridgeConfiguration,
  }
}

function completedFilter(filter: NonNullable<Rules['Filter']>): Rules['Filter'] {
  const FilterRules = filter.Key?.FilterRules?.map(({ Name, Value }) => ({ Name: capitalised(Name), Value }))
  return filter.Key && { Key: { FilterRules } }
}

function capitalised(name: string | undefined): string | undefined {
  if (name?.toLowerCase() === 'prefix') return 'Prefix'
  return name?.toLowerCase() === 'suffix' ? 'Suffix' : name
}
