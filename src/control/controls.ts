import type { IncomingMessage } from 'node:http'

/** What can be done to an emulator that runs, beside AWS's own APIs. */
export interface Controls {
  /** Whether all is well, what there is, and since when. */
  health(): Promise<object>
  /** Why calls ended as they did, by request id or `last`; nothing where nothing is known. */
  explain(id: string): Promise<object[]>
  /** The KMS keys of an account in a Region, those of the emulator where they are not named; no event is left. */
  keys(place: { accountId?: string; region?: string }): Promise<object[]>
  /** What buckets told of their objects, the oldest first. */
  notifications(query: { after?: number; limit?: number; bucket?: string }): Promise<object>
  /** The data events of an account in a Region, those of the emulator where they are not named; the newest first. */
  dataEvents(query: {
    accountId?: string
    region?: string
    limit?: number
    /** ms since the epoch */
    startTime?: number
    after?: [time: number, sequence: number]
  }): Promise<{ records: object[]; next?: string }>
  /**
   * Empties everything; waits for all requests in flight but this one.
   * @param options.fixtures whether the fixture files are applied again
   * @returns what they did, one line each
   */
  reset(options: { fixtures: boolean }, incoming: IncomingMessage): Promise<string[]>
  /** Resolves once everything is done that is due at this moment of the clock. */
  settle(): Promise<void>
  /** Tells the log of a fault of ours. */
  failed(error: Error): void
  /** Opens the paths to whoever bears it. */
  token?: string
}
