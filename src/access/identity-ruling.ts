import type { AccessRequest } from '../aws/policy.ts'
import type { PolicyCache } from './policy-cache.ts'
import type { Ruling } from './ruling.ts'
import {
  allows,
  denialOf,
  type Identities,
  missingOn,
  policiesOfCaller,
  type Side,
  type Sides,
  weighSides,
} from './sides.ts'

/*
 * What is on nobody's resource, the actions of IAM and STS, is a matter of the caller's own policies alone:
 *
 *   a Deny of any side refuses; identity policies, boundary and session policy must each allow, where there are such
 */

const sidesInOrder: readonly Side[] = ['identity', 'boundary', 'session']

/** Whether a caller's own policies allow a request. */
export function ruleByIdentity(identities: Identities, cache: PolicyCache, request: AccessRequest): Ruling {
  const { action, resource, caller } = request
  const sides = weighSides(policiesOfCaller(identities, cache, caller), request)
  const refusal = refusalBySides(sides, action)
  return {
    action,
    resource,
    allowed: refusal === undefined,
    because: refusal ?? 'the identity policies allow it',
    isAdministrator: sides.identity === undefined,
    sides,
  }
}

/** @returns AWS's words, half a sentence, or undefined where every side that is there allows */
export function refusalBySides(sides: Sides, action: string): string | undefined {
  const denial = denialOf(sides)
  if (denial !== undefined) return denial
  const silent = sidesInOrder.find((side) => !allows(sides[side]))
  return silent && missingOn(silent, action)
}

/** A refusal in AWS's words. */
export function refusalWords(
  callerArn: string,
  { action, resource, because }: Pick<Ruling, 'action' | 'resource' | 'because'>,
): string {
  return `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource} ${because}`
}
