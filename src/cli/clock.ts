import { clockAdvance, clockFreeze, clockRun, clockSet, clockShow } from '../control/routes/clock.ts'
import type { ClockReading } from '../lab/clock/clock.ts'
import { durationWords } from '../lab/clock/duration.ts'
import { type Client, openClient } from './client.ts'
import type { Flags, Terminal } from './client-command.ts'

/** What is asked of the clock: `advance` and `set` with a value. */
export type ClockRequest = 'show' | 'advance' | 'set' | 'freeze' | 'run'

/**
 * `s3kms-emu clock …`: asks a running emulator for its clock, or turns it, and says what it shows then.
 * @throws Error in one line
 */
export async function clock(
  request: ClockRequest,
  flags: Flags,
  { environment, now, write }: Terminal,
  value = '',
): Promise<number> {
  const reading = await ask(openClient(flags, environment, now), request, value)
  write(flags.json ? `${JSON.stringify(reading)}\n` : `${wordsOf(reading)}\n`)
  return 0
}

function ask(client: Client, request: ClockRequest, value: string): Promise<ClockReading> {
  if (request === 'advance') return client.control(clockAdvance, { by: value })
  if (request === 'set') return client.control(clockSet, { to: value })
  const routes = { show: clockShow, freeze: clockFreeze, run: clockRun }
  return client.control(routes[request], {})
}

function wordsOf({ time, isStanding, ahead }: ClockReading): string {
  const where = `${durationWords(ahead)} ${ahead < 0 ? 'behind' : 'ahead of'} this machine`
  return [time, isStanding && 'standing', Math.abs(ahead) >= 1000 && where].filter(Boolean).join(', ')
}
