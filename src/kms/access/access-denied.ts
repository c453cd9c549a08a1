import { kmsErrors } from '../errors.ts'
import type { Question, Ruling } from './authorization.ts'

/** A refusal in AWS's words (captured). What another account's key does or has is told to nobody who may not use it. */
export function accessDenied(question: Question, ruling: Ruling) {
  const { context, key, action, resource, isNamedByCiphertext } = question
  const isForeign = key !== undefined && key.accountId !== context.caller.accountId
  if (isForeign && ruling.because.includes('resource-based')) {
    return isNamedByCiphertext ? foreignCiphertext() : invisible(context.caller.arn, action)
  }
  return kmsErrors.AccessDeniedException(
    `User: ${nameOf(context.caller.arn)} is not authorized to perform: ${action} on resource: ${resource} ${ruling.because}`,
  )
}

/** Of a key of another account: not there, or not to be used, nobody is told which (captured). */
export function invisible(callerArn: string, action: string) {
  return kmsErrors.AccessDeniedException(
    `User: ${nameOf(callerArn)} is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  )
}

/** Of a ciphertext whose key is another account's, or gone (captured). */
export function foreignCiphertext() {
  return kmsErrors.AccessDeniedException(
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  )
}

function nameOf(callerArn: string): string {
  return callerArn || 'anonymous'
}
