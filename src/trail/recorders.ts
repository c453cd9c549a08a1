import type { Database, Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import type { TrailRecord } from './event.ts'

/*
 * Trails that are logging. Which events go into a trail's files is decided when they happen, and committed with them:
 *
 *   undelivered   trail's id │ 0 or 1 │ Region │ sequence   → [time, category]       1: a call of CloudTrail's own
 *
 * So nothing that happens at the same time can be passed over, and what is changed later touches no earlier event. CloudTrail's own
 * calls, by which it delivers, go with the next file, and are no reason for one: that would never end.
 */

/** A trail that is logging. */
export interface Recorder {
  /** Of the trail, since it was made: another one of its name has another. */
  id: string
  accountId: string
  /** Whether its selectors name data events at all. */
  takesDataEvents: boolean
  takes(record: TrailRecord): boolean
}

/** When it happened, in ms since the epoch, and whether it is a data event. */
export type UndeliveredEvent = readonly [time: number, category: TrailRecord['eventCategory']]

export const undeliveredEvents = recordKind<UndeliveredEvent>()('undelivered', [
  'string',
  'integer',
  'string',
  'integer',
])

/** CloudTrail, as policies and records name it. */
export const cloudTrailService = 'cloudtrail.amazonaws.com'

/** The trails that are logging, of all accounts and Regions. */
export class Recorders {
  #all: readonly Recorder[] = []
  #takeDataEvents = false

  /** Whether there are none: then nothing else need be asked. */
  get areNone(): boolean {
    return this.#all.length === 0
  }

  /** Whether any wants data events. */
  get takeDataEvents(): boolean {
    return this.#takeDataEvents
  }

  set(all: readonly Recorder[]): void {
    this.#all = all
    this.#takeDataEvents = all.some(({ takesDataEvents }) => takesDataEvents)
  }

  takersOf(record: TrailRecord): readonly Recorder[] {
    return this.#all.filter((one) => one.accountId === record.recipientAccountId && one.takes(record))
  }

  /** Stages that a record waits for the files of trails. @param position its time and sequence */
  stage(
    transaction: Transaction,
    record: TrailRecord,
    [time, sequence]: readonly [number, number],
    takers: readonly Recorder[],
  ): void {
    const own = record.userIdentity.invokedBy === cloudTrailService ? 1 : 0
    for (const { id } of takers) {
      transaction.add(undeliveredEvents, [id, own, record.awsRegion, sequence], [time, record.eventCategory])
    }
  }
}

/** Whether anything waits, of any trail. */
export async function isAnythingUndelivered(database: Database): Promise<boolean> {
  for await (const _ of database.entries(undeliveredEvents, { limit: 1 })) return true
  return false
}
