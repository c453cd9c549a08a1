import { type Database, settings, type Transaction } from '../store/database.ts'
import { recordKind } from '../store/keyspace.ts'
import type { Told } from './ruling.ts'

/*
 * Why calls ended as they did, of all services in one ring, so that what S3 asked of KMS stands behind its request:
 *
 *   in memory     the last 1,000 calls, allowed or refused: a note costs no more than a few references
 *   in the store  the last 1,000 refused ones: slot (number modulo 1,000) → explanation
 */

export interface Explanation {
  requestId: string
  /** The request on whose behalf the service was called. */
  causeId?: string
  /** Left out: KMS. */
  service?: 's3' | 'iam' | 'sts'
  /** ms since the epoch */
  time: number
  operation: string
  region: string
  caller: { arn: string; accountId: string }
  /** Undefined: the call succeeded. */
  error?: { code: string; message: string }
  /** Each question that was asked, in order. */
  rulings: readonly Told[]
}

/** What an explanation is made of, once somebody asks: references to what the call left behind, nothing secret among it. */
export interface Note {
  readonly requestId: string
  readonly causeId?: string
  explain(): Explanation
}

export const explanationRecords = recordKind<Explanation>()('explanation', ['integer'])
export const keptRefusals = 1000

export class Explanations<Kept extends Note = Note> {
  readonly #database: Database
  /** A ring: the oldest is where the next goes. */
  readonly #recent: Kept[] = []
  #noted = 0
  /** How many refusals were stored. */
  #stored: number

  constructor(database: Database) {
    this.#database = database
    this.#stored = database.get(settings, ['explanations']) ?? 0
  }

  keep(note: Kept): void {
    this.#recent[this.#noted % keptRefusals] = note
    this.#noted++
  }

  /** Stages the explanation of a refused call. */
  store(transaction: Transaction, explanation: Explanation): void {
    transaction.put(explanationRecords, [this.#stored % keptRefusals], explanation)
    this.#stored++
    transaction.put(settings, ['explanations'], this.#stored)
  }

  /** The notes in memory, oldest first. */
  inOrder(): Kept[] {
    const next = this.#noted % keptRefusals
    return [...this.#recent.slice(next), ...this.#recent.slice(0, next)]
  }

  /** Of the calls in memory that were made for another request: the id of each → the other's. */
  causes(): ReadonlyMap<string, string> {
    const causes = new Map<string, string>()
    for (const { requestId, causeId } of this.#recent) if (causeId !== undefined) causes.set(requestId, causeId)
    return causes
  }

  /**
   * @param id of a request, of the request that caused some, or `last`: the last one, and all that belongs to the same cause
   * @returns what is known, a cause before what it caused; nothing of calls that are too long ago, or of which nothing was asked
   */
  async find(id: string): Promise<Explanation[]> {
    const recent = chosen(this.inOrder(), id)
    if (recent.length > 0) return recent.map((note) => note.explain())
    const stored: { slot: number; explanation: Explanation }[] = []
    for await (const { key, value } of this.#database.entries(explanationRecords)) {
      stored.push({ slot: key[0], explanation: value })
    }
    stored.sort((a, b) => this.#ageOf(b.slot) - this.#ageOf(a.slot))
    const ordered = stored.map(({ explanation }) => explanation)
    return chosen(ordered, id)
  }

  /** How many refusals ago a slot was written. */
  #ageOf(slot: number): number {
    return (((this.#stored - 1 - slot) % keptRefusals) + keptRefusals) % keptRefusals
  }
}

interface Identified {
  readonly requestId: string
  readonly causeId?: string
}

function chosen<Entry extends Identified>(entries: readonly Entry[], id: string): Entry[] {
  if (id !== 'last') return causeFirst(entries.filter((entry) => isOf(entry, id)))
  const last = entries.at(-1)
  if (!last) return []
  const { requestId, causeId: cause } = last
  if (cause === undefined) return [last, ...entries.filter(({ causeId }) => causeId === requestId)]
  // Where nothing was asked about the cause itself, the last call stands alone.
  return entries.some((entry) => entry.requestId === cause) ? chosen(entries, cause) : [last]
}

/** A refusal of the cause is stored behind what it caused. */
function causeFirst<Entry extends Identified>(entries: readonly Entry[]): Entry[] {
  const causes = entries.filter(({ causeId }) => causeId === undefined)
  return [...causes, ...entries.filter(({ causeId }) => causeId !== undefined)]
}

function isOf({ requestId, causeId }: Identified, id: string): boolean {
  return requestId === id || causeId === id
}
