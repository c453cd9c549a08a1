import { FileFault } from './store-damaged.ts'

/** Reads numbers and texts one behind the other, as LevelDB writes them (util/coding.h): 7 bits a byte, the lowest first. */
export class VarintReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** @throws FileFault */
  number(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) break
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new FileFault('ends within a number, or has one that is too large')
  }

  /** @throws FileFault */
  take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new FileFault('ends too early')
    const piece = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return piece
  }

  /** A text with its length before it. */
  prefixed(): Uint8Array {
    return this.take(this.number())
  }
}
