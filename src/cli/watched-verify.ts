import { verifyProgress } from '../control/routes/verify.ts'
import type { Verification, VerifyOptions } from '../lab/verify/report.ts'
import type { Client } from './client.ts'

/**
 * Has a running emulator verify what it keeps, for somebody who watches or may leave: the emulator then ends the work.
 * @throws the reason of `signal` when it is ended before; Error in one line
 */
export async function watchedVerify(
  client: Client,
  { repair, onProgress, signal }: VerifyOptions,
): Promise<Verification> {
  try {
    for await (const line of await client.control(verifyProgress, { repair }, undefined, signal)) {
      if ('verification' in line) return line.verification
      if ('refusal' in line) throw new Error(line.refusal)
      onProgress?.(line.progress)
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
  throw new Error('the emulator ended before it had verified everything')
}
