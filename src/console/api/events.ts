import { setImmediate as endOfTurn } from 'node:timers/promises'
import { tellExplanation } from '../../control/told-explanation.ts'
import type { TrailRecord } from '../../trail/event.ts'
import { type Attribute, type AttributeKey, attributeKeys, userNameOf } from '../../trail/event-attributes.ts'
import { timeOfEventId } from '../../trail/event-id.ts'
import type { LookupPage, Position } from '../../trail/pages.ts'
import type { EventDetails, EventPage, EventRow, Occurring, ToldExplanation } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'
import { type Chosen, isChosen, occurringIn } from './call-filters.ts'

const pageLength = 100
/** Where what is chosen is rare, a page may have few calls or none: so many are looked at for it. */
const seenAtMost = 10_000
/** Among so many of the newest it is looked what occurs, and so many values are named. */
const occurringAmong = 1000
const occurringAtMost = 200

export interface EventQuery {
  /** The emulator's own where it is left out. */
  region?: string
  chosen?: Chosen
  /** One of LookupEvents' attributes, and its value. */
  attribute?: { key: string; value: string }
  /** `next` of the page before. */
  after?: string
}

/**
 * A page of the trail, the newest first.
 * @throws ConsoleRefusal
 */
export async function listEvents(context: ApiContext, query: EventQuery): Promise<EventPage> {
  const { chosen = {}, region } = query
  const attribute = query.attribute && { ...query.attribute, key: keyOf(query.attribute.key) }
  const events: EventRow[] = []
  let after = positionOf(query.after)
  let seen = 0
  do {
    const page = await lookUp(context, { region, attribute: attribute ?? attributeOf(context, chosen), after })
    seen += page.records.length
    events.push(...rowsOf(context, page.records).filter((row) => isChosen(row, chosen)))
    after = page.next
    // A store in memory answers at once: others have their turn here.
    if (after) await endOfTurn()
  } while (after && events.length < pageLength && seen < seenAtMost)
  return { events, seen, next: after?.join('-') }
}

/** What calls can be chosen by. */
export async function listOccurring(context: ApiContext): Promise<Occurring> {
  const { records } = await lookUp(context, { limit: occurringAmong })
  return occurringIn(rowsOf(context, records), occurringAtMost)
}

type Lookup = { region?: string; attribute?: Attribute; after?: Position; limit?: number }

/** All that happened, with what S3 did with objects where that is recorded; an attribute is looked up among the management events. */
function lookUp({ services, settings }: ApiContext, lookup: Lookup): Promise<LookupPage> {
  const { accountId, region: own, trailDataEvents } = settings
  const { region = own, attribute, after, limit = pageLength } = lookup
  const query = { accountId, region, after, limit }
  return trailDataEvents && !attribute ? services.allEvents(query) : services.lookupEvents({ ...query, attribute })
}

/** What has an index is found by it: what S3 did with objects has none, and no KMS key among its resources. */
function attributeOf({ settings }: ApiContext, { key, name, caller }: Chosen): Attribute | undefined {
  if (key !== undefined) return { key: 'ResourceName', value: key }
  if (settings.trailDataEvents) return undefined
  if (name !== undefined) return { key: 'EventName', value: name }
  return caller === undefined ? undefined : { key: 'Username', value: caller }
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

/** Records as rows, each with the request that caused it. */
export function rowsOf({ services }: Pick<ApiContext, 'services'>, records: readonly TrailRecord[]): EventRow[] {
  const causes = services.causes()
  return records.map((record) => ({ ...eventRow(record), causeId: causes.get(record.requestID ?? '') }))
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
  const record = await findEvent(context, id, region)
  const [row] = record ? rowsOf(context, [record]) : []
  if (!record || !row) throw new ConsoleRefusal(404, `There is no event ${id}`)
  const explanations = record.requestID ? await explainRequest(context, record.requestID) : []
  return { row, record, explanations }
}

async function findEvent(context: ApiContext, id: string, region: string | undefined) {
  const { records } = await lookUp(context, { region, attribute: { key: 'EventId', value: id }, limit: 1 })
  return records[0] ?? findDataEvent(context, id, region)
}

/** They have no index, but an id says when its event was. */
async function findDataEvent({ services, settings }: ApiContext, id: string, region = settings.region) {
  const time = timeOfEventId(id)
  if (time === undefined || !settings.trailDataEvents) return undefined
  const { accountId } = settings
  const query = { accountId, region, startTime: time, after: [time + 1, 0] satisfies Position, limit: occurringAmong }
  const { records } = await services.dataEvents(query)
  return records.find(({ eventID }) => eventID === id)
}

/** Why a request ended as it did, and the calls of KMS that it took. */
export async function explainRequest({ services }: ApiContext, requestId: string): Promise<ToldExplanation[]> {
  return (await services.explain(requestId)).map(tellExplanation)
}
