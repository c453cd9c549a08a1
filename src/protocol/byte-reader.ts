/** Reads lines and runs of bytes from a stream, copying nothing but lines that lie across two of its pieces. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array(0)
  #position = 0
  #cutShort = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]()
  }

  /** True once the stream ended inside a line, or a line was too long. */
  get cutShort(): boolean {
    return this.#cutShort
  }

  /**
   * Loads the next piece; what is buffered must be used up.
   * @returns false at the end of the stream
   */
  async fill(): Promise<boolean> {
    const { done, value } = await this.#pieces.next()
    if (done) return false
    this.#piece = value
    this.#position = 0
    return true
  }

  /**
   * Up to `limit` bytes of those already here, as a view.
   * @returns undefined when none are: call {@link fill}
   */
  buffered(limit: number): Uint8Array | undefined {
    const left = this.#piece.length - this.#position
    if (left === 0) return undefined
    const start = this.#position
    this.#position += Math.min(left, limit)
    return this.#piece.subarray(start, this.#position)
  }

  /**
   * The next line without its ending (line feed, with or without a carriage return before it).
   * @param limit longest line, in bytes
   * @returns undefined at the end of the stream, or where there is no such line
   */
  async line(limit: number): Promise<string | undefined> {
    let text = ''
    for (;;) {
      const end = this.#piece.indexOf(10, this.#position)
      const stop = end < 0 ? this.#piece.length : end
      if (text.length + stop - this.#position > limit + 1) return this.#noLine()
      text += Buffer.from(this.#piece.buffer, this.#piece.byteOffset + this.#position, stop - this.#position).toString(
        'latin1',
      )
      this.#position = end < 0 ? stop : stop + 1
      if (end >= 0) return text.endsWith('\r') ? text.slice(0, -1) : text
      if (!(await this.fill())) return text === '' ? undefined : this.#noLine()
    }
  }

  #noLine(): undefined {
    this.#cutShort = true
    return undefined
  }

  /** Gives the stream up before its end. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }
}
