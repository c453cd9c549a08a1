import { setTimeout as wait } from 'node:timers/promises'
import { LabRefusal } from '../refusal.ts'
import type { Verification, VerifyOptions, VerifyProgress } from './report.ts'

/** How far it is, or at the end what came of it: why nothing did, where it cannot be done as things stand. */
export type VerifyLine = { progress: VerifyProgress } | { verification: Verification } | { refusal: string }

/** ms between two lines: often enough for eyes. */
const pace = 100

/**
 * Verifies for somebody who watches: the newest progress ten times a second, then the verification. Whoever stops reading ends the work.
 * @param verify does it
 */
export async function* verifyLines(
  verify: (options: Pick<VerifyOptions, 'onProgress' | 'signal'>) => Promise<Verification>,
): AsyncGenerator<VerifyLine> {
  const left = new AbortController()
  let progress: VerifyProgress | undefined
  const onProgress = (newest: VerifyProgress) => {
    progress = newest
  }
  const work = verify({ onProgress, signal: left.signal })
  try {
    for (;;) {
      const verification = await Promise.race([work, wait(pace, undefined, { signal: left.signal, ref: false })])
      if (verification) return yield { verification }
      if (progress) yield { progress }
    }
  } catch (error) {
    // The answer has begun: no status can say it any more.
    if (!(error instanceof LabRefusal)) throw error
    yield { refusal: error.message }
  } finally {
    left.abort()
    await work.catch(() => undefined)
  }
}
