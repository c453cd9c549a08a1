import type { WeighedStatement } from '../aws/policy.ts'
import { type Sides, weighedBy } from './sides.ts'

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
  /** What the policies of each side said. */
  sides: Sides
}

/** A ruling as it is told, with every statement of every policy. */
export type Told<Kind extends Ruling = Ruling> = Omit<Kind, 'sides'> & { statements: readonly WeighedStatement[] }

/** Tells a ruling, once somebody asks: most rulings nobody asks about. */
export function tell<Kind extends Ruling>({ sides, ...ruling }: Kind): Told<Kind> {
  return { ...ruling, statements: weighedBy(sides) }
}
