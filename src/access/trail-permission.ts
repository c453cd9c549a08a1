import type { Ambient } from '../ambient.ts'
import { AwsError } from '../aws/errors.ts'
import { globalContext } from '../aws/policy.ts'
import type { JsonCall } from '../protocol/aws-json.ts'
import { ruleByIdentity } from './identity-ruling.ts'
import { PolicyCache } from './policy-cache.ts'
import type { Identities } from './sides.ts'

/**
 * Who may look up the events of its account: whom its own policies allow `cloudtrail:LookupEvents`, which is on no resource.
 * @returns a check of one call; it throws AwsError AccessDeniedException (evidence: trail-lookup-denied)
 */
export function trailPermission(identities: Identities, ambient: Ambient): (call: JsonCall) => void {
  const policies = new PolicyCache()
  const action = 'cloudtrail:LookupEvents'
  return ({ http, authentication: { caller, region } }) => {
    const { clientAddress: sourceIp, secure, headers } = http
    const now = ambient.now()
    const context = globalContext({ caller, now, sourceIp, secure, userAgent: headers['user-agent'], region })
    const ruling = ruleByIdentity(identities, policies, { action, resource: '*', caller, context })
    if (ruling.allowed) return
    const words = `User: ${caller.arn} is not authorized to perform: ${action} ${ruling.because}`
    throw new AwsError('AccessDeniedException', words, 400)
  }
}
