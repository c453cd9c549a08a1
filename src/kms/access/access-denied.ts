import { kmsErrors } from '../errors.ts'
import type { Question, Ruling } from './authorization.ts'

/** A refusal in AWS's words (evidence: kms-denied). It says nothing of another account's key that the caller may not use. */
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

/** The refusal for another account's key. It does not say whether the key exists (evidence: kms-denied-foreign). */
export function invisible(callerArn: string, action: string) {
  return kmsErrors.AccessDeniedException(
    `User: ${nameOf(callerArn)} is not authorized to perform: ${action} on this resource because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  )
}

/** The refusal for a ciphertext whose key belongs to another account, or no longer exists (evidence: kms-denied-ciphertext). */
export function foreignCiphertext() {
  return kmsErrors.AccessDeniedException(
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  )
}

function nameOf(callerArn: string): string {
  return callerArn || 'anonymous'
}
