import type { WeighedStatement } from '../aws/policy.ts'

/** The answer to whether a caller may do something with a resource, and all that was weighed for it. */
export interface Ruling {
  /** As IAM names it: `s3:GetObject`. */
  action: string
  /** An ARN, or `*`. */
  resource: string
  allowed: boolean
  /** Half a sentence: what allowed it, or AWS's own words for the refusal. */
  because: string
  /** Everybody who has no identity policies. */
  isAdministrator: boolean
  statements: readonly WeighedStatement[]
}
