import type { Services } from '../../services.ts'
import { LabRefusal } from '../refusal.ts'
import { type Question, readQuestion } from './question.ts'
import type { Suggestion } from './suggest.ts'
import type { Answer } from './why-not.ts'

/** What the emulator knows of policies. */
export interface PolicyTools {
  /**
   * The least that a principal's recorded calls needed.
   * @param principal the ARN of a user or role, or its name in the emulator's account
   * @param options.since calls from then on: ms since the epoch
   * @throws LabRefusal
   */
  suggest(principal: string, options?: { since?: number }): Promise<Suggestion>
  /**
   * Whether a call that nobody made would be allowed, and why.
   * @throws LabRefusal
   */
  whyNot(question: Question): Promise<Answer>
}

/** @param services as they are now: a reset makes new ones */
export function policyTools(services: () => Services): PolicyTools {
  return {
    async suggest(principal, { since } = {}) {
      if (!principal) throw new LabRefusal('wrong', 'principal is missing')
      const { suggestPolicies } = await import('./suggest.ts')
      return suggestPolicies(services(), principal, since)
    },
    async whyNot(question) {
      const { whyNot } = await import('./why-not.ts')
      return whyNot(services(), readQuestion(question))
    },
  }
}
