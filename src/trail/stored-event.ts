import { recordKind } from '../store/keyspace.ts'
import type { TrailRecord } from './event.ts'
import { eventTimeOf } from './record.ts'

/*
 * An event at rest: the values of its record in one order, without their names, and without what its key holds (account,
 * Region, time) or all records share. Names and those are a third of a record, and every call writes one.
 */

export type StoredEvent = readonly [
  userIdentity: TrailRecord['userIdentity'],
  eventSource: string,
  eventName: string,
  sourceIPAddress: string,
  userAgent: string,
  requestParameters: TrailRecord['requestParameters'],
  responseElements: TrailRecord['responseElements'],
  additionalEventData: Optional<'additionalEventData'>,
  requestID: Optional<'requestID'>,
  eventID: string,
  readOnly: boolean,
  resources: Optional<'resources'>,
  eventType: TrailRecord['eventType'],
  errorCode: Optional<'errorCode'>,
  errorMessage: Optional<'errorMessage'>,
  sharedEventID: Optional<'sharedEventID'>,
  tlsDetails: Optional<'tlsDetails'>,
  serviceEventDetails: Optional<'serviceEventDetails'>,
]

export type EventKey = [accountId: string, region: string, time: number, sequence: number]

/** The key holds what is left to this of time and sequence: the newest event comes first. */
export const last = Number.MAX_SAFE_INTEGER
export const events = recordKind<StoredEvent>()('event', ['string', 'string', 'integer', 'integer'])

/** JSON has no undefined in a list: it comes back as null. */
type Optional<Name extends keyof TrailRecord> = TrailRecord[Name] | null

/** What an event's key holds; the time in ms since the epoch. */
export interface EventPlace {
  accountId: string
  region: string
  time: number
}

export function storedEventOf(record: TrailRecord): StoredEvent {
  return [
    record.userIdentity,
    record.eventSource,
    record.eventName,
    record.sourceIPAddress,
    record.userAgent,
    record.requestParameters,
    record.responseElements,
    record.additionalEventData,
    record.requestID,
    record.eventID,
    record.readOnly,
    record.resources,
    record.eventType,
    record.errorCode,
    record.errorMessage,
    record.sharedEventID,
    record.tlsDetails,
    record.serviceEventDetails,
  ]
}

export function recordAt([accountId, region, time]: EventKey, stored: StoredEvent): TrailRecord {
  return recordOfStored(stored, { accountId, region, time: last - time })
}

/** The record again, its members in the order of delivered ones. */
export function recordOfStored(stored: StoredEvent, { accountId, region, time }: EventPlace): TrailRecord {
  const [
    userIdentity,
    eventSource,
    eventName,
    sourceIPAddress,
    userAgent,
    requestParameters,
    responseElements,
    additionalEventData,
    requestID,
    eventID,
    readOnly,
    resources,
    eventType,
    errorCode,
    errorMessage,
    sharedEventID,
    tlsDetails,
    serviceEventDetails,
  ] = stored
  return {
    eventVersion: '1.11',
    userIdentity,
    eventTime: eventTimeOf(time),
    eventSource,
    eventName,
    awsRegion: region,
    sourceIPAddress,
    userAgent,
    errorCode: errorCode ?? undefined,
    errorMessage: errorMessage ?? undefined,
    requestParameters,
    responseElements,
    additionalEventData: additionalEventData ?? undefined,
    serviceEventDetails: serviceEventDetails ?? undefined,
    requestID: requestID ?? undefined,
    eventID,
    readOnly,
    resources: resources ?? undefined,
    eventType,
    managementEvent: true,
    recipientAccountId: accountId,
    sharedEventID: sharedEventID ?? undefined,
    eventCategory: 'Management',
    tlsDetails: tlsDetails ?? undefined,
  }
}
