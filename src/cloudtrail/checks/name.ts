import { isIPv4 } from 'node:net'
import { parseArn } from '../../aws/arn.ts'
import { cloudTrailErrors } from '../errors.ts'
import type { CloudTrailCall } from '../operation.ts'
import type { TrailSettings } from '../records/kinds.ts'
import { trailArn } from '../records/trails.ts'

/* How trails are named: by a name, in the Region of the call, or by an ARN (evidence: trail-words). */

type Place = Pick<CloudTrailCall, 'accountId' | 'region'>

const shortest = 3
const longest = 128

/** @throws AwsError InvalidTrailNameException */
export function checkName(name: string): void {
  const words = faultIn(name)
  if (words !== undefined) throw cloudTrailErrors.InvalidTrailNameException(words)
}

function faultIn(name: string): string | undefined {
  const { length } = name
  if (length === 0) return 'Trail name cannot be blank!'
  if (!/^[\w.-]+$/.test(name)) {
    return 'Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).'
  }
  if (length < shortest) {
    return `Trail name too short. Minimum allowed length: ${shortest} characters. Specified name length: ${length} characters.`
  }
  if (length > longest) {
    return `Trail name too long. Maximum allowed length: ${longest} characters. Specified name length: ${length} characters.`
  }
  if (!/^[A-Za-z0-9]/.test(name)) return 'Trail name must starts with a letter or number.'
  if (!/[A-Za-z0-9]$/.test(name)) return 'Trail name must ends with a letter or number.'
  if (/[._-]{2}/.test(name)) return 'Trail name cannot have adjacent periods, underscores or hyphens.'
  // AWS's model says that it is refused, its sentence is not known.
  return isIPv4(name) ? 'Trail name must not be in IP address format.' : undefined
}

/**
 * The ARN of the trail that is named, there or not; a name means the Region of the call.
 * @throws AwsError InvalidTrailNameException, CloudTrailARNInvalidException
 */
export function arnNamed({ accountId, region }: Place, nameOrArn: string): string {
  if (!nameOrArn.startsWith('arn:')) {
    checkName(nameOrArn)
    return trailArn({ homeRegion: region, accountId, name: nameOrArn })
  }
  const arn = parseArn(nameOrArn)
  const isTrail = arn?.service === 'cloudtrail' && /^trail\/[\w.-]+$/.test(arn.resource)
  if (!isTrail) throw cloudTrailErrors.CloudTrailARNInvalidException(nameOrArn)
  return nameOrArn
}

/**
 * A trail of the caller's account, to read: by its name also where it reaches here from its home Region.
 * @throws AwsError TrailNotFoundException, and as {@link arnNamed}
 */
export function findTrail(call: CloudTrailCall, nameOrArn: string): TrailSettings {
  const found = findShown(call, nameOrArn)
  if (!found) throw cloudTrailErrors.TrailNotFoundException(nameOrArn, call.accountId)
  return found
}

/** As {@link findTrail}; undefined where there is none. */
export function findShown(call: CloudTrailCall, nameOrArn: string): TrailSettings | undefined {
  return findOfRegion(call, nameOrArn) ?? call.services.trails.shadow(call.accountId, nameOrArn)
}

/** The same, but a name is that of a trail of this Region: one that reaches here from another is named by its ARN. */
export function findOfRegion(call: CloudTrailCall, nameOrArn: string): TrailSettings | undefined {
  const found = call.services.trails.get(arnNamed(call, nameOrArn))
  return found?.accountId === call.accountId ? found : undefined
}

/**
 * A trail of the caller's account, to change.
 * @throws AwsError InvalidHomeRegionException, and as {@link findTrail}
 */
export function findAtHome(call: CloudTrailCall, nameOrArn: string): TrailSettings {
  const trail = findTrail(call, nameOrArn)
  if (trail.homeRegion !== call.region) throw cloudTrailErrors.InvalidHomeRegionException(trail.homeRegion)
  return trail
}
