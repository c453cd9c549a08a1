import type { Ambient } from '../ambient.ts'
import { AwsError } from '../aws/errors.ts'
import type { Log } from '../log.ts'
import type { CredentialSource } from '../protocol/authentication.ts'
import { createJsonEndpoint, type JsonCall } from '../protocol/aws-json.ts'
import type { Endpoint } from '../protocol/http.ts'
import { absentOperation, lookupEvents } from './lookup-events.ts'
import { absentOperations, trailOperations } from './operations.ts'
import type { Trail } from './trail.ts'

/**
 * CloudTrail over HTTP (AWS JSON 1.1): LookupEvents over the event history of the caller's account in the called Region, and the
 * operations on trails.
 *
 * As on AWS: eight attribute keys, one a request; inclusive times; 1 to 50 events a page, newest first; a token that is good
 * for the same parameters only (evidence: trail-lookup). Unlike AWS: an event is there as soon as its call is answered (AWS: minutes later), and
 * there is no limit of two requests a second. LookupEvents itself leaves no event: a follower would feed on its own tail.
 * Every other operation answers UnsupportedOperationException by name.
 */
export interface CloudTrailOptions {
  trail: Trail
  credentials: CredentialSource
  /** Refuses who may not do something. @param action `cloudtrail:LookupEvents` @param resource an ARN, or `*` */
  permit(call: JsonCall, action: string, resource: string): void
  /** The operations on trails. */
  invoke(operation: string, input: unknown, call: JsonCall): Promise<object>
  ambient: Ambient
  region: string
  log: Log
}

export function createCloudTrailEndpoint(options: CloudTrailOptions): Endpoint {
  const { trail, credentials, permit, invoke, ambient, region, log } = options
  return createJsonEndpoint({
    targetPrefix: 'CloudTrail_20131101',
    acceptsNamespace: true,
    service: 'cloudtrail',
    credentials,
    ambient,
    region,
    log,
    internalFailure: new AwsError('InternalFailure', 'An internal error occurred. The log has more.', 500),
    hasOperation: (name) => name === 'LookupEvents' || trailOperations.has(name) || absentOperations.has(name),
    async invoke(operation, input, call) {
      if (trailOperations.has(operation)) return invoke(operation, input, call)
      if (operation !== 'LookupEvents') throw absentOperation(operation)
      permit(call, 'cloudtrail:LookupEvents', '*')
      const { authentication } = call
      return lookupEvents(trail, authentication.caller.accountId, authentication.region, input)
    },
  })
}
