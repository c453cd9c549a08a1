import type { Ambient } from '../ambient.ts'
import { AwsError } from '../aws/errors.ts'
import { globalContext } from '../aws/policy.ts'
import type { JsonCall } from '../protocol/aws-json.ts'
import { ruleByIdentity } from './identity-ruling.ts'
import { PolicyCache } from './policy-cache.ts'
import type { Identities } from './sides.ts'

/**
 * Who may call CloudTrail: whom its own policies allow the action, on a trail's ARN or on no resource.
 * @returns a check of one call; it throws AwsError AccessDeniedException (evidence: trail-lookup-denied)
 */
export function trailPermission(
  identities: Identities,
  ambient: Ambient,
): (call: JsonCall, action: string, resource: string) => void {
  const policies = new PolicyCache()
  return ({ http, authentication: { caller, region } }, action, resource) => {
    const { clientAddress: sourceIp, secure, headers } = http
    const now = ambient.now()
    const context = globalContext({ caller, now, sourceIp, secure, userAgent: headers['user-agent'], region })
    const ruling = ruleByIdentity(identities, policies, { action, resource, caller, context })
    if (ruling.allowed) return
    const on = resource === '*' ? '' : `on resource: ${resource} `
    const words = `User: ${caller.arn} is not authorized to perform: ${action} ${on}${ruling.because}`
    throw new AwsError('AccessDeniedException', words, 400)
  }
}
