import type { Database, Transaction } from '../../store/database.ts'
import { recordKind } from '../../store/keyspace.ts'

/** Source bucket, time in ms, place and request id → a line of its access log, until it is delivered. */
export const accessLogLineRecords = recordKind<string>()('accessLogLine', ['string', 'integer', 'string'])

export interface AccessLogLine {
  bucket: string
  /** ms since the epoch: when the request came */
  time: number
  /** Of the request, which makes it the only one; in a line that waits its place among those of one millisecond is before it. */
  id: string
  /** Without its end of line. */
  text: string
}

/**
 * The lines of access logs that wait for their delivery. They are written when the answer is under way: S3 delivers them by best
 * effort, and so the last ones before a kill may be lost.
 */
export class AccessLogLines {
  readonly #database: Database
  readonly #writes = new Set<Promise<void>>()
  #count = 0

  constructor(database: Database) {
    this.#database = database
  }

  /** Begins to write lines; what fails is told to `failed`. */
  add(lines: readonly AccessLogLine[], failed: (error: unknown) => void): void {
    const write = this.#database
      .transact((transaction) => {
        for (const { bucket, time, id, text } of lines) {
          const place = String(++this.#count).padStart(12, '0')
          transaction.put(accessLogLineRecords, [bucket, time, `${place}-${id}`], text)
        }
      })
      .catch(failed)
      .finally(() => this.#writes.delete(write))
    this.#writes.add(write)
  }

  /** Whether any wait. */
  async areThere(): Promise<boolean> {
    for await (const _ of this.all(1)) return true
    return false
  }

  /** Those that wait, by source bucket and time. */
  async *all(limit?: number): AsyncGenerator<AccessLogLine> {
    await Promise.all(this.#writes)
    for await (const { key, value } of this.#database.entries(accessLogLineRecords, { limit })) {
      const [bucket, time, id] = key
      yield { bucket, time, id, text: value }
    }
  }

  delete(transaction: Transaction, lines: readonly AccessLogLine[]): void {
    for (const { bucket, time, id } of lines) transaction.delete(accessLogLineRecords, [bucket, time, id])
  }
}
