import type { Log } from '../log.ts'
import { noProgress, type Progress, type Stage } from './progress.ts'

export interface HooksOptions {
  /** Each with scripts of its own, which are READY ones, and folders `boot.d`, `start.d`, `ready.d` and `shutdown.d`. */
  folders: readonly string[]
  log: Log
  /** What scripts find in their environment. */
  environment: () => NodeJS.ProcessEnv
  /** How long the scripts of SHUTDOWN have, all of them, in ms. */
  shutdownTime?: number
}

/** Less than the ten seconds after which `docker stop` kills. */
const usualShutdownTime = 5000

/** The scripts of an emulator, by stages, and how far it is. */
export class Hooks {
  readonly progress: Progress = noProgress()
  readonly #options: HooksOptions

  constructor(options: HooksOptions) {
    this.#options = options
  }

  /**
   * Runs the scripts of a stage, one after another; resolves once all have ended. One that fails keeps no other from running.
   * @param given ends the script that runs, and lets no further one begin; those of SHUTDOWN end when their time is over
   */
  async run(stage: Stage, given?: AbortSignal): Promise<void> {
    if (this.#options.folders.length > 0) {
      const { shutdownTime = usualShutdownTime } = this.#options
      const signal = stage === 'SHUTDOWN' ? AbortSignal.timeout(shutdownTime) : given
      const { runScripts } = await import('./scripts.ts')
      await runScripts(stage, this.progress.scripts, { ...this.#options, signal })
    }
    this.progress.completed[stage] = true
  }
}
