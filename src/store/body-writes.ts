import { Turns } from '../turns.ts'
import { type BatchOperation, CoalescedWrites } from './coalesced-writes.ts'
import type { Disk } from './disk.ts'
import type { Level } from './level.ts'

export interface BodyWritesOptions {
  /** Wait for the disk. */
  sync: boolean
  isMemory: boolean
  /** @throws StoreClosed once nothing more may be written */
  requireOpen(): void
}

/** Puts and deletes the segments of bodies. */
export class BodyWrites {
  readonly #bodies: Level<Buffer>
  readonly #disk: Disk
  readonly #options: BodyWritesOptions
  /** Of small bodies, and deletions. */
  readonly #batches: CoalescedWrites<Buffer>
  /** One put in LevelDB and one that waits: LevelDB copies more of them into one batch, and eight writers would be slower than one. */
  readonly #segmentPuts = new Turns(2)

  constructor(bodies: Level<Buffer>, disk: Disk, options: BodyWritesOptions) {
    this.#bodies = bodies
    this.#disk = disk
    this.#options = options
    this.#batches = new CoalescedWrites(bodies, { sync: options.sync }, disk)
  }

  /** Puts the segment of a small body, in one batch with others; `bytes` may be used again once this resolves. */
  putSmall(key: Buffer, bytes: Uint8Array): Promise<void> {
    this.#options.requireOpen()
    const operations = [{ type: 'put', key, value: this.#owned(bytes) } as const]
    if (this.#disk.hasSpaceFor(bytes.length)) return this.#batches.write(operations)
    return this.#writeWithSpace(operations, false)
  }

  /**
   * Puts a segment when it has its turn.
   * @param takeKey asked when the turn has come
   * @returns when the put has begun, and `bytes` may be used again: its end
   */
  async putSegment(takeKey: () => Promise<Buffer>, bytes: Uint8Array): Promise<{ ended: Promise<void> }> {
    const endTurn = await this.#segmentPuts.take()
    try {
      if (!this.#disk.hasSpaceFor(bytes.length)) await this.#disk.findSpace(false)
      const key = await takeKey()
      this.#options.requireOpen()
      this.#disk.requireWritable()
      const ended = this.#put(key, bytes)
      ended.then(endTurn, endTurn)
      return { ended }
    } catch (error) {
      endTurn()
      throw error
    }
  }

  async delete(keys: readonly Buffer[]): Promise<void> {
    this.#options.requireOpen()
    const operations = keys.map((key) => ({ type: 'del', key }) as const)
    if (this.#disk.hasSpaceFor(0)) await this.#batches.write(operations)
    else await this.#writeWithSpace(operations, true)
  }

  /** Waits for the writes that LevelDB has, and for the turns of those that are refused. */
  async ended(): Promise<void> {
    await Promise.all([this.#batches.ended(), this.#segmentPuts.ended()])
  }

  async #put(key: Buffer, bytes: Uint8Array): Promise<void> {
    try {
      await this.#bodies.put(key, this.#owned(bytes), { sync: this.#options.sync } as object)
    } catch (error) {
      throw this.#disk.failed(error)
    }
  }

  async #writeWithSpace(operations: readonly BatchOperation<Buffer>[], freesSpace: boolean): Promise<void> {
    await this.#disk.findSpace(freesSpace)
    this.#options.requireOpen()
    await this.#batches.write(operations)
  }

  /** The value as it may be kept: memory-level keeps a reference to what it is given, LevelDB copies. */
  #owned(bytes: Uint8Array): Buffer {
    if (this.#options.isMemory) return Buffer.from(bytes)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}
