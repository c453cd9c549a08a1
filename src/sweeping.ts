import type { Log } from './log.ts'
import { StoreClosed } from './store/database.ts'
import { Pace } from './store/pace.ts'

const interval = 60_000
const firstAfter = 1_000

/** What is done now and then in the background, by the name that the log calls it; its pace spares those who wait for answers. */
export type Sweeps = Record<string, (pace: Pace) => Promise<unknown>>

/**
 * Does all sweeps once, one after another. One that fails is logged, and the others are done all the same: a damaged body must
 * not keep the trail from being pruned. When the store is closed meanwhile nothing is left to be done.
 */
export async function sweepAll(sweeps: Sweeps, log: Log, pace: Pace): Promise<void> {
  for (const [name, sweep] of Object.entries(sweeps)) {
    if (pace.hasEnded) return
    try {
      await sweep(pace)
    } catch (error) {
      if (error instanceof StoreClosed) return
      log.error(`sweeping ${name} failed`, error)
    }
  }
}

/**
 * Does all sweeps a second after the start and then every minute, never twice at once; keeps no process alive.
 * @param now ms since the epoch
 */
export function sweepInBackground(sweeps: Sweeps, log: Log, now: () => number): { stop(): Promise<void> } {
  let running: Promise<void> | undefined
  const pace = new Pace(now)
  const run = () => {
    running ??= sweepAll(sweeps, log, pace).finally(() => {
      running = undefined
    })
  }
  const first = setTimeout(run, firstAfter).unref()
  const rest = setInterval(run, interval).unref()
  return {
    stop: async () => {
      clearTimeout(first)
      clearInterval(rest)
      pace.end()
      await running
    },
  }
}
