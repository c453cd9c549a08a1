import { type BatchOperation, CoalescedWrites } from './coalesced-writes.ts'
import { type Disk, freesSpace } from './disk.ts'
import type { Level } from './level.ts'
import { RecordCache } from './record-cache.ts'
import { RecordGarbage } from './record-garbage.ts'
import { StoreClosed } from './refusals.ts'
import { replaceRecords } from './replace-records.ts'
import type { State } from './state.ts'
import { type Addition, type Backing, type Changes, operationsOf } from './transaction.ts'

/** A record has about so many bytes. */
const recordBytes = 1024

/** The records of one generation as they are committed: read through the cache, written in batches that are coalesced. */
export class CommittedRecords implements Backing {
  /** What was overwritten and deleted. */
  readonly garbage: RecordGarbage
  readonly #level: Level<string>
  readonly #disk: Disk
  readonly #cache = new RecordCache({ entries: 1024, characters: 8 << 20 })
  readonly #writes: CoalescedWrites<string>
  #isOpen = true

  /** @param sync wait for the disk at every commit */
  constructor(level: Level<string>, disk: Disk, sync: boolean) {
    this.#level = level
    this.#disk = disk
    this.garbage = new RecordGarbage(level)
    this.#writes = new CoalescedWrites(level, { sync }, disk)
    disk.whenReopened = () => this.#cache.clear()
  }

  read(name: string): unknown {
    this.requireReadable()
    return this.#cache.get(name, () => this.#level.getSync(name))
  }

  hold(name: string): void {
    this.#cache.hold(name, this.read(name))
  }

  write(changes: Changes, additions: readonly Addition[]): Promise<void> {
    this.requireOpen()
    for (const [name, record] of changes) this.garbage.note(name, record?.text)
    const operations = operationsOf(changes, additions)
    if (this.#disk.hasSpaceFor(operations.length * recordBytes)) return this.#writes.write(operations)
    return this.#writeWithSpace(operations, freesSpace(changes, additions))
  }

  show(changes: Changes): void {
    for (const [name, record] of changes) this.#cache.written(name, record)
  }

  forget(changes: Changes): void {
    for (const name of changes.keys()) this.#cache.forget(name)
  }

  /** Resolves once every commit that was begun is written, and readers see it. */
  async settled(): Promise<void> {
    this.requireOpen()
    await this.#writes.write([])
  }

  /**
   * Takes another state's records in the place of those that are there.
   * @param stays which records are left as they are
   */
  async become(state: State, stays: (name: string) => boolean): Promise<void> {
    const write = (operations: BatchOperation<string>[]) => {
      for (const operation of operations) {
        this.garbage.note(operation.key, operation.type === 'put' ? operation.value : undefined)
      }
      return this.#writes.write(operations)
    }
    await replaceRecords({ records: this.#level, state, stays, write })
    this.#cache.clear()
  }

  /** A number that changes with every commit. */
  get count(): number {
    return this.#writes.count
  }

  /** False once `end` was called. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Lets nobody read, and no further write begin, and waits for those that LevelDB has. */
  async end(): Promise<void> {
    this.#isOpen = false
    await this.#writes.ended()
  }

  /** @throws StoreClosed */
  requireOpen(): void {
    if (!this.#isOpen) throw new StoreClosed()
  }

  /** Reads do not wait: while the databases are opened anew they are refused. */
  requireReadable(): void {
    this.requireOpen()
    this.#disk.requireReadable()
  }

  async #writeWithSpace(operations: readonly BatchOperation<string>[], freesSpace: boolean): Promise<void> {
    await this.#disk.findSpace(freesSpace)
    this.requireOpen()
    await this.#writes.write(operations)
  }
}
