import { accountId, type Check, region } from '../option-checks.ts'
import { ControlRefusal } from './route.ts'

/** An account in a Region, as parameters of a control path name it. */
export const placeParameters = {
  account: { in: 'query', type: 'string', summary: 'Twelve digits; the emulator’s own where it is not named.' },
  region: { in: 'query', type: 'string', summary: 'The emulator’s own where it is not named.' },
} as const

/**
 * The account and the Region that a request names.
 * @throws ControlRefusal where one of them can be none
 */
export function placeOf({ account, region: name }: { account?: string; region?: string }): {
  accountId?: string
  region?: string
} {
  return { accountId: checked('account', account, accountId), region: checked('region', name, region) }
}

function checked(name: string, text: string | undefined, check: Check<string>): string | undefined {
  if (text === undefined) return undefined
  try {
    return check(text)
  } catch (error) {
    throw new ControlRefusal(422, `${name} must be ${error instanceof Error ? error.message : error}, not '${text}'`)
  }
}
