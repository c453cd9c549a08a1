import { reset as resetRoute } from '../control/routes/reset.ts'
import { type ClientFlags, openClient } from './client.ts'
import { lineOfJson, printable } from './output.ts'

export interface ResetFlags extends ClientFlags {
  /** Applies the fixture files of the emulator again. */
  fixtures?: boolean
  json?: boolean
}

/**
 * `s3kms-emu reset`: empties a running emulator.
 * @throws Error in one line
 */
export async function reset(
  flags: ResetFlags,
  environment: NodeJS.ProcessEnv,
  now: () => number,
  write: (text: string) => void,
): Promise<number> {
  const client = openClient(flags, environment, now)
  const answer = await client.control(resetRoute, { fixtures: flags.fixtures })
  const lines = answer.fixtureReport
  write(flags.json ? `${lineOfJson(answer)}\n` : `${['reset', ...lines].map(printable).join('\n')}\n`)
  return 0
}
