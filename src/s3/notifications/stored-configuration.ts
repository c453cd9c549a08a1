import { configurationName } from '../records/configurations.ts'
import { type EventName, includesEvent } from './event-names.ts'

/*
 * A bucket's notification configuration as it is kept, and the rules that it comes to:
 *
 *   QueueConfiguration { Id, Queue, Event s3:ObjectCreated:*, Filter prefix images/ }  ─▶  { id, destination, events, prefix, suffix }
 */

interface StoredRule {
  Id?: string
  Events: readonly string[]
  Filter?: { Key?: { FilterRules?: readonly { Name?: string; Value?: string }[] } }
}

/** The part of the document that deciding needs; `configurations/bucket-notification.ts` has all of it. */
export interface StoredConfiguration {
  TopicConfigurations?: readonly (StoredRule & { TopicArn: string })[]
  QueueConfigurations?: readonly (StoredRule & { QueueArn: string })[]
  LambdaFunctionConfigurations?: readonly (StoredRule & { LambdaFunctionArn: string })[]
  EventBridgeConfiguration?: unknown
}

/** The record of {@link StoredConfiguration}: the bucket configuration of that name. */
export const storedConfiguration = configurationName<StoredConfiguration>('notification')

/** One configuration of the document, of whatever kind its destination is. */
export interface NotificationRule {
  id: string
  /** ARN of a queue, a topic, a function. */
  destination: string
  /** As `s3:ObjectCreated:*`. */
  events: readonly string[]
  /** Decoded; empty: any. */
  prefix: string
  suffix: string
}

/** All rules of a document: topics, queues, functions. */
export function rulesOf(configuration: StoredConfiguration): NotificationRule[] {
  const { TopicConfigurations = [], QueueConfigurations = [], LambdaFunctionConfigurations = [] } = configuration
  return [
    ...TopicConfigurations.map((rule) => ruleOf(rule, rule.TopicArn)),
    ...QueueConfigurations.map((rule) => ruleOf(rule, rule.QueueArn)),
    ...LambdaFunctionConfigurations.map((rule) => ruleOf(rule, rule.LambdaFunctionArn)),
  ]
}

/** Whether a rule wants to know of an event of a key. */
export function wants({ events, prefix, suffix }: NotificationRule, name: EventName, key: string): boolean {
  return key.startsWith(prefix) && key.endsWith(suffix) && events.some((asked) => includesEvent(asked, name))
}

function ruleOf({ Id = '', Events, Filter }: StoredRule, destination: string): NotificationRule {
  const filterValue = (wanted: string) => {
    const filter = Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === wanted)
    return decoded(filter?.Value ?? '')
  }
  return { id: Id, destination, events: Events, prefix: filterValue('prefix'), suffix: filterValue('suffix') }
}

/** Values come URL-encoded; what is no such encoding stands for itself ("Filtering using object key names", S3 User Guide). */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '))
  } catch {
    return value
  }
}
