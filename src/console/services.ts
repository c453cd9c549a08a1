import type { Ambient } from '../ambient.ts'
import type { Controls } from '../control/controls.ts'
import type { Settings } from '../options.ts'
import type { Services } from '../services.ts'

/** What the console stands on. */
export interface ConsoleParts {
  /** As they are now: a reset makes new ones. */
  services: () => Services
  controls: Controls
  settings: Settings
  ambient: Ambient
  /** Where AWS clients find S3 and KMS. */
  endpoint: string
  /** Aborted when the emulator begins to stop. */
  stopping: AbortSignal
}

/** What an answer of the console's API is made of. */
export interface ApiContext extends Omit<ConsoleParts, 'services'> {
  services: Services
}

/** What is asked for is not there, or makes no sense; in words for people. */
export class ConsoleRefusal extends Error {
  readonly status: 400 | 404

  constructor(status: ConsoleRefusal['status'], message: string) {
    super(message)
    this.status = status
  }
}
