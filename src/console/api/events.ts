import { tellExplanation } from '../../control/told-explanation.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { type AttributeKey, attributeKeys, userNameOf } from '../../trail/event-attributes.ts'
import type { LookupPage, Position } from '../../trail/pages.ts'
import type { EventDetails, EventPage, EventRow, ToldExplanation } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'

const pageLength = 100

export interface EventQuery {
  /** The emulator's own where it is left out. */
  region?: string
  /** `data`: what S3 did with objects. */
  kind: 'management' | 'data'
  /** One of LookupEvents' attributes, and its value. */
  attribute?: { key: string; value: string }
  /** ms since the epoch, inclusive */
  since?: number
  /** `next` of the page before. */
  after?: string
}

/**
 * A page of the trail, the newest first.
 * @throws ConsoleRefusal
 */
export async function listEvents(context: ApiContext, query: EventQuery): Promise<EventPage> {
  const { records, next } = await lookUp(context, query)
  return { events: records.map(eventRow), next: next?.join('-') }
}

function lookUp({ services, settings }: ApiContext, query: EventQuery): Promise<LookupPage> {
  const { accountId, region } = settings
  const common = {
    accountId,
    region: query.region ?? region,
    startTime: query.since,
    after: positionOf(query.after),
    limit: pageLength,
  }
  if (query.kind === 'data') return services.dataEvents(common)
  return services.lookupEvents({
    ...common,
    attribute: query.attribute && { ...query.attribute, key: keyOf(query.attribute.key) },
  })
}

/** @throws ConsoleRefusal */
function keyOf(text: string): AttributeKey {
  const key = attributeKeys.find((known) => known === text)
  if (!key) throw new ConsoleRefusal(400, `Events are looked up by ${attributeKeys.join(', ')}, not by ${text}`)
  return key
}

/** @throws ConsoleRefusal */
function positionOf(after: string | undefined): Position | undefined {
  if (after === undefined) return undefined
  const [time, sequence, ...more] = after.split('-').map(Number)
  if (time === undefined || sequence === undefined || more.length > 0) throw wrongToken()
  if (!Number.isSafeInteger(time) || !Number.isSafeInteger(sequence)) throw wrongToken()
  return [time, sequence]
}

function wrongToken(): ConsoleRefusal {
  return new ConsoleRefusal(400, 'after must be what a page before gave as next')
}

export function eventRow(record: TrailRecord): EventRow {
  const { userIdentity, requestParameters } = record
  const context = requestParameters?.encryptionContext
  return {
    id: record.eventID,
    time: record.eventTime,
    name: record.eventName,
    source: record.eventSource.replace(/\.amazonaws\.com$/, ''),
    region: record.awsRegion,
    isData: record.eventCategory === 'Data',
    isRead: record.readOnly,
    caller: userNameOf(record) ?? (typeof userIdentity.type === 'string' ? userIdentity.type : 'nobody'),
    via: typeof userIdentity.invokedBy === 'string' ? userIdentity.invokedBy : undefined,
    requestId: record.requestID,
    error: record.errorCode,
    message: record.errorMessage,
    resources: (record.resources ?? []).map(({ ARN }) => ARN),
    context: isTexts(context) ? context : undefined,
  }
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')
}

/**
 * A record whole, with what is known of why it ended as it did.
 * @throws ConsoleRefusal
 */
export async function readEvent(context: ApiContext, id: string, region: string | undefined): Promise<EventDetails> {
  const { records } = await lookUp(context, { region, kind: 'management', attribute: { key: 'EventId', value: id } })
  const [record] = records
  if (!record) throw new ConsoleRefusal(404, `There is no event ${id}`)
  const explanations = record.requestID ? await explainRequest(context, record.requestID) : []
  return { row: eventRow(record), record, explanations }
}

/** Why a request ended as it did, and the calls of KMS that it took. */
export async function explainRequest({ services }: ApiContext, requestId: string): Promise<ToldExplanation[]> {
  return (await services.explain(requestId)).map(tellExplanation)
}
