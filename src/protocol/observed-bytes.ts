/** Sees the bytes of a stream pass. What it throws ends the stream. */
export interface BytesObserver {
  piece(bytes: Uint8Array): void
  /** The source has ended. */
  end(): void
  /** The source failed. @returns the error that the reader gets */
  failed?(error: unknown): unknown
}

/**
 * A stream whose bytes are seen passing. By hand, because an async generator costs a small body more than its hash. Several
 * observers see each piece one after another, the first one first: a stream behind a stream would cost as much again.
 */
export function observed(source: AsyncIterable<Uint8Array>, observer: BytesObserver): AsyncIterable<Uint8Array> {
  if (source instanceof ObservedBytes) return source.seenBy(observer)
  return new ObservedBytes(source[Symbol.asyncIterator](), [observer])
}

class ObservedBytes implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: AsyncIterator<Uint8Array>
  readonly #observers: readonly BytesObserver[]
  #isOver = false

  constructor(source: AsyncIterator<Uint8Array>, observers: readonly BytesObserver[]) {
    this.#source = source
    this.#observers = observers
  }

  /** The same stream, seen by one more. */
  seenBy(observer: BytesObserver): ObservedBytes {
    return new ObservedBytes(this.#source, [...this.#observers, observer])
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
      throw this.#failureAfter(-1, error)
    }
    this.#isOver = result.done === true
    for (let index = 0; index < this.#observers.length; index++) {
      try {
        if (result.done) this.#observers[index]?.end()
        else this.#observers[index]?.piece(result.value)
      } catch (error) {
        await this.return()
        throw this.#failureAfter(index, error)
      }
    }
    return result
  }

  /** The error that the reader gets: each observer behind the one that failed may replace it by its own. */
  #failureAfter(place: number, error: unknown): unknown {
    return this.#observers.slice(place + 1).reduce((failure, observer) => observer.failed?.(failure) ?? failure, error)
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isOver = true
    await this.#source.return?.()
    return { done: true, value: undefined }
  }
}
