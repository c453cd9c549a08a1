import type { IncomingMessage } from 'node:http'
import { authenticationErrors } from './authentication-errors.ts'

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
  #failure: Error | undefined
  /** While a reader waits: ends its wait. */
  #wake: (() => void) | undefined
  #isTimed = false

  /** @param length where it was sent: Node's parser enforces it, and reports the end only after the last byte */
  constructor(incoming: IncomingMessage, length: number, beforeBody?: () => void) {
    this.#incoming = incoming
    this.#length = length
    this.#beforeBody = beforeBody
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Whether the client waits for `100 Continue` still: nothing comes before it. */
  get isHeldBack(): boolean {
    return this.#beforeBody !== undefined && !this.#isBegun
  }

  /** Bytes that were not read, those included that have still to come; Infinity where no length was sent. */
  get rest(): number {
    if (this.#failure) return Number.POSITIVE_INFINITY
    if (this.#incoming.complete) return this.#incoming.readableLength
    if (!Number.isNaN(this.#length)) return this.#length - this.#seen
    return this.#incoming.headers['transfer-encoding'] === undefined ? 0 : Number.POSITIVE_INFINITY
  }

  /** Reads the rest and discards it, up to about `limit` bytes: what stays unread would be parsed as the next request. */
  async discard(limit: number): Promise<void> {
    try {
      for (let taken = 0; taken <= limit; ) {
        const { done, value } = await this.next()
        if (done) return
        taken += value.length
      }
    } catch {
      // The client is gone or has stopped: there is nothing left to read.
    }
  }

  /** @throws Error when the connection breaks off before the body is whole; AwsError RequestTimeout when nothing comes any more */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (!this.#isBegun) {
      this.#isBegun = true
      this.#beforeBody?.()
      // The parser reports the head before the body of the same packet: a step later a small body is here.
      await undefined
    }
    const incoming = this.#incoming
    if (this.#failure) throw this.#failure
    while (this.#seen !== this.#length) {
      const value: Buffer | null = incoming.read()
      if (value !== null) {
        this.#seen += value.length
        return { done: false, value }
      }
      if (incoming.readableEnded || (incoming.complete && incoming.readableLength === 0)) break
      if (incoming.destroyed) throw incoming.errored ?? new Error('The connection broke off')
      await this.#moreToRead()
      if (this.#failure) throw this.#failure
    }
    return { done: true, value: undefined }
  }

  /** Resolves when there is something to read, or nothing any more. */
  #moreToRead(): Promise<void> {
    const incoming = this.#incoming
    if (!this.#isTimed) {
      this.#isTimed = true
      incoming.on('timeout', () => this.#stopped())
    }
    return new Promise((resolve) => {
      const settle = () => {
        this.#wake = undefined
        incoming.off('readable', settle).off('end', settle).off('error', settle).off('close', settle)
        resolve()
      }
      this.#wake = settle
      incoming.on('readable', settle).on('end', settle).on('error', settle).on('close', settle)
    })
  }

  /** The connection was idle for too long: the reader that waits for the body, if there is one, gets the error and answers. */
  #stopped(): void {
    const wake = this.#wake
    if (!wake || this.#failure) {
      this.#incoming.destroy()
      return
    }
    this.#failure = authenticationErrors.RequestTimeout()
    wake()
  }
}
