import type { Level } from './level.ts'

export type BatchOperation<Content extends string | Buffer> =
  | { type: 'put'; key: Content; value: Content }
  | { type: 'del'; key: Content }

/** What watches over the writes. */
interface WatchedDisk {
  /** @throws Error when nothing may be written now */
  requireWritable(): void
  /** @returns the error that the callers of the write get */
  failed(error: unknown): Error
}

/** A batch that still takes operations, and the promise of its being written. */
type Gathering<Content extends string | Buffer> = { operations: BatchOperation<Content>[]; written: Promise<void> }

/**
 * Writes of one turn travel in one batch; while a batch is being written the next one gathers.
 *
 *   turn 1   a  b  c ──▶ batch (a b c) ──────▶ written: a, b and c resolve together
 *   turn 2            d  e … gather ─────────▶ batch (d e …)
 *
 * Waking LevelDB's thread costs more than a small write itself: a busy server wakes it once for many requests.
 */
export class CoalescedWrites<Content extends string | Buffer> {
  readonly #level: Level<Content>
  readonly #options: object
  readonly #disk: WatchedDisk
  #gathering: Gathering<Content> | undefined
  /** Settles (never rejects) when the last batch begun is written; undefined when none is. */
  #lastWrite: Promise<void> | undefined
  #count = 0

  /**
   * @param options.sync wait for the disk
   * @param disk asked before each batch, and notified of one that failed
   */
  constructor(level: Level<Content>, options: { sync: boolean }, disk: WatchedDisk) {
    this.#level = level
    this.#options = options
    this.#disk = disk
  }

  /** Resolves once LevelDB has the operations; all of them, or with the batch none. */
  write(operations: readonly BatchOperation<Content>[]): Promise<void> {
    this.#gathering ??= this.#gather()
    this.#gathering.operations.push(...operations)
    return this.#gathering.written
  }

  /** How many batches were written: who has seen this number has seen all that there is. */
  get count(): number {
    return this.#count
  }

  /** A batch that gathers begins only when the last one is written: waits until there is none left. */
  async ended(): Promise<void> {
    while (this.#lastWrite) await this.#lastWrite
  }

  #gather(): Gathering<Content> {
    const operations: BatchOperation<Content>[] = []
    const previous = this.#lastWrite
    const write = async () => {
      if (previous) await previous
      else await endOfTurn()
      this.#gathering = undefined
      await this.#writeBatch(operations)
    }
    const written = write()
    const settled: Promise<void> = written
      .catch(() => undefined)
      .then(() => {
        if (this.#lastWrite === settled) this.#lastWrite = undefined
      })
    this.#lastWrite = settled
    return { operations, written }
  }

  /** A chained batch: an array costs abstract-level a copy and several look-ups an operation, nearly twice the time. */
  async #writeBatch(operations: readonly BatchOperation<Content>[]): Promise<void> {
    this.#disk.requireWritable()
    const batch = this.#level.batch()
    for (const operation of operations) {
      if (operation.type === 'put') batch.put(operation.key, operation.value)
      else batch.del(operation.key)
    }
    try {
      await batch.write(this.#options)
      this.#count++
    } catch (error) {
      throw this.#disk.failed(error)
    }
  }
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
