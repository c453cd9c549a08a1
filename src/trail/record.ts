import type { Caller } from '../aws/caller.ts'
import { remembering } from '../protocol/remembered.ts'
import type { CallOutcome, ServiceEvent, TrailRecord, TrailResource } from './event.ts'

/*
 * From a call and its outcome to the record CloudTrail delivers:
 *
 *   direct call     client's address and agent, tlsDetails when it came over TLS
 *   forwarded call  the caller's own identity, and `fas.SERVICE.amazonaws.com` as invokedBy, address and agent
 *   other account   a second record in the owner's account, tied to the first by sharedEventID
 *
 * Members are written in the order of delivered records; those that are undefined vanish when it becomes JSON.
 * Source: CloudTrail User Guide, "CloudTrail record contents" (evidence: trail-record, trail-forwarded).
 */

const longestUserAgent = 1024
const largestRequestParameters = 100 << 10
const largestAdditionalEventData = 28 << 10

/** The record of a call in the caller's account; an anonymous call belongs to the account of what it touched. */
export function recordOf(outcome: CallOutcome, eventId: string): TrailRecord {
  const agent = forwarderOf(outcome)
  return {
    eventVersion: '1.11',
    userIdentity: userIdentityOf(outcome.caller, agent),
    eventTime: eventTimeOf(outcome.time),
    eventSource: `${outcome.service}.amazonaws.com`,
    eventName: outcome.eventName,
    awsRegion: outcome.region,
    sourceIPAddress: agent ?? outcome.clientAddress,
    userAgent: agent ?? userAgentOf(outcome),
    errorCode: outcome.error && errorCodeOf(outcome.error.code),
    errorMessage: outcome.error?.message || undefined,
    requestParameters: capped('requestParameters', outcome.requestParameters, largestRequestParameters),
    responseElements: outcome.error ? null : outcome.responseElements,
    additionalEventData: outcome.additionalEventData && additionalEventDataOf(outcome.additionalEventData),
    requestID: outcome.requestId,
    eventID: eventId,
    readOnly: outcome.readOnly,
    resources: outcome.resources?.length ? outcome.resources : undefined,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: outcome.caller.accountId || (ownerOf(outcome.resources) ?? ''),
    sharedEventID: undefined,
    eventCategory: 'Management',
    tlsDetails: tlsDetailsOf(outcome),
  }
}

/** The record of what nobody called for (CloudTrail User Guide, "Non-API events"): the service is its own caller. */
export function recordOfServiceEvent(event: ServiceEvent, eventId: string): TrailRecord {
  const agent = 'AWS Internal'
  return {
    eventVersion: '1.11',
    userIdentity: { accountId: event.accountId, invokedBy: agent },
    eventTime: eventTimeOf(event.time),
    eventSource: `${event.service}.amazonaws.com`,
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: agent,
    userAgent: agent,
    requestParameters: null,
    responseElements: null,
    serviceEventDetails: event.serviceEventDetails,
    eventID: eventId,
    readOnly: false,
    resources: event.resources,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: event.accountId,
    eventCategory: 'Management',
  }
}

/**
 * The account, other than the caller's, whose resource was touched: it gets a record of its own.
 * @returns undefined when there is none, or when access was denied (then only the caller's account has a record)
 */
export function otherAccountOf({ caller, resources, error }: CallOutcome): string | undefined {
  if (caller.accountId === '') return undefined
  if (error && errorCodeOf(error.code) === 'AccessDenied') return undefined
  return resources?.find(({ accountId = caller.accountId }) => accountId !== caller.accountId)?.accountId
}

/** The same call as the owner's account sees it: a foreign caller is known there by account and principal id alone. */
export function recordForOwner(record: TrailRecord, caller: Caller, owner: string, eventId: string): TrailRecord {
  const { invokedBy } = record.userIdentity
  const foreigner = { type: 'AWSAccount', principalId: caller.principalId, accountId: caller.accountId, invokedBy }
  return { ...record, userIdentity: foreigner, eventID: eventId, recipientAccountId: owner }
}

/** `YYYY-MM-DDThh:mm:ssZ`: CloudTrail's times have no fraction. */
export function eventTimeOf(time: number): string {
  return rememberedTime(String(Math.floor(time / 1000)), (seconds) => {
    return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`
  })
}

const rememberedTime = remembering<string>(64)

function userIdentityOf(caller: Caller, invokedBy: string | undefined): Record<string, unknown> {
  const { type, principalId, arn, accountId, accessKeyId, userName } = caller
  if (type === 'Anonymous') {
    return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL', invokedBy }
  }
  if (type === 'AWSService') return { type, invokedBy: principalId }
  if (type === 'IAMUser') {
    const sessionContext = sessionContextOf(caller)
    return { type, principalId, arn, accountId, accessKeyId, userName, sessionContext, invokedBy }
  }
  const sessionContext = sessionContextOf(caller)
  return { type, principalId, arn, accountId, accessKeyId, sessionContext, invokedBy }
}

/** Of temporary credentials: whose they are, and since when. */
function sessionContextOf({
  accountId,
  role,
  federatedBy,
  issuedAt,
  mfaAt,
}: Caller): Record<string, unknown> | undefined {
  const [type, issuer] = role ? ['Role', role] : ['IAMUser', federatedBy]
  const created = role?.issuedAt ?? issuedAt
  if (created === undefined) return undefined
  const sessionIssuer = issuer && {
    type,
    principalId: issuer.principalId,
    arn: issuer.arn,
    accountId,
    userName: issuer.name,
  }
  return {
    sessionIssuer,
    attributes: { creationDate: eventTimeOf(created), mfaAuthenticated: String(mfaAt !== undefined) },
  }
}

function forwarderOf({ via }: CallOutcome): string | undefined {
  return via && `fas.${via}.amazonaws.com`
}

/** S3's records have the agent in brackets, KMS's as it came (evidence: trail-s3-agent). */
function userAgentOf({ service, userAgent }: CallOutcome): string {
  const agent = service === 's3' && !userAgent.startsWith('[') ? `[${userAgent}]` : userAgent
  return agent.length > longestUserAgent ? agent.slice(0, longestUserAgent) : agent
}

/** KMS answers `AccessDeniedException`, its records say `AccessDenied` (evidence: trail-denied). */
function errorCodeOf(code: string): string {
  return code === 'AccessDeniedException' ? 'AccessDenied' : code
}

function additionalEventDataOf(data: Record<string, unknown>): Record<string, unknown> | undefined {
  return capped('additionalEventData', data, largestAdditionalEventData) ?? undefined
}

/** A member that is too large for a record is replaced by a note of its size (evidence: trail-limits). */
function capped(field: string, value: Record<string, unknown> | null, largest: number): Record<string, unknown> | null {
  if (value === null || largestJson(value) <= largest) return value
  const originalSize = JSON.stringify(value).length
  return originalSize > largest ? { omitted: true, originalSize, reason: `${field} too large` } : value
}

/** Characters of JSON that a value makes at most: `\u0000` is six of them, a number has up to 25. */
function largestJson(value: unknown): number {
  if (typeof value === 'string') return 6 * value.length + 3
  if (typeof value !== 'object' || value === null) return 25
  let length = 2
  for (const name in value) length += 6 * name.length + 4 + largestJson(value[name as keyof typeof value])
  return length
}

function ownerOf(resources: readonly TrailResource[] | undefined): string | undefined {
  return resources?.find(({ accountId = '' }) => accountId !== '')?.accountId
}

/** Version and cipher are those of Node's default handshake: listeners do not hand down what was agreed. */
function tlsDetailsOf(outcome: CallOutcome): TrailRecord['tlsDetails'] {
  if (!outcome.secure || outcome.via) return undefined
  return {
    tlsVersion: 'TLSv1.3',
    cipherSuite: 'TLS_AES_256_GCM_SHA384',
    clientProvidedHostHeader: outcome.hostHeader ?? `${outcome.service}.${outcome.region}.amazonaws.com`,
  }
}
