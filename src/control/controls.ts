import type { IncomingMessage } from 'node:http'
import type { Progress } from '../hooks/progress.ts'
import type { Audit } from '../lab/audit/audit.ts'
import type { AuditQuery } from '../lab/audit/audit-query.ts'
import type { Clock } from '../lab/clock/clock.ts'
import type { Faults, ForeignFaults } from '../lab/faults/faults.ts'
import type { Inspection, InspectOptions } from '../lab/inspect/inspect.ts'
import type { PolicyTools } from '../lab/policy/policy-tools.ts'
import type { Snapshots } from '../lab/snapshots/snapshots.ts'
import type { Verification, VerifyOptions } from '../lab/verify/report.ts'
import type { TrailRecord } from '../trail/event.ts'

/*
 * What can be done to an emulator that runs, beside AWS's own APIs. Each part is small, and an emulator's controls are all of them: a
 * route needs one of them, a test gives it that one. What belongs together and has a name of its own (a clock, faults) is one
 * member, the same object that the library's `Emulator` has, with its interface in src/lab/.
 */

export interface Controls extends Observations, Life, Surroundings {
  clock: Clock
  faults: Faults & ForeignFaults
  policy: PolicyTools
}

/** The seconds it is up, and `starting` until everything is seeded. */
export interface HealthReport {
  status: 'starting' | 'ok' | 'degraded'
  version: string
  uptime: number
}

/** What can be seen of it. */
interface Observations {
  /** Whether all is well, what there is, and since when. */
  health(): Promise<HealthReport>
  /** How far its start is, and what became of its scripts. */
  progress(): Progress
  /** Whether a service was used already. */
  services(): Record<string, 'available' | 'running'>
  /** Why calls ended as they did, by request id or `last`; nothing where nothing is known. */
  explain(id: string): Promise<object[]>
  /** An object as it lies in the store, by `s3://bucket/key?versionId=…`. */
  inspect(uri: string, options?: InspectOptions): Promise<Inspection>
  /** What lies how, and what is wrong with that. */
  audit(query?: AuditQuery): Promise<Audit>
  /** Reads everything, and says what is wrong. */
  verify(options: VerifyOptions): Promise<Verification>
  /** The KMS keys of an account in a Region, those of the emulator where they are not named; no event is left. */
  keys(place: { accountId?: string; region?: string }): Promise<object[]>
  /** What buckets told of their objects, the oldest first. */
  notifications(query: { after?: number; limit?: number; bucket?: string }): Promise<object>
  /** The data events of an account in a Region, those of the emulator where they are not named; the newest first. */
  dataEvents(query: {
    /** Those of LookupEvents too. */
    all?: boolean
    accountId?: string
    region?: string
    limit?: number
    /** ms since the epoch */
    startTime?: number
    after?: [time: number, sequence: number]
  }): Promise<{ records: object[]; next?: string }>
  /** All that the trail holds, of all accounts and Regions; of an account in a Region the newest first. */
  trailRecords(): AsyncIterable<TrailRecord>
}

/** Its state, begun anew and come to rest. */
interface Life {
  /**
   * Makes what fixtures declare and is not there.
   * @param document what a fixture file says
   * @returns one line for each: made, or left
   * @throws ControlRefusal where it is no such document, or a service refuses something of it
   */
  seed(document: unknown): Promise<string[]>
  /**
   * Empties everything; waits for all requests in flight but this one.
   * @param options.fixtures whether the fixture files are applied again
   * @returns what they did, one line each
   */
  reset(options: { fixtures: boolean }, incoming: IncomingMessage): Promise<string[]>
  /** Resolves once everything is done that is due at this moment of the clock. */
  settle(): Promise<void>
  /** Its states that are kept, come in or go out; loaded when they are first asked for. */
  snapshots(): Promise<Pick<Snapshots, 'save' | 'load' | 'list' | 'delete' | 'export' | 'import'>>
}

/** What the API itself needs. */
interface Surroundings {
  /** ms since the epoch, by its clock. */
  now(): number
  /** Tells the log of a fault of ours. */
  failed(error: Error): void
  /** Opens the paths to whoever bears it. */
  token?: string
}
