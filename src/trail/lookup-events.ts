import { createHash } from 'node:crypto'
import { AwsError, errorCatalogue } from '../aws/errors.ts'
import {
  enumeration,
  examine,
  faultError,
  integer,
  list,
  required,
  string,
  structure,
  timestamp,
} from '../protocol/shapes.ts'
import type { TrailRecord } from './event.ts'
import { accessKeyIdOf, attributeKeys, resourceNameOf, userNameOf } from './event-attributes.ts'
import type { Position } from './pages.ts'
import type { Trail } from './trail.ts'

/* LookupEvents: input → query → page → events, and the token that goes on where a page ended. */

const largestPage = 50

/** MaxResults has no bounds here: out of them it is InvalidMaxResultsException, not ValidationException. */
export const LookupEventsInput = structure({
  LookupAttributes: list(
    structure({
      AttributeKey: required(enumeration(attributeKeys)),
      AttributeValue: required(string({ min: 1, max: 2000 })),
    }),
  ),
  StartTime: timestamp(),
  EndTime: timestamp(),
  EventCategory: string(),
  MaxResults: integer(),
  NextToken: string(),
})

const lookupErrors = errorCatalogue({
  InvalidEventCategoryException: () => bad('Event category must be insight, or left out for management events.'),
  InvalidLookupAttributesException: () => bad('You can specify only one lookup attribute at a time.'),
  InvalidMaxResultsException: () => bad(`MaxResults must be between 1 and ${largestPage}.`),
  InvalidNextTokenException: () => bad('The token is not valid, or was given for a request with other parameters.'),
  InvalidTimeRangeException: () => bad('The start time is after the end time.'),
})

/** Events of one account and Region, newest first. There are no Insights events: asking for them finds nothing. */
export async function lookupEvents(trail: Trail, accountId: string, region: string, input: unknown): Promise<object> {
  const { value, faults } = examine(LookupEventsInput, input)
  if (faults.length > 0) throw faultError(faults)
  const { LookupAttributes = [], StartTime, EndTime, EventCategory, MaxResults = largestPage, NextToken } = value
  const [attribute, second] = LookupAttributes
  if (second) throw lookupErrors.InvalidLookupAttributesException()
  if (EventCategory !== undefined && EventCategory !== 'insight') throw lookupErrors.InvalidEventCategoryException()
  if (MaxResults < 1 || MaxResults > largestPage) throw lookupErrors.InvalidMaxResultsException()
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
    throw lookupErrors.InvalidTimeRangeException()
  }
  const parameters = JSON.stringify([accountId, region, attribute, StartTime, EndTime, EventCategory, MaxResults])
  const after = NextToken === undefined ? undefined : positionOf(NextToken, parameters)
  if (EventCategory === 'insight') return { Events: [] }
  const { records, next } = await trail.lookup({
    accountId,
    region,
    attribute: attribute && { key: attribute.AttributeKey, value: attribute.AttributeValue },
    startTime: StartTime,
    endTime: EndTime,
    after,
    limit: MaxResults,
  })
  return { Events: records.map(eventOf), NextToken: next && tokenOf(next, parameters) }
}

function eventOf(record: TrailRecord): object {
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    AccessKeyId: accessKeyIdOf(record),
    EventTime: Date.parse(record.eventTime) / 1000,
    EventSource: record.eventSource,
    Username: userNameOf(record),
    Resources: (record.resources ?? []).map((resource) => ({
      ResourceType: resource.type,
      ResourceName: resourceNameOf(resource),
    })),
    CloudTrailEvent: JSON.stringify(record),
  }
}

function bad(message: string) {
  return { message, status: 400 }
}

/** A token is good only with the parameters it was given for, so it carries a digest of them, and of the position that it names. */
function tokenOf(position: Position, parameters: string): string {
  const place = position.join('.')
  const digest = createHash('sha256').update(`${parameters} ${place}`).digest('base64url').slice(0, 22)
  return Buffer.from(`${digest}.${place}`).toString('base64url')
}

function positionOf(token: string, parameters: string): Position {
  const [, time, sequence] =
    /^[\w-]{22}\.(\d{1,16})\.(\d{1,16})$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  const position: Position = [Number(time), Number(sequence)]
  if (time === undefined || tokenOf(position, parameters) !== token) throw lookupErrors.InvalidNextTokenException()
  return position
}

/** What an operation answers that is not here. */
export function absentOperation(name: string): AwsError {
  return new AwsError(
    'UnsupportedOperationException',
    `${name} is not implemented: this CloudTrail has LookupEvents and trails`,
    400,
  )
}
