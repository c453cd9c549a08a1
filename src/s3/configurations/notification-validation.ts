import { parseArn } from '../../aws/arn.ts'
import { errorCatalogue } from '../../aws/errors.ts'
import { s3Errors } from '../errors.ts'
import { shareEvent } from '../notifications/event-names.ts'
import { type NotificationRule, rulesOf } from '../notifications/stored-configuration.ts'
import type { BucketRecord } from '../records/buckets.ts'
import type { NotificationDocument } from './notification-shapes.ts'

/*
 * What S3 refuses in a notification configuration, in its words (evidence: s3-notification-errors):
 *
 *   ARNs ─▶ ids ─▶ filters ─▶ no two rules may both want an event of a key
 */

interface Destination {
  element: 'Topic' | 'Queue' | 'CloudFunction'
  arn: string
}

const service = { Topic: 'sns', Queue: 'sqs', CloudFunction: 'lambda' } as const

/** The pattern that a refusal shows: assumed, as no answer of AWS with it was seen. */
const patternOf = {
  Topic: 'arn:aws[a-zA-Z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]{1,256}',
  Queue: 'arn:aws[a-zA-Z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]{1,80}',
  CloudFunction: 'arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[a-zA-Z0-9_-]{1,64}(:[a-zA-Z0-9_$-]{1,128})?',
} as const

const mostConfigurations = 100
const longestId = 255
const longestValue = 1024

/** Which kind each destination is of, in the order of the document. */
export function destinationsOf(document: NotificationDocument): Destination[] {
  const { TopicConfigurations = [], QueueConfigurations = [], LambdaFunctionConfigurations = [] } = document
  return [
    ...TopicConfigurations.map(({ TopicArn: arn }) => ({ element: 'Topic' as const, arn })),
    ...QueueConfigurations.map(({ QueueArn: arn }) => ({ element: 'Queue' as const, arn })),
    ...LambdaFunctionConfigurations.map(({ LambdaFunctionArn: arn }) => ({ element: 'CloudFunction' as const, arn })),
  ]
}

/**
 * Checks a document whose rules have their ids already.
 * @throws AwsError MalformedXML, InvalidArgument, InvalidRequest
 */
export function checkNotification(document: NotificationDocument, bucket: BucketRecord): void {
  const configurations = configurationsOf(document)
  const destinations = destinationsOf(document)
  if (destinations.length > mostConfigurations) {
    const message = `Too many configurations submitted. The maximum number of configurations is ${mostConfigurations}`
    throw s3Errors.InvalidRequest(message)
  }
  for (const { Filter } of configurations) if (Filter) checkFilter(Filter)
  for (const destination of destinations) checkArn(destination, bucket.region)
  checkIds(configurations.map(({ Id = '' }) => Id))
  checkOverlaps(rulesOf(document))
}

type Configuration = ReturnType<typeof configurationsOf>[number]

function configurationsOf(document: NotificationDocument) {
  const { TopicConfigurations = [], QueueConfigurations = [], LambdaFunctionConfigurations = [] } = document
  return [...TopicConfigurations, ...QueueConfigurations, ...LambdaFunctionConfigurations]
}

function checkFilter({ Key }: NonNullable<Configuration['Filter']>): void {
  if (!Key) return
  const { FilterRules = [] } = Key
  if (FilterRules.length === 0) throw s3Errors.MalformedXML()
  const names = new Set<string>()
  for (const { Name, Value } of FilterRules) {
    if (Name === undefined || Value === undefined) throw s3Errors.MalformedXML()
    const name = Name.toLowerCase()
    if (name !== 'prefix' && name !== 'suffix') {
      throw s3Errors.InvalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', Name)
    }
    if (names.has(name)) {
      throw s3Errors.InvalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', Name)
    }
    names.add(name)
    if (Buffer.byteLength(Value) > longestValue) {
      const message = `Size of filter rule value cannot exceed ${longestValue} bytes in UTF-8 representation`
      throw s3Errors.InvalidArgument(message, 'FilterRule.Value', Value)
    }
  }
}

function checkArn({ element, arn }: Destination, region: string): void {
  const parsed = parseArn(arn)
  const refuse = (message: string) => s3Errors.InvalidArgument(message, element, arn)
  if (!parsed) throw refuse('The ARN could not be parsed')
  if (parsed.service === 'sqs' && element === 'Queue' && arn.endsWith('.fifo')) {
    throw refuse('FIFO SQS queues are not supported.')
  }
  const pattern = patternOf[element]
  if (parsed.service !== service[element] || !new RegExp(`^${pattern}$`).test(arn)) {
    throw refuse(`The ARN failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`)
  }
  if (parsed.region === region) return
  throw refuse('The notification destination service region is not valid for the bucket location constraint')
}

function checkIds(ids: readonly string[]): void {
  const long = ids.find((id) => id.length > longestId)
  if (long !== undefined) throw s3Errors.InvalidArgument(`ID length exceeded allowed limit of ${longestId}`, 'Id', long)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice === undefined) return
  throw s3Errors.InvalidArgument('Same ID used for multiple configurations. IDs must be unique.', 'Id', twice)
}

function checkOverlaps(rules: readonly NotificationRule[]): void {
  for (const [index, rule] of rules.entries()) {
    const twice = sharedEvents(rule.events, rule.events, true)
    if (twice) throw overlapping(twice)
    for (const other of rules.slice(index + 1)) {
      const shared = sharedEvents(rule.events, other.events, false)
      if (!shared) continue
      if (isUnfiltered(rule) && isUnfiltered(other)) throw overlapping(shared)
      if (areNested(rule.prefix, other.prefix, 'startsWith') && areNested(rule.suffix, other.suffix, 'endsWith')) {
        throw s3Errors.InvalidArgument(
          'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are ' +
            'overlapping for the same event type.',
        )
      }
    }
  }
}

/** @param isSame whether both lists are one, of which an event is not to be held against itself */
function sharedEvents(
  own: readonly string[],
  others: readonly string[],
  isSame: boolean,
): [string, string] | undefined {
  for (const [index, event] of own.entries()) {
    const other = others.slice(isSame ? index + 1 : 0).find((candidate) => shareEvent(event, candidate))
    if (other !== undefined) return [event, other]
  }
  return undefined
}

function overlapping(events: [string, string]) {
  return s3Errors.InvalidArgument(
    'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
    'Event',
    events.join(', '),
  )
}

function isUnfiltered({ prefix, suffix }: NotificationRule): boolean {
  return prefix === '' && suffix === ''
}

/** Whether one is the beginning (the end) of the other: then there are keys that have both. */
function areNested(one: string, other: string, how: 'startsWith' | 'endsWith'): boolean {
  return one[how](other) || other[how](one)
}

const destinationErrors = errorCatalogue({
  InvalidArgument: (details: Record<string, string>) => ({
    message: 'Unable to validate the following destination configurations',
    status: 400,
    details,
  }),
})

/**
 * Refuses destinations that are not there, all of them in one answer.
 * @throws AwsError InvalidArgument
 */
export function checkDestinations(document: NotificationDocument, isKnown: (arn: string) => boolean): void {
  const missing = destinationsOf(document).filter(({ arn }) => !isKnown(arn))
  if (missing.length === 0) return
  const details: Record<string, string> = {}
  for (const [index, { element, arn }] of missing.entries()) {
    const isFunction = element === 'CloudFunction'
    details[`ArgumentName${index + 1}`] = isFunction ? `${arn}, null` : arn
    details[`ArgumentValue${index + 1}`] = isFunction
      ? `Not authorized to invoke function [${arn}]`
      : `The destination ${element.toLowerCase()} does not exist`
  }
  throw destinationErrors.InvalidArgument(details)
}
