import type { Notification, NotificationTarget } from '../notification-record.ts'
import type { Posting } from './post.ts'

/*
 * What a receiver gets, by the destination it stands for:
 *
 *   queue       the message itself, as a consumer finds it in the body of an SQS message; of a server that speaks SQS: SendMessage
 *   topic       SNS's notification, with the message as its text and SNS's headers; it has no signature
 *   function    the message itself: what Lambda hands to its handler
 *   event bus   the event itself
 */

/** The body and the headers in which a notification travels. */
export function postingOf(notification: Notification, { url, format }: NotificationTarget): Posting {
  const { id, destination, message } = notification
  const own = { 'x-s3kms-destination': destination, 'x-s3kms-notification-id': id }
  if (format === 'sqs') {
    const headers = { ...own, 'content-type': 'application/x-www-form-urlencoded' }
    return { headers, body: sendMessage(url, JSON.stringify(message)) }
  }
  if (destination.split(':')[2] !== 'sns') {
    return { headers: { ...own, 'content-type': 'application/json' }, body: JSON.stringify(message) }
  }
  return {
    headers: {
      ...own,
      'content-type': 'text/plain; charset=UTF-8',
      'user-agent': 'Amazon Simple Notification Service Agent',
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': id,
      'x-amz-sns-topic-arn': destination,
    },
    body: JSON.stringify(snsNotification(notification)),
  }
}

/** Source: SendMessage in the SQS API Reference (the Query protocol). It is not signed: servers on this machine do not ask for that. */
function sendMessage(QueueUrl: string, MessageBody: string): string {
  return String(new URLSearchParams({ Action: 'SendMessage', Version: '2012-11-05', QueueUrl, MessageBody }))
}

/** Source: "Parsing Amazon SNS message formats", SNS Developer Guide. */
function snsNotification({ id, time, destination, message }: Notification) {
  return {
    Type: 'Notification',
    MessageId: id,
    TopicArn: destination,
    Subject: 'Amazon S3 Notification',
    Message: JSON.stringify(message),
    Timestamp: new Date(time).toISOString(),
  }
}
