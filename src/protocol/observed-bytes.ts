/** Sees the bytes of a stream pass. What it throws ends the stream. */
export interface BytesObserver {
  piece(bytes: Uint8Array): void
  /** The source has ended. */
  end(): void
  /** The source failed. @returns what its reader is told */
  failed?(error: unknown): unknown
}

/**
 * A stream whose bytes are seen passing. By hand, because an async generator costs a small body more than its hash, and
 * there are several observers one behind the other.
 */
export function observed(source: AsyncIterable<Uint8Array>, observer: BytesObserver): AsyncIterable<Uint8Array> {
  return new ObservedBytes(source[Symbol.asyncIterator](), observer)
}

class ObservedBytes implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #observer: BytesObserver
  #isOver = false

  constructor(source: AsyncIterator<Uint8Array>, observer: BytesObserver) {
    this.#source = source
    this.#observer = observer
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return { done: true, value: undefined }
    let result: IteratorResult<Uint8Array>
    try {
      result = await this.#source.next()
    } catch (error) {
      this.#isOver = true
      throw this.#observer.failed?.(error) ?? error
    }
    try {
      this.#isOver = result.done === true
      if (result.done) this.#observer.end()
      else this.#observer.piece(result.value)
    } catch (error) {
      await this.return()
      throw error
    }
    return result
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isOver = true
    await this.#source.return?.()
    return { done: true, value: undefined }
  }
}
