import type { BlobId } from './blob-records.ts'
import type { Database } from './database.ts'
import { StoreUnavailable } from './disk.ts'
import { StoreClosed } from './refusals.ts'
import { settings } from './settings.ts'

/*
 * The numbers of segments, each given once. They are reserved in blocks, so a write needs no mark of its own:
 *
 *   numbers   …│ floor ──────── in flight, or committed ──────── next │ ──── reserved, not given yet ──── reserved │…
 *
 * After an unclean end every segment that no record claims lies in [floor, reserved): `left`. New writes go on from `reserved`.
 */

/** Numbers reserved at a time: one small commit for so many segments. */
const blockSize = 1024

export class SegmentNumbers {
  readonly #database: Database
  /** Blobs whose record is not committed, and whose segments may be in `bodies`. */
  readonly #inFlight = new Set<BlobId>()
  #next: number
  #reserved: number
  #reserving: Promise<void> | undefined
  #isClosed = false
  /** Numbers that an earlier run may have left without a record; undefined once they are cleared. */
  left: { first: number; end: number } | undefined

  constructor(database: Database) {
    this.#database = database
    const reserved = database.get(settings, ['segments-reserved']) ?? 0
    const floor = database.get(settings, ['segments-floor']) ?? 0
    this.#next = reserved
    this.#reserved = reserved
    if (floor < reserved) this.left = { first: floor, end: reserved }
  }

  /** Behind all that were given. */
  get next(): number {
    return this.#next
  }

  /**
   * A number that was never given before.
   * @throws StoreClosed once `end` was called: the next number is returned then, and one given after that would belong to two blobs
   */
  async take(): Promise<number> {
    this.#requireOpen()
    while (this.#next >= this.#reserved) await this.#reserve()
    this.#requireOpen()
    return this.#next++
  }

  /** The blob has segments, and no record. To be said before anyone else has a turn. */
  begin(id: BlobId): void {
    this.#inFlight.add(id)
  }

  /** The blob has a record, or no segments any more. */
  settle(id: BlobId): void {
    this.#inFlight.delete(id)
  }

  /** Gives out no more. */
  end(): void {
    this.#isClosed = true
  }

  /** Waits until none is being reserved. */
  async settled(): Promise<void> {
    await this.#reserving?.catch(() => undefined)
  }

  /** Returns those that were not given. */
  async returnRest(): Promise<void> {
    // After a reset the next generation keeps the reserved numbers.
    if (!this.#database.isOpen) return
    this.#reserved = this.#next
    await this.#note().catch((error) => {
      // On a full disk: the next start looks for orphans, as after an unclean end.
      if (!(error instanceof StoreUnavailable)) throw error
    })
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new StoreClosed()
  }

  #reserve(): Promise<void> {
    this.#reserving ??= this.#note(blockSize).finally(() => {
      this.#reserving = undefined
    })
    return this.#reserving
  }

  async #note(further = 0): Promise<void> {
    const reserved = this.#reserved + further
    const floor = this.#floor()
    await this.#database.transact((transaction) => {
      transaction.put(settings, ['segments-reserved'], reserved)
      transaction.put(settings, ['segments-floor'], floor)
    })
    this.#reserved = reserved
  }

  /** The smallest number that may now be in `bodies` without a record. */
  #floor(): number {
    let floor = Math.min(this.#next, this.left?.first ?? this.#next)
    for (const id of this.#inFlight) floor = Math.min(floor, id)
    return floor
  }
}
