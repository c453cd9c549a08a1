import type { Log } from '../log.ts'
import { noProgress, type Progress, type Stage } from './progress.ts'

export interface HooksOptions {
  /** Each with scripts of its own, which are READY ones, and folders `boot.d`, `start.d`, `ready.d` and `shutdown.d`. */
  folders: readonly string[]
  log: Log
  /** What scripts find in their environment. */
  environment: () => NodeJS.ProcessEnv
}

/** The scripts of an emulator, by stages, and how far it is. */
export class Hooks {
  readonly progress: Progress = noProgress()
  readonly #options: HooksOptions

  constructor(options: HooksOptions) {
    this.#options = options
  }

  /**
   * Runs the scripts of a stage, one after another; resolves once all have ended. One that fails keeps no other from running.
   * @param signal ends the script that runs, and lets no further one begin
   */
  async run(stage: Stage, signal?: AbortSignal): Promise<void> {
    if (this.#options.folders.length > 0) {
      const { runScripts } = await import('./scripts.ts')
      await runScripts(stage, this.progress.scripts, { ...this.#options, signal })
    }
    this.progress.completed[stage] = true
  }
}
