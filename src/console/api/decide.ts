import { tellRuling } from '../../control/told-explanation.ts'
import { enumeration, examine, required, string, stringMap, structure } from '../../protocol/shapes.ts'
import type { Decision } from '../answers.ts'
import { type ApiContext, ConsoleRefusal } from '../services.ts'

const shape = structure(
  {
    principal: required(string({ min: 1 })),
    action: required(string({ min: 1 })),
    resource: required(string({ min: 1 })),
    encryptionContext: stringMap({ characters: 8192 }),
    via: enumeration(['s3']),
  },
  { closed: true },
)

/**
 * Whether a call that nobody made would be allowed, with all that was weighed.
 * @throws ConsoleRefusal, LabRefusal
 */
export async function decide({ controls }: ApiContext, asked: unknown): Promise<Decision> {
  const { value, faults } = examine(shape, asked)
  if (faults.length > 0) throw new ConsoleRefusal(400, 'Who, which action and which resource must be named')
  const { caller, ...ruling } = await controls.policy.whyNot(value)
  const service = value.action.startsWith('s3:') ? ('s3' as const) : undefined
  return { caller, ruling: tellRuling(ruling, caller, service) }
}
