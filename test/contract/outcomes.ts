import type { Answer, Call, Outcome } from './scenario.ts'

/* What a call is answered, in AWS's words (evidence: s3-denied, kms-denied). */

type Side = 'identity-based policy' | 'resource-based policy' | 'permissions boundary' | 'session policy'

export const allowed: Outcome = (_, { success }) => ({ status: success, code: '', message: '' })

/** Nothing of this side allows it. @param action where it is not the call's first */
export function noneAllows(side: Side, action?: string, resource?: string): Outcome {
  return (arn, call) => {
    const asked = { action: action ?? call.action, resource: resource ?? call.resource }
    return refusal(arn, call, asked, `because no ${side} allows the ${asked.action} action`)
  }
}

/** A Deny of this side. @param policy the ARN of the managed policy that it stands in */
export function deniedBy(side: Side, policy?: string): Outcome {
  const article = side === 'identity-based policy' ? 'an' : 'a'
  const words = `with an explicit deny in ${article} ${side}${policy ? `: ${policy}` : ''}`
  return (arn, call) => refusal(arn, call, call, words)
}

/** What KMS refuses to S3, which asks in the caller's name. */
export function kmsRefuses(action: string, keyArn: string, words: string): Outcome {
  const message = `is not authorized to perform: ${action} on resource: ${keyArn} ${words}`
  return (arn) => ({ status: 403, code: 'AccessDenied', message: `User: ${arn} ${message}` })
}

export const missingInKms = (side: Side, action: string) => `because no ${side} allows the ${action} action`

/** Another account's key, which may not even be there. */
export function isInvisible(service: 's3' | 'kms', action: string): Outcome {
  const reason =
    'on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access'
  const head = service === 's3' ? { status: 403, code: 'AccessDenied' } : { status: 400, code: 'AccessDeniedException' }
  return (arn) => ({ ...head, message: `User: ${arn} is not authorized to perform: ${action} ${reason}` })
}

/** To other accounts and to nobody S3 says no more. */
export const accessDenied: Outcome = () => ({ status: 403, code: 'AccessDenied', message: 'Access Denied' })

export function fails(status: number, code: string, message: string): Outcome {
  return () => ({ status, code, message })
}

/** An answer without a body: the SDK has words of its own. */
export function bare(status: number, code: string): Outcome {
  return () => ({ status, code, message: 'UnknownError' })
}

function refusal(
  arn: string,
  call: Call,
  { action, resource }: Pick<Call, 'action' | 'resource'>,
  words: string,
): Answer {
  const isS3 = action.startsWith('s3:')
  const on = isS3 ? `"${resource}"` : resource
  const message = `User: ${arn} is not authorized to perform: ${action} on resource: ${on} ${words}`
  if (call.action.startsWith('s3:')) return { status: 403, code: 'AccessDenied', message }
  return { status: 400, code: 'AccessDeniedException', message }
}
