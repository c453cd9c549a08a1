import type { Emulator } from '../../src/emulator.ts'
import { FixtureFault } from '../../src/fixtures/document.ts'
import { LabRefusal } from '../../src/lab/refusal.ts'
import type { Verification, VerifyProgress } from '../../src/lab/verify/report.ts'
import type { TrailRecord } from '../../src/trail/event.ts'
import type { Journey } from '../emulator.ts'
import type { Receiver } from '../receiver.ts'

/*
 * What can be done to an emulator and to no account on AWS, as a story asks for it: by the names of the library, whatever way the request
 * takes. One story is told through each way:
 *
 *   story ─▶ Lab ─┬─ the command line: the built program, as a user types it
 *                 ├─ HTTP: fetch on /_s3kms/…
 *                 ├─ the library: methods of the Emulator, and what it leaves to the client
 *                 └─ the testing client: of s3kms-emu/testing, by the same names
 */

type Parts = 'clock' | 'faults' | 'policy' | 'snapshots'
type Methods = 'inspect' | 'audit' | 'export' | 'import' | 'seed' | 'settle' | 'notifications'

export interface Lab extends Pick<Emulator, Parts | Methods> {
  reset(options: { fixtures: boolean }): Promise<void>
  verify(options?: { repair?: boolean }): Promise<Verification>
  /** The same for whoever watches. */
  watchedVerify(onProgress: (progress: VerifyProgress) => void): Promise<Verification>
  /** All that the trail holds, as it is taken out of it. */
  trailRecords(): Promise<TrailRecord[]>
  explain(id: string): Promise<{ operation: string }[]>
  keys(): Promise<{ Arn: string; Aliases: string[] }[]>
  /** What S3 did with objects; the oldest first. */
  dataEvents(): Promise<{ eventName: string }[]>
  health(): Promise<{ status: string; version?: string }>
}

export type WayName = 'the command line' | 'HTTP' | 'the library' | 'the testing client'

/** What a story may look at. */
export interface Telling {
  lab: Lab
  /** The emulator that it is told of: SDKs look at what became of it. */
  journey: Journey
  /** Where its notifications go. */
  receiver: Receiver
  /** A folder of the story's own. */
  folder: string
  /** The way to an emulator that the story started itself. */
  labOf(emulator: Emulator): Lab
}

export interface Story {
  /** A sentence: what is shown. */
  name: string
  /** Where only some ways have it; the test of what is missing knows why. */
  through?: readonly WayName[]
  tell(telling: Telling): Promise<void>
}

/** What a way refused, in its words. */
export class Refused extends Error {}

/** The words in which the lab refuses; anything else that goes wrong is thrown. */
export async function refusalOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => new Error('it was done'),
    (reason) => reason,
  )
  if (error instanceof Refused || error instanceof LabRefusal || error instanceof FixtureFault) return error.message
  throw error
}
