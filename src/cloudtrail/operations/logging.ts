import { required, structure } from '../../protocol/shapes.ts'
import { arnNamed, findAtHome, findOfRegion } from '../checks/name.ts'
import { cloudTrailErrors } from '../errors.ts'
import { cloudTrailOperation } from '../operation.ts'
import { deliveries } from '../records/kinds.ts'
import { TrailName } from '../shapes.ts'

/* Whether a trail is logging, and how its deliveries went. */

const input = structure({ Name: required(TrailName) })

export const StartLogging = cloudTrailOperation({
  name: 'StartLogging',
  input,
  readOnly: false,
  on: (call, { Name }) => arnNamed(call, Name),
  handle(call, { Name }) {
    const trail = findAtHome(call, Name)
    if (!trail.isLogging) {
      call.services.trails.put(call.transaction, { ...trail, isLogging: true, startedAt: call.now })
    }
    return {}
  },
})

export const StopLogging = cloudTrailOperation({
  name: 'StopLogging',
  input,
  readOnly: false,
  on: (call, { Name }) => arnNamed(call, Name),
  handle(call, { Name }) {
    const trail = findAtHome(call, Name)
    if (trail.isLogging) {
      call.services.trails.put(call.transaction, { ...trail, isLogging: false, stoppedAt: call.now })
    }
    return {}
  },
})

export const GetTrailStatus = cloudTrailOperation({
  name: 'GetTrailStatus',
  input,
  readOnly: true,
  on: (call, { Name }) => arnNamed(call, Name),
  handle(call, { Name }) {
    const trail = findOfRegion(call, Name)
    if (!trail) throw cloudTrailErrors.TrailNotFoundException(Name, call.accountId)
    const { id, isLogging, startedAt, stoppedAt } = trail
    const status = call.transaction.get(deliveries, [id]) ?? {}
    const { latestDelivery, latestError, latestDigest, latestDigestError } = status
    return {
      IsLogging: isLogging,
      LatestDeliveryTime: seconds(latestDelivery),
      LatestDeliveryError: latestError,
      LatestDigestDeliveryTime: seconds(latestDigest),
      LatestDigestDeliveryError: latestDigestError,
      StartLoggingTime: seconds(startedAt),
      StopLoggingTime: seconds(stoppedAt),
      // No longer in use, and answered all the same.
      LatestDeliveryAttemptTime: text(latestDelivery),
      LatestNotificationAttemptTime: '',
      LatestNotificationAttemptSucceeded: '',
      LatestDeliveryAttemptSucceeded: text(latestDelivery),
      TimeLoggingStarted: text(startedAt),
      TimeLoggingStopped: text(stoppedAt),
    }
  },
})

function seconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time / 1000
}

function text(time: number | undefined): string {
  return time === undefined ? '' : `${new Date(time).toISOString().slice(0, 19)}Z`
}
