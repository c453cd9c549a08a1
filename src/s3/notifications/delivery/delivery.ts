import { StoreClosed } from '../../../store/database.ts'
import { dueNotifications } from '../notification-record.ts'
import { DestinationQueue, type QueueOptions } from './destination-queue.ts'
import { Poster } from './post.ts'

/** Delivers notifications to their addresses, each destination by itself: one that is slow holds up no other, and no request. */
export class Delivery {
  readonly #poster = new Poster()
  readonly #ended = new AbortController()
  readonly #queues = new Map<string, DestinationQueue>()
  readonly #options: QueueOptions

  constructor(options: Omit<QueueOptions, 'poster' | 'signal'>) {
    this.#options = { ...options, poster: this.#poster, signal: this.#ended.signal }
  }

  /** Begins what is due: of one destination, or of all. */
  begin(destination?: string): void {
    if (destination !== undefined) void this.#queueOf(destination).begin()
    else this.#beginAll().catch((error) => this.#failed(error))
  }

  /** Resolves once everything that is due at this moment was tried. */
  async settled(): Promise<void> {
    await Promise.all(await this.#beginAll())
  }

  /** Ends what is under way; it stays due. */
  async close(): Promise<void> {
    this.#ended.abort()
    for (const queue of this.#queues.values()) queue.end()
    this.#poster.close()
    await Promise.all([...this.#queues.values()].map((queue) => queue.begin()))
  }

  async #beginAll(): Promise<Promise<void>[]> {
    const running: Promise<void>[] = []
    for await (const destination of this.#destinations()) running.push(this.#queueOf(destination).begin())
    return running
  }

  /** Every destination that something is due for, found by leaping from one to the next. */
  async *#destinations(): AsyncGenerator<string> {
    let after: [string] | undefined
    for (;;) {
      let next: string | undefined
      for await (const { key } of this.#options.database.entries(dueNotifications, { after, limit: 1 })) next = key[0]
      if (next === undefined) return
      yield next
      after = [next]
    }
  }

  /** When the store was closed meanwhile nothing is left to be delivered. */
  #failed(error: unknown): void {
    if (!(error instanceof StoreClosed)) this.#options.log.error('notifications cannot be read', error)
  }

  #queueOf(destination: string): DestinationQueue {
    const known = this.#queues.get(destination)
    if (known) return known
    const queue = new DestinationQueue(destination, this.#options)
    this.#queues.set(destination, queue)
    return queue
  }
}
