import type { IncomingMessage } from 'node:http'

/**
 * The body as it arrives. Node's own iterator registers eight listeners first and destroys the socket when the reader gives up;
 * a small body is mostly here already when it is asked for, and after a refusal the connection must live on. Nor a generator:
 * that would cost a small body more than its reading.
 */
export class IncomingBody implements AsyncIterableIterator<Uint8Array> {
  readonly #incoming: IncomingMessage
  readonly #length: number
  readonly #beforeBody: (() => void) | undefined
  #seen = 0
  #isBegun = false

  /** @param length where it was told: Node's parser holds the body to it, and tells of the end only after the last byte */
  constructor(incoming: IncomingMessage, length: number, beforeBody?: () => void) {
    this.#incoming = incoming
    this.#length = length
    this.#beforeBody = beforeBody
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** @throws Error when the connection breaks off before the body is whole */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isBegun) {
      this.#isBegun = true
      this.#beforeBody?.()
      // The parser tells of the head first, then of the body in the same packet: a step later a small body is here.
      await undefined
    }
    const incoming = this.#incoming
    while (this.#seen !== this.#length) {
      const value: Buffer | null = incoming.read()
      if (value !== null) {
        this.#seen += value.length
        return { done: false, value }
      }
      if (incoming.readableEnded || (incoming.complete && incoming.readableLength === 0)) break
      if (incoming.destroyed) throw incoming.errored ?? new Error('The connection broke off')
      await moreToRead(incoming)
    }
    return { done: true, value: undefined }
  }
}

/** Resolves when there is something to read, or nothing any more. */
function moreToRead(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      incoming.off('readable', settle).off('end', settle).off('error', settle).off('close', settle)
      resolve()
    }
    incoming.on('readable', settle).on('end', settle).on('error', settle).on('close', settle)
  })
}
