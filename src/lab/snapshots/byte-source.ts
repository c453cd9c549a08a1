/** Bytes of a stream, so many at a time. */
export class ByteSource {
  readonly #pieces: AsyncIterator<Uint8Array>
  #pending: Uint8Array[] = []
  #length = 0

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** @returns the next `length` bytes; fewer where the stream ends before */
  async take(length: number): Promise<Buffer> {
    while (this.#length < length && (await this.#pull())) {
      // The next piece may be enough.
    }
    const all = this.#pending.length === 1 && this.#pending[0] ? this.#pending[0] : Buffer.concat(this.#pending)
    const taken = all.subarray(0, length)
    const rest = all.subarray(taken.length)
    this.#pending = rest.length > 0 ? [rest] : []
    this.#length = rest.length
    return Buffer.from(taken.buffer, taken.byteOffset, taken.length)
  }

  /** Whether there is nothing more. */
  async isAtEnd(): Promise<boolean> {
    return this.#length === 0 && !(await this.#pull())
  }

  /** Needs no more of it. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async #pull(): Promise<boolean> {
    const { value, done = false } = await this.#pieces.next()
    if (done) return false
    this.#pending.push(value)
    this.#length += value.length
    return true
  }
}
