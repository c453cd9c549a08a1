import { verify as verifyRoute } from '../control/routes/verify.ts'
import type { Verification } from '../lab/verify/report.ts'
import { openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { printable } from './output.ts'

/**
 * `s3kms-emu verify`: proof that what a running emulator keeps can be read as it was written.
 * @returns 1 where something is wrong
 * @throws Error in one line
 */
export async function verify(flags: Flags, { environment, now, write }: Terminal): Promise<number> {
  const client = openClient(flags, environment, now)
  const verification = await client.control(verifyRoute, { repair: flags.repair === true })
  write(flags.json ? `${JSON.stringify(verification)}\n` : `${linesOf(verification).map(printable).join('\n')}\n`)
  return verification.ok ? 0 : 1
}

function linesOf({
  ok,
  records,
  versions,
  bytes,
  unopened,
  bodies,
  events,
  unreachable,
  ...rest
}: Verification): string[] {
  const { faults, faultCount } = rest
  const removed = unreachable.removed ? ', removed' : unreachable.bodies > 0 ? '; --repair removes them' : ''
  return [
    `${records} records, ${versions} versions of ${bytes} bytes, ${bodies} bodies, ${events} events`,
    `${unopened} versions were not opened: their customer’s key is not here, or their KMS key is gone`,
    `${unreachable.bodies} bodies that nothing names${removed}`,
    ...faults.map(({ kind, where, message }) => `${kind}: ${where}: ${message}`),
    ...(faults.length < faultCount ? [`${faultCount - faults.length} more are not listed`] : []),
    ok ? 'all is as it was written' : `${faultCount} faults`,
  ]
}
