import { type Database, StoreClosed } from '../../store/database.ts'
import { StoreUnavailable } from '../../store/disk.ts'
import type { TrailRecord } from '../../trail/event.ts'
import type { Change } from '../answers.ts'
import type { ApiContext } from '../services.ts'
import { rowsOf } from './events.ts'

/** How often it is looked whether anything was committed, in ms: only while a page listens. */
const interval = 250
/** Looks without anything new until connections are kept awake. */
const longestQuiet = 60
const callsAtMost = 50

/*
 * What happens, as server-sent events, to all pages that listen: one look for all of them, and one text.
 *
 *   revision of the store ──the same──▶ nothing is read
 *                         ──another───▶ the newest calls ──▶ event: change    data: Change     to every page
 *
 * A page that is slow to take its text keeps none waiting: it is told that it missed something.
 */

/** A page that listens: what it is to be told, and what wakes it. */
interface Listener {
  pending?: Buffer
  wake?: () => void
}

const listening = Buffer.from(': listening\n\n')
const nothingNew = Buffer.from(': nothing new\n\n')
const somethingMissed = textOf({ calls: [], isMore: true })

export class ChangeStream {
  readonly #context: () => ApiContext
  readonly #failed: (error: Error) => void
  readonly #listeners = new Set<Listener>()
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #quiet = 0
  /** The generation of the store that was looked at, and how it stood. */
  #database: Database | undefined
  #revision = -1
  /** The newest calls, as they were seen last. */
  #seen = new Set<string>()

  /**
   * @param context as it is when one is asked: a reset makes another
   * @param failed told of what went wrong here, and goes on
   */
  constructor(context: () => ApiContext, failed: (error: Error) => void) {
    this.#context = context
    this.#failed = failed
  }

  /** @param signal aborted when nobody listens any more */
  async *listen(signal: AbortSignal): AsyncGenerator<Buffer> {
    const listener: Listener = {}
    const wake = () => listener.wake?.()
    signal.addEventListener('abort', wake)
    try {
      await this.#join(listener)
      yield listening
      while (!signal.aborted) {
        const { pending } = listener
        listener.pending = undefined
        if (pending) yield pending
        else await new Promise<void>((resolve) => (listener.wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', wake)
      this.#leave(listener)
    }
  }

  async #join(listener: Listener): Promise<void> {
    if (this.#listeners.size === 0) await this.#look()
    this.#listeners.add(listener)
    this.#timer ??= setInterval(() => void this.#tell(), interval).unref()
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #tell(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const change = await this.#look().catch(this.#failed)
    this.#isLooking = false
    if (change) this.#broadcast(textOf(change), somethingMissed)
    else if (++this.#quiet >= longestQuiet) this.#broadcast(nothingNew, nothingNew)
  }

  /** @param instead what they get who have not yet taken what they were told before */
  #broadcast(text: Buffer, instead: Buffer): void {
    this.#quiet = 0
    for (const listener of this.#listeners) {
      listener.pending = listener.pending === undefined ? text : instead
      listener.wake?.()
    }
  }

  /** @returns what is new; undefined: nothing is, or nothing can be read now */
  async #look(): Promise<Change | undefined> {
    const context = this.#context()
    const { database } = context.services.inProcess
    // Read first: what is committed meanwhile is looked for the next time.
    const { revision } = database
    const isOther = database !== this.#database
    if (!isOther && revision === this.#revision) return undefined
    const newest = await newestCalls(context)
    if (!newest) return undefined
    const fresh = newest.filter(({ eventID }) => !this.#seen.has(eventID))
    const isMore = isOther || (newest.length === callsAtMost && fresh.length === callsAtMost)
    this.#seen = new Set(newest.map(({ eventID }) => eventID))
    this.#database = database
    this.#revision = revision
    return { calls: rowsOf(context, fresh), isMore }
  }
}

/** Of both kinds: what KMS was asked, and what S3 did with objects where that is recorded. Undefined while nothing can be read. */
async function newestCalls({ services, settings }: ApiContext): Promise<TrailRecord[] | undefined> {
  const { accountId, region, trailDataEvents } = settings
  const query = { accountId, region, limit: callsAtMost }
  try {
    const { records } = await (trailDataEvents ? services.allEvents(query) : services.lookupEvents(query))
    return records
  } catch (error) {
    if (error instanceof StoreClosed || error instanceof StoreUnavailable) return undefined
    throw error
  }
}

function textOf(change: Change): Buffer {
  return Buffer.from(`event: change\ndata: ${JSON.stringify(change)}\n\n`)
}
