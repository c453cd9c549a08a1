import { verify as verifyRoute } from '../control/routes/verify.ts'
import type { Verification } from '../lab/verify/report.ts'
import { type Client, openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'
import { counted, lineOfJson, printable } from './output.ts'
import { isWatched, openProgressBar } from './progress-bar.ts'
import { watchedVerify } from './watched-verify.ts'

/**
 * `s3kms-emu verify`: proof that what a running emulator keeps can be read as it was written.
 * A terminal sees how far it is.
 * @returns 1 where something is wrong, 130 when Ctrl-C ended it
 * @throws Error in one line
 */
export async function verify(flags: Flags, { environment, now, write, interruption }: Terminal): Promise<number> {
  const client = openClient(flags, environment, now)
  const input = { repair: flags.repair === true }
  const isShown = isWatched() && !flags.json
  const verification = await (isShown ? watch(client, input, interruption()) : client.control(verifyRoute, input))
  if (!verification) return interrupted
  write(
    flags.json ? `${lineOfJson(verification)}\n` : `${linesOf(verification, input.repair).map(printable).join('\n')}\n`,
  )
  return verification.ok ? 0 : 1
}

/** What a shell calls the end by SIGINT. */
const interrupted = 130

/** @returns undefined when it was interrupted */
async function watch(
  client: Client,
  input: { repair: boolean },
  signal: AbortSignal,
): Promise<Verification | undefined> {
  const bar = await openProgressBar((bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`)
  try {
    return await watchedVerify(client, { ...input, signal, onProgress: (progress) => bar.show(progress) })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  } finally {
    bar.end()
  }
}

/** What became of them. */
function repaired({ bodies, removed }: Verification['unreachable'], isRepair: boolean): string {
  if (removed) return ', removed'
  if (bodies === 0) return ''
  return isRepair ? ', left there: records are damaged that may have named them' : '; --repair removes them'
}

function linesOf(
  { ok, records, versions, parts, bytes, unopened, bodies, events, unreachable, ...rest }: Verification,
  isRepair: boolean,
): string[] {
  const { faults, faultCount } = rest
  return [
    [
      counted(records, 'record'),
      `${counted(versions, 'version')} and ${counted(parts, 'part')} of ${counted(bytes, 'byte')}`,
      counted(bodies, 'body', 'bodies'),
      counted(events, 'event'),
    ].join(', '),
    `${unopened} were not opened: their customer’s key is not here, or their KMS key is gone`,
    `${counted(unreachable.bodies, 'body', 'bodies')} that nothing names${repaired(unreachable, isRepair)}`,
    ...faults.map(({ kind, where, message }) => `${kind}: ${where}: ${message}`),
    ...(faults.length < faultCount ? [`${faultCount - faults.length} more are not listed`] : []),
    ok ? 'all is as it was written' : counted(faultCount, 'fault'),
  ]
}
