import type { Explanation as AnyExplanation } from '../access/explanations.ts'
import type { KmsExplanation } from '../kms/calls/explanations.ts'

/** Why a call ended as it did. */
export interface Explanation {
  requestId: string
  /** The request on whose behalf the service was called. */
  causeId?: string
  /** Left out: KMS. */
  service?: 's3' | 'iam' | 'sts'
  /** ms since the epoch */
  time: number
  operation: string
  region: string
  caller: { arn: string; accountId: string }
  /** Of KMS: the service that called on the caller's behalf. */
  via?: string
  /** Undefined: the call succeeded. */
  error?: { code: string; message: string }
  /** Of KMS: its keys, as they stood when the call came. */
  keys?: { arn: string; state: string }[]
  /** Of KMS, by the name of the input member. */
  encryptionContexts?: Record<string, Readonly<Record<string, string>>>
  /** Of KMS: how the context that was sent differs from the one that the ciphertext was sealed under. */
  ciphertext?: { sealedBy?: string; missing?: object; unexpected?: object }
  /** Each question that was asked of policies, in order. */
  rulings: readonly ExplainedRuling[]
}

/** Whether the caller may do something, and what was weighed for it. */
export interface ExplainedRuling {
  /** As IAM names it: `kms:Decrypt`. */
  action: string
  /** An ARN, or `*`. */
  resource: string
  allowed: boolean
  /** What allowed it, or AWS's words for the refusal. */
  because: string
  /** The caller has no identity policies. */
  isAdministrator: boolean
  statements: readonly ExplainedStatement[]
}

/** A statement of a policy, and how it stood to the request. */
export interface ExplainedStatement {
  policy: string
  /** From 0. */
  index: number
  sid?: string
  effect: 'Allow' | 'Deny'
  /** `principal` and `account`: it applies. */
  outcome: string
  /** Of another principal, action or resource: the element that does not fit, and the first of the `count` values that it names. */
  element?: { name: string; values: readonly string[]; count: number }
  /** The first condition that was not met. */
  condition?: { operator: string; key: string; values: string[]; actual: readonly string[] }
}

/** What the control API answers; that it fits is what the compiler checks here. */
export function explanationsOf(answered: object[]): Explanation[] {
  return answered as (AnyExplanation & Partial<Omit<KmsExplanation, keyof AnyExplanation>>)[]
}
