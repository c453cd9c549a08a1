import { clockShow } from '../control/routes/clock.ts'
import type { Client } from './client.ts'

/**
 * How long ago something was is meant by the emulator's clock; where that is not shown (an emulator on another machine), by this one's.
 * @param now ms since the epoch, of this machine
 * @returns ms since the epoch
 */
export function emulatorTime(client: Client, now: () => number): Promise<number> {
  return client.control(clockShow, {}).then(
    ({ time }) => Date.parse(time),
    () => now(),
  )
}
