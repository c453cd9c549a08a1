/**
 * What the records that were read last hold, as bytes. LevelDB's `get` takes a mutex that its writer threads hold as well: a
 * read on the main thread would wait for them, and a small request reads a dozen records. An entry is replaced when a batch
 * is written, never before: readers see what is committed.
 */
export class RecordCache {
  readonly #entries = new Map<string, Buffer | undefined>()
  readonly #capacity: number
  readonly #largest: number

  /** @param capacity entries; the one unused for longest goes first. @param largest bytes of a value that is still kept */
  constructor(capacity: number, largest: number) {
    this.#capacity = capacity
    this.#largest = largest
  }

  /** The record's bytes, or undefined when there is none; read through `read` when it is not known. */
  get(key: Buffer, read: (key: Buffer) => Buffer | undefined): Buffer | undefined {
    const name = key.toString('latin1')
    const known = this.#entries.get(name)
    if (known !== undefined || this.#entries.has(name)) {
      this.#entries.delete(name)
      this.#entries.set(name, known)
      return known
    }
    const found = read(key)
    this.#put(name, found)
    return found
  }

  /** A batch was written: what is kept of its keys is replaced, what is not kept stays so. */
  written(key: Buffer, value: Buffer | undefined): void {
    const name = key.toString('latin1')
    if (!this.#entries.delete(name)) return
    this.#put(name, value)
  }

  /** What a batch did that failed is not known. */
  forget(key: Buffer): void {
    this.#entries.delete(key.toString('latin1'))
  }

  clear(): void {
    this.#entries.clear()
  }

  #put(name: string, value: Buffer | undefined): void {
    if (value !== undefined && value.length > this.#largest) return
    this.#entries.set(name, value)
    if (this.#entries.size <= this.#capacity) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      return
    }
  }
}
