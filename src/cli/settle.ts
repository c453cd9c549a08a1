import { settle as settleRoute } from '../control/routes/settle.ts'
import { openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'

/**
 * `s3kms-emu settle`: ends once everything is done that is due by the emulator's clock.
 * @throws Error in one line
 */
export async function settle(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const answer = await openClient(flags, environment, now).control(settleRoute, {})
  write(flags.json ? `${JSON.stringify(answer)}\n` : 'settled\n')
  return 0
}
